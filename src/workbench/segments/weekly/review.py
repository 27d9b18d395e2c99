"""A review: the groups of a frozen definition on each week, who moved, what is noise, and what calls for a look."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
import pandas as pd

from workbench.project import project_root
from workbench.segments.analysis import analyze
from workbench.segments.features import Feature, Kind
from workbench.segments.methods.rules_file import declared_rules
from workbench.segments.weekly.alarms import (
    Alarm,
    Condition,
    drifting_shares,
    in_order,
)
from workbench.segments.weekly.definition import Definition, Frozen, define
from workbench.segments.weekly.followed import WEEK, FollowedGroups
from workbench.segments.weekly.labels import Labels
from workbench.segments.weekly.lineage import named_groups
from workbench.segments.weekly.migration import Ids, Migration, Movement, group_on, migrate, tell_movement
from workbench.segments.weekly.parameters import SegmentReview
from workbench.segments.weekly.people import ReviewedPeople
from workbench.segments.weekly.standing import standing_alarms
from workbench.segments.weekly.unchanged import Counted, Unchanged
from workbench.tables.cohort import Step

# Times in hours are drawn as those in days: both are sums of logarithms.
_DRAWN_AS: dict[Kind, Literal["share", "rate", "days"]] = {
    "share": "share",
    "rate": "rate",
    "days": "days",
    "hours": "days",
}
# Noise is drawn for at most this many people, a random sample of those followed on both days.
PEOPLE_DRAWN = 10_000


@dataclass(frozen=True)
class Week:
    """The groups on one day: people in each, (groups,), and how well the definition fits."""

    day: date
    people: Labels
    condition: Condition


@dataclass(frozen=True)
class Review:
    """What changed in the groups of a frozen definition.

    `weeks` are in order of time, the last one `as_of`. `migration` is from the first to it, `movement` from the week
    before; `movement_over` is over all the weeks, None where there is one. Both are None where nothing that is counted
    from events makes the groups. `definition` is None, and all of these are empty, where there are no groups to follow;
    `version` is None where groups were found anew.
    """

    settings: SegmentReview
    definition: Definition | None
    version: str | None
    features: tuple[Feature, ...]
    weeks: tuple[Week, ...]
    migration: Migration | None
    movement: Movement | None
    movement_over: Movement | None
    alarms: tuple[Alarm, ...]
    flow: tuple[Step, ...]
    data_until: datetime

    @property
    def movements(self) -> tuple[Movement, ...]:
        """Over the last week, and over all the weeks where they are several."""
        return tuple(each for each in (self.movement, self.movement_over) if each is not None)

    @property
    def letters(self) -> tuple[str, ...]:
        """The groups' letters, in their order."""
        return self.definition.letters if self.definition else ()


def review_groups(
    people: ReviewedPeople,
    followed: FollowedGroups,
    settings: SegmentReview,
    report: Callable[[str], None] | None = None,
) -> Review:
    """Review the groups week by week.

    Args:
        people: from `reviewed_people`.
        followed: from `followed_groups`.
        settings: the parameters.
        report: told what is being done, for this takes a while.
    """
    tell = report or (lambda _: None)
    definition = followed.definition or found_anew(people, followed, tell)
    version = None if followed.kept is None else followed.kept.version
    nothing = Review(
        settings, definition, version, (), (), None, None, None, (), people.flow, people.data_until
    )
    if definition is None:
        return nothing
    frozen = definition.frozen()
    tell("scoring everybody on each day")
    refit = definition.refit.condition
    days = [_scored(frozen, day, rows, refit) for day, rows in zip(people.days, people.rows, strict=True)]
    now, before, first = days[0], days[1], days[-1]
    tell("telling moves from noise")
    movement = _movement(frozen, before, now, settings)
    over = None if len(days) == 2 else _movement(frozen, first, now, settings)
    steps = group_on(first.ids, first.labels, now.ids, now.labels, frozen.groups)
    return Review(
        settings=settings,
        definition=definition,
        version=version,
        features=frozen.yardstick.frame(people.rows[0].head(1)).features,
        weeks=tuple(each.week for each in reversed(days)),
        migration=migrate(first.ids, first.labels, now.ids, now.labels, frozen.groups),
        movement=movement,
        movement_over=over,
        alarms=in_order(list(_alarms(frozen, now.week, steps, (movement, over), settings))),
        flow=people.flow,
        data_until=people.data_until,
    )


