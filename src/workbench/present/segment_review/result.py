"""The typed result of a segment review."""

from workbench.present.disclosure import PROFILES, hide_metrics
from workbench.present.result import HeadlineMetric, Metric, StudyResult
from workbench.present.segment_review.sentences import checks_in_words, verdict_in_words
from workbench.present.segment_review.tables import review_tables
from workbench.segments.weekly.review import Review
from workbench.segments.weekly.verdict import ReviewVerdict


def review_result(review: Review, verdict: ReviewVerdict) -> StudyResult:
    """Everything the report shows and `results.json` holds, with small cells hidden.

    Args:
        review: from `review_groups`.
        verdict: from `decide`.
    """
    profile = PROFILES[review.settings.disclosure]
    tables = review_tables(review)
    return StudyResult(
        study="segment_review",
        as_of=review.settings.as_of.isoformat(),
        data_until=review.data_until.isoformat(timespec="minutes"),
        verdict=verdict_in_words(review, verdict, tables),
        metrics=hide_metrics(_metrics(review), tables, profile),
        checks=checks_in_words(review, verdict),
        tables=tables,
        headline_metric=HeadlineMetric(name="alarms", of={}, label="Alarms that call for a look"),
    )


def _metrics(review: Review) -> list[Metric]:
    metrics = [
        Metric(name="alarms", of={}, value=len(review.alarms), direction="lower_is_better", unit="alarms")
    ]
    if review.movement is not None:
        # Shares in whole thousandths: the number of people is told by tables that passed.
        share = review.movement.expected / max(review.movement.people, 1)
        metrics.append(
            Metric(
                name="moves_by_noise", of={"model": "unchanged"}, value=round(share, 3), unit="share of people"
            )
        )
    if review.weeks:
        metrics.append(
            Metric(
                name="certainty",
                of={"model": "definition"},
                value=review.weeks[-1].condition.certainty,
                direction="higher_is_better",
                unit="mean probability",
            )
        )
    return metrics
