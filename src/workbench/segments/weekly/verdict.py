"""The verdict of a review: the groups still fit, fit with something to look at, or are out of date."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Literal

from workbench.segments.verdict import OLDEST_DATA
from workbench.segments.weekly.review import Review

ReviewDecision = Literal["fit_for_use", "fit_with_findings", "not_fit", "no_groups", "invalid"]
# Of these alarms each says that the groups are no longer what they were found to be.
OUT_OF_DATE = frozenset({"dissolving", "yardstick", "scatter", "certainty"})


@dataclass(frozen=True)
class ReviewVerdict:
    """What the rule says; `is_current` whether the data reach up to the day."""

    decision: ReviewDecision
    is_current: bool


def decide(review: Review) -> ReviewVerdict:
    """Data first; then whether there are groups; then the alarms."""
    as_of = datetime.combine(review.settings.as_of, time(), UTC)
    is_current = as_of - review.data_until <= OLDEST_DATA
    if not is_current:
        return ReviewVerdict("invalid", is_current)
    if review.definition is None:
        return ReviewVerdict("no_groups", is_current)
    # What rules define is what they say, whoever is in it: it calls for a look, and is never out of date.
    if not review.definition.by_rules and any(alarm.kind in OUT_OF_DATE for alarm in review.alarms):
        return ReviewVerdict("not_fit", is_current)
    return ReviewVerdict("fit_with_findings" if review.alarms else "fit_for_use", is_current)
