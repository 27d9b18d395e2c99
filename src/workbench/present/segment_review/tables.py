"""The tables of a segment review, each passed through disclosure control before a word is made of it.

Who moved is a table with margins, and the margins are the groups' sizes on both days, which other tables and other
versions tell: see `coarse_flows`. What a later version tells of these days are these margins again.
"""

from workbench.present import numbers
from workbench.present.disclosure import (
    PROFILES,
    FlowStep,
    Profile,
    cohort_flow,
    hide_small_cells,
)
from workbench.present.group_shares import shares_of_all
from workbench.present.result import Cell, Column, Table
from workbench.present.segment_review.coarse_flows import (
    SMALL,
    STEP,
    CoarseFlows,
    coarse_flows,
    coarse_number,
    coarse_words,
)
from workbench.present.segment_review.words import alarm_in_words, alarm_to_do, span_in_words
from workbench.segments.weekly.definition import Definition
from workbench.segments.weekly.migration import Migration, Movement
from workbench.segments.weekly.review import Review

ELSEWHERE = "not followed"


def review_tables(review: Review) -> list[Table]:
    """Every table of the result."""
    profile = PROFILES[review.settings.disclosure]
    flow = cohort_flow([FlowStep(step.label, step.left) for step in review.flow], profile)
    if review.migration is None or review.definition is None:
        return [flow]
    groups = hide_small_cells(groups_table(review, review.migration, profile), profile)
    return [
        flow,
        groups,
        migration_table(review, coarse_flows(review.migration, profile)),
        *([movement_table(review)] if review.movements else []),
        weeks_table(review, profile),
        alarms_table(review, review.definition, profile),
        *([fit_table(review)] if review.features else []),
    ]


def groups_table(review: Review, migration: Migration, profile: Profile) -> Table:
    """How many people each group holds, on the first day and on the last."""
    if review.definition is None:
        raise ValueError("there are no groups")
    before, after = migration.before, migration.after
    rows: list[list[Cell]] = [
        [letter, name, int(then), int(now), share]
        for letter, name, then, now, share in zip(
            review.letters,
            review.definition.names,
            before,
            after,
            shares_of_all([int(people) for people in after], profile),
            strict=True,
        )
    ]
    return Table(
        id="groups",
        caption=f"Groups of {review.settings.people_noun}",
        columns=[
            Column(name="group", title="Group", kind="label"),
            Column(
                name="name",
                title="As defined" if review.definition.by_rules else "What most of them do",
                kind="text",
            ),
            Column(name="before", title=numbers.day(review.weeks[0].day), kind="people"),
            Column(name="people", title=numbers.day(review.weeks[-1].day), kind="people"),
            Column(name="share", title="Of all", kind="interval"),
        ],
        rows=rows,
        groups="attributes",
        # Between two weeks people go to and fro: the difference of two sizes counts nobody.
        fitted=True,
        note="By the frozen definition: nothing is cut anew from week to week.",
    )


def migration_table(review: Review, flows: CoarseFlows) -> Table:
    """The flows between the groups, crossed, as coarsely as they may be told."""
    places = (*review.letters, ELSEWHERE)
    return Table(
        id="migration",
        caption=f"Who moved between {numbers.day(review.weeks[0].day)} and {numbers.day(review.weeks[-1].day)}",
        columns=[
            Column(name="of", title="From", kind="label"),
            *(Column(name=f"to_{place}", title=f"To {to}", kind="interval") for place, to in enumerate(places)),
        ],
        rows=[[name, *(flows.words(of, to) for to in range(len(places)))] for of, name in enumerate(places)],
        groups="none",
        note=f"{ELSEWHERE.capitalize()}: not in care on that day, or too little known to be grouped. To the nearest "
        f"{STEP}; fewer than {SMALL} are not counted, and dashes stand where few could be worked out.",
    )


def movement_table(review: Review) -> Table:
    """Moves seen, and moves that would be seen had nobody changed."""
    return Table(
        id="movement",
        caption="Moves beyond noise",
        columns=[
            Column(name="span", title="Over", kind="label"),
            Column(name="looked_at", title="Followed on both days", kind="text"),
            Column(name="moved", title="In another group", kind="text"),
            Column(name="noise", title="By noise alone", kind="interval"),
            Column(name="excess", title="Beyond noise", kind="text"),
        ],
        rows=[
            [
                span_in_words(review, place),
                numbers.count(movement.people),
                coarse_words(movement.observed),
                f"{numbers.count(round(movement.expected))} ({numbers.interval(movement.low, movement.high)})",
                _beyond(movement, review),
            ]
            for place, movement in enumerate(review.movements)
        ],
        groups="none",
        note=f"By noise alone: {review.settings.movement_draws} later days drawn as if nobody's habits had changed, "
        "each scored by the same definition; the mean, and in brackets where 95 % of the draws lie.",
    )


def _beyond(movement: Movement, review: Review) -> str:
    """How many more moved than noise explains, worked out from numbers that are told beside it."""
    if not movement.is_real(review.settings.chance_of_false_movement):
        return "no more than noise"
    moved = coarse_number(movement.observed)
    more = None if moved is None else moved - round(movement.expected)
    return "more than noise" if more is None or more <= 0 else f"about {numbers.count(more)}"


def weeks_table(review: Review, profile: Profile) -> Table:
    """The share of each group, week by week, in whole percent: too coarse to give back few people between weeks."""
    return Table(
        id="weeks",
        caption="Shares of the groups, week by week",
        columns=[
            Column(name="day", title="Day", kind="label"),
            *(
                Column(name=f"group_{place}", title=f"Group {letter}", kind="interval")
                for place, letter in enumerate(review.letters)
            ),
        ],
        rows=[
            [
                numbers.day(week.day),
                *(share or "–" for share in shares_of_all([int(people) for people in week.people], profile)),
            ]
            for week in review.weeks
        ],
        groups="none",
    )


def alarms_table(review: Review, definition: Definition, profile: Profile) -> Table:
    """What calls for a look, and what to do."""
    rows: list[list[Cell]] = [
        [str(place), alarm_in_words(alarm, review, profile), alarm_to_do(alarm, definition)]
        for place, alarm in enumerate(review.alarms, 1)
    ]
    return Table(
        id="alarms",
        caption="What calls for a look",
        columns=[
            Column(name="place", title="No.", kind="label"),
            Column(name="what", title="What was seen", kind="text"),
            Column(name="to_do", title="What to do", kind="text"),
        ],
        rows=rows or [["–", "No alarm.", "Nothing."]],
        groups="none",
    )


def fit_table(review: Review) -> Table:
    """How far everybody has moved on each measure since the day of the definition."""
    if review.definition is None:
        raise ValueError("there are no groups")
    now, refit = review.weeks[-1].condition, review.definition.refit.condition
    return Table(
        id="fit",
        caption="The yardstick, then and now",
        columns=[
            Column(name="measure", title="Measure", kind="label"),
            Column(
                name="shift", title="Everybody moved by", kind="estimate", unit="standard deviations", digits=2
            ),
            Column(name="spread", title="Differ as much as then", kind="estimate", unit="times", digits=2),
        ],
        rows=[
            [
                feature.title,
                float(now.means[place] - refit.means[place]),
                float(now.spreads[place] / refit.spreads[place]) if refit.spreads[place] > 0 else None,
            ]
            for place, feature in enumerate(review.features)
        ],
        groups="none",
        note=f"Since {numbers.day(review.definition.as_of)}, in standard deviations of that day.",
    )
