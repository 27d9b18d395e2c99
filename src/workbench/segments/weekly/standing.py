"""Whether a frozen definition still stands, by the people of one day.

Groups that were found go out of date: they dissolve, or fit people worse than they did. Groups that rules define do
not, and cannot be found anew; those who approved the rules are asked where nobody is in one any more, or where
everybody has moved in a measure that they ask of.
"""

from collections.abc import Iterator

from workbench.segments.weekly.alarms import Alarm, Condition, groups_at_risk, groups_of_nobody, worse_fit
from workbench.segments.weekly.definition import Frozen


def standing_alarms(frozen: Frozen, now: Condition) -> Iterator[Alarm]:
    """What calls for a look in how the groups are now; `now` with the scatter about the refit's centers."""
    refit = frozen.definition.refit.condition
    if frozen.rules is None:
        yield from groups_at_risk(now, frozen.settings.smallest_group)
        yield from worse_fit(now, refit)
        return
    yield from groups_of_nobody(now, refit)
    for alarm in worse_fit(now, refit):
        # Rules ask of values: how far people lie from a center says nothing of them.
        if alarm.kind == "yardstick" and frozen.yardstick.features[alarm.about or 0].feature in frozen.measures:
            yield alarm