def found_anew(
    people: ReviewedPeople, followed: FollowedGroups, tell: Callable[[str], None]
) -> Definition | None:
    """The definition of groups found as of the first of the weeks; None where there are none."""
    settings = followed.on(people.days[-1])
    tell(f"finding the groups as of {settings.as_of}, for no version is kept from then")
    found = analyze(people.on(len(people.days) - 1), settings, rules=declared_rules(settings, project_root()))
    if found.grouping is None or found.grouping.model is None:
        return None
    rows = people.rows[-1]
    name, model = settings.save_as or "groups", found.grouping.model
    return define(name, found.yardstick, model, rows, settings, named_groups(found, None), None)


def refit_due(definition: Definition, on: date) -> Alarm | None:
    """That the groups should be found anew, by the segmentation's own schedule; None where that is not due."""
    after = definition.frozen().settings.refit_after_days
    age = (on - definition.as_of).days
    return Alarm("refit_due", None, age, after) if age >= after else None


def at_the_refit(definition: Definition, on: date, weeks: int) -> Iterator[Alarm]:
    """Groups that came or went when the groups were last found anew, for as many weeks as are looked back on."""
    lineage, age = definition.lineage, (on - definition.as_of).days
    if lineage is None or age > weeks * WEEK.days:
        return
    for letter in lineage.dissolved:
        yield Alarm("dissolved", None, age, 0, letter)
    for letter in lineage.born:
        yield Alarm("born", None, age, 0, letter)


def counted_features(features: Sequence[Feature]) -> tuple[Counted, ...]:
    """Those of the features that are counted from events, by which noise is drawn; others stay as they are seen."""
    return tuple(
        Counted(each.events, each.trials, _DRAWN_AS[each.kind]) for each in features if each.trials is not None
    )


@dataclass(frozen=True)
class _Day:
    """Everybody on one day, scored."""

    week: Week
    rows: pd.DataFrame
    ids: Ids
    labels: Labels


def _scored(frozen: Frozen, day: date, rows: pd.DataFrame, refit: Condition) -> _Day:
    scored = frozen.score(rows)
    people = np.bincount(scored.labels, minlength=frozen.groups)
    ids = rows["patient_id"].to_numpy(dtype=object)
    return _Day(Week(day, people, scored.condition(refit)), rows, ids, scored.labels)


def _movement(frozen: Frozen, before: _Day, after: _Day, settings: SegmentReview) -> Movement | None:
    """Moves between two days, of people followed on both, held against noise; None where there is none.

    What is counted from events moves people by noise. Words do not, nor measures taken as they are: where these alone
    make the groups, there is nothing to tell moves from.
    """
    if not counted_features(frozen.measures):
        return None
    ids, then, now = np.intersect1d(before.ids.astype(str), after.ids.astype(str), return_indices=True)
    rng = np.random.default_rng([settings.seed, (after.week.day - before.week.day).days])
    if len(ids) > PEOPLE_DRAWN:
        some = np.sort(rng.choice(len(ids), PEOPLE_DRAWN, replace=False))
        then, now = then[some], now[some]
    rows = before.rows.iloc[then].reset_index(drop=True), after.rows.iloc[now].reset_index(drop=True)
    # All that is counted is drawn, be it asked of or not, for some are the trials of others.
    counted = counted_features([each.feature for each in frozen.yardstick.features])
    unchanged = Unchanged(*rows, counted, (after.week.day - before.week.day) / WEEK)
    return tell_movement(
        before.labels[then],
        after.labels[now],
        unchanged.draws(rng),
        frozen.labels,
        frozen.groups,
        settings.movement_draws,
    )


def _alarms(
    frozen: Frozen,
    now: Week,
    steps: tuple[Labels, Labels],
    movements: Sequence[Movement | None],
    settings: SegmentReview,
) -> Iterator[Alarm]:
    yield from at_the_refit(frozen.definition, now.day, settings.weeks)
    yield from standing_alarms(frozen, now.condition)
    yield from drifting_shares(*steps, frozen.groups)
    for place, movement in enumerate(movements):
        if movement is not None and movement.is_real(settings.chance_of_false_movement):
            yield Alarm("movement", place, movement.excess, movement.expected)
    due = refit_due(frozen.definition, now.day)
    if due is not None:
        yield due
