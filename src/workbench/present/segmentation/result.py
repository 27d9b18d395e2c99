"""The typed result of a segmentation."""

from workbench.present.disclosure import PROFILES, Profile, hide_metrics
from workbench.present.result import HeadlineMetric, Metric, StudyResult
from workbench.present.segmentation.checks import checks_in_words, speaking
from workbench.present.segmentation.outcomes import outcome_metrics
from workbench.present.segmentation.sentences import verdict_in_words
from workbench.present.segmentation.tables import segmentation_tables
from workbench.present.segmentation.use_sections import use_tables
from workbench.segments.analysis import Analysis
from workbench.segments.verdict import SegmentationVerdict


def segmentation_result(analysis: Analysis, verdict: SegmentationVerdict) -> StudyResult:
    """Everything the report shows and `results.json` holds, with small cells hidden.

    Args:
        analysis: from `analyze`.
        verdict: from `decide`.
    """
    profile = PROFILES[analysis.settings.disclosure]
    tables = [*segmentation_tables(analysis, profile), *use_tables(analysis, profile)]
    return StudyResult(
        study="segmentation",
        as_of=analysis.settings.as_of.isoformat(),
        data_until=analysis.people.data_until.isoformat(timespec="minutes"),
        verdict=verdict_in_words(analysis, verdict),
        metrics=hide_metrics(
            [*_metrics(analysis, profile), *outcome_metrics(analysis, profile)], tables, profile
        ),
        checks=checks_in_words(analysis, verdict),
        tables=tables,
        headline_metric=_headline_metric(analysis),
    )


def _headline_metric(analysis: Analysis) -> HeadlineMetric | None:
    """How surely the least stable group is found again, by the number of groups that the report speaks of."""
    if analysis.grouping is None or not analysis.grouping.candidates:
        return None
    spoken_of = f"{speaking(analysis.grouping).groups} groups"
    return HeadlineMetric(
        name="least_stability",
        of={"model": spoken_of},
        label=f"Stability of the least stable of {spoken_of} (Jaccard)",
        digits=2,
    )


def _metrics(analysis: Analysis, profile: Profile) -> list[Metric]:
    metrics: list[Metric] = []
    if analysis.grouping is not None:
        for each in analysis.grouping.candidates:
            of = {"model": f"{each.groups} groups"}
            metrics += [
                Metric(name="gain_over_continuum", of=of, value=each.gain, unit="fit"),
                Metric(name="chance_in_continuum", of=of, value=each.chance, unit="probability"),
                Metric(name="least_stability", of=of, value=min(each.stability), unit="Jaccard"),
            ]
    # As shown: what is rounded would follow from an exact share.
    total = profile.rounded(analysis.everyone.people)
    metrics += [
        Metric(
            name="group_share",
            of={"segment": group.letter},
            value=profile.rounded(group.people) / total,
            unit="probability",
            n=total,
        )
        for group in analysis.groups
    ]
    if analysis.rules is not None:
        metrics.append(
            Metric(
                name="rule_fidelity",
                of={"model": "rules"},
                value=analysis.rules.fidelity,
                direction="higher_is_better",
                unit="share of people",
            )
        )
    return metrics
