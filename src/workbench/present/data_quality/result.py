"""The typed result of a data quality study."""

from workbench.outreach.inspection import Inspection
from workbench.outreach.verdict import DataQualityDecision
from workbench.present.data_quality.sentences import checks_in_words, verdict_in_words
from workbench.present.data_quality.shares import column_shares, months_of
from workbench.present.data_quality.tables import quality_tables
from workbench.present.disclosure import PROFILES, Profile, hide_metrics
from workbench.present.result import HeadlineMetric, Metric, StudyResult
from workbench.tables.quality.rule import Answer


def quality_result(inspection: Inspection, decision: DataQualityDecision) -> StudyResult:
    """Everything the report shows and `results.json` holds, with small cells hidden.

    Args:
        inspection: from `inspect_tables`.
        decision: from `decide`.
    """
    settings = inspection.settings
    profile = PROFILES[settings.disclosure]
    months = months_of(inspection.days, settings.as_of, settings.months_shown)
    shares = column_shares(inspection.days, months, profile)
    tables = quality_tables(inspection, shares, months, profile)
    until = inspection.data_until
    return StudyResult(
        study="data_quality",
        as_of=settings.as_of.isoformat(),
        data_until=until.isoformat(timespec="minutes") if until else None,
        verdict=verdict_in_words(inspection, decision, profile),
        metrics=hide_metrics(_metrics(inspection, profile), tables, profile),
        checks=checks_in_words(inspection),
        tables=tables,
        headline_metric=HeadlineMetric(name="checks_held", of={}, label="Checks that held"),
    )


def _metrics(inspection: Inspection, profile: Profile) -> list[Metric]:
    counts = {
        "checks_held": inspection.with_status("passed"),
        "faults": inspection.with_status("fault"),
        "findings": inspection.with_status("finding"),
        "checks_not_asked": inspection.with_status("not_asked"),
    }
    metrics = [Metric(name=name, of={}, value=len(answers), unit="checks") for name, answers in counts.items()]
    metrics += [
        Metric(
            name="concerned",
            of={"rule": answer.rule.name},
            value=_shown(answer, profile),
            direction="lower_is_better",
            unit=answer.rule.unit,
        )
        for answer in inspection.with_status("fault", "finding")
    ]
    return metrics


def _shown(answer: Answer, profile: Profile) -> int | None:
    """The rows concerned as the table tells them; None where they are few, or all but few."""
    counts = answer.counts
    if counts is None:
        return None
    if answer.rule.unit == "days":
        return counts.concerned
    few = (counts.concerned, counts.looked_at - counts.concerned, counts.people or 0)
    return None if any(profile.is_few(number) for number in few) else profile.rounded(counts.concerned)
