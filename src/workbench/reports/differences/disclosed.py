"""What two versions, read side by side, may show of few people: neither hides a number that the other gives back.

Both versions passed their checks, each by itself. The difference of two counts that may be shown can be few people, so
that numbers from which such a difference follows are not shown together.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.present.disclosure import CMS, NOT_ATTRIBUTES, PROFILES, Profile
from workbench.present.result import Metric

COUNT_NO_PEOPLE = frozenset({"checks", "days"})
"""Units in which whole numbers are no counts of people, nor of what is recorded of them."""


def stricter_profile(*parameters: Mapping[str, Any]) -> Profile:
    """The profile that hides more, of those by which two versions were made."""
    profiles = [PROFILES.get(str(each.get("disclosure")), CMS) for each in parameters]
    return max(profiles, key=lambda profile: profile.few)


def few_between(before: Metric, after: Metric, profile: Profile) -> bool:
    """Whether both values of a metric, shown together, would tell of few people who lie between two versions."""
    return any(0 < abs(after - before) <= profile.few for before, after in _counts(before, after)) or any(
        # Nobody of those who came in between is few, too. A posterior is not the share that was seen, so that events
        # are known to less than one.
        abs(after - before) < profile.few + 1
        for before, after in _events(before, after)
    )


def _counts(before: Metric, after: Metric) -> Iterator[tuple[float, float]]:
    """The whole numbers, before and after, that a metric's values are or are made of."""
    has_people_shown = _is_share(after) or not set(after.of) <= NOT_ATTRIBUTES
    if before.n is not None and after.n is not None and has_people_shown:
        yield before.n, after.n
    values = before.value, after.value
    # An estimate, which has an interval, is no count though it be whole.
    may_count = after.unit not in COUNT_NO_PEOPLE and after.low is None
    if may_count and all(value is not None and value.is_integer() for value in values):
        yield before.value or 0, after.value or 0


def _events(before: Metric, after: Metric) -> Iterator[tuple[float, float]]:
    """People with and without the event, before and after, where a metric is another share of people than before."""
    if before.n is None or after.n is None or before.value is None or after.value is None:
        return
    if _is_share(after) and (before.n, before.value) != (after.n, after.value):
        yield before.n * before.value, after.n * after.value
        yield before.n * (1 - before.value), after.n * (1 - after.value)


def _is_share(metric: Metric) -> bool:
    return metric.unit == "probability" and "versus" not in metric.of
