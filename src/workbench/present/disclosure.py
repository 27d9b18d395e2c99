"""The rule of privacy: which numbers about people may be shown, and how the others are hidden.

A count of few people or few events tells about persons, and so does whatever gives it back: the complement, a
share, an interval, a group in which nobody or everybody had the event, and a hidden row that can be computed
from the rows that are shown. Cell suppression with complementary cells follows Hundepool et al., *Statistical
Disclosure Control* (2012), chapter 4.

Only two profiles exist: `CMS` and `NHS`. Whole randomized arms of at least `WHOLE_ARM` people are exempt.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from workbench.present.counted import (
    Counted,
    counted_in,
    implied_events,
    refuse_uncounted,
    sum_of,
    whole_number,
)
from workbench.present.result import Cell, Column, Metric, Table
from workbench.present.suppression import beside_told, lines_of, with_complements
from workbench.refusal import Fault, Refused

WHOLE_ARM = 100
"""From this many people on, the counts of a whole randomized arm or cohort may be shown: who is in it is not
known from outside."""

NOT_ATTRIBUTES = frozenset(
    {"arm", "versus", "outcome", "window", "experiment", "model", "metric"}
    | {"look", "stage", "epoch", "scenario", "threshold", "prior", "rule", "factor", "level"}
)
"""What a metric may be `of` without describing a group by people's attributes. Any other key is an attribute."""

NUMBER_KINDS = frozenset({"people", "events", "share", "estimate", "interval", "probability"})
FLOW_ID = "cohort_flow"
FLOW_COLUMNS = ("step", "people", "excluded")


@dataclass(frozen=True)
class Profile:
    """Counts from 1 to `few` are hidden; other counts are rounded to the nearest `round_to`."""

    name: str
    few: int
    round_to: int = 1

    def is_few(self, count: int) -> bool:
        """Whether a count is one to hide. Zero is not."""
        return 1 <= count <= self.few

    def rounded(self, count: int) -> int:
        """The count as shown."""
        return (count + self.round_to // 2) // self.round_to * self.round_to

    @property
    def fewer_than(self) -> str:
        """The words for a hidden count, such as "fewer than 11"."""
        return f"fewer than {self.few + 1}"


CMS = Profile("cms", few=10)
NHS = Profile("nhs", few=7, round_to=5)
PROFILES = {profile.name: profile for profile in (CMS, NHS)}


@dataclass(frozen=True)
class FlowStep:
    """A step of a cohort's flow and how many people remain after it."""

    label: str
    people: int


def may_show(people: int, events: int | None, profile: Profile) -> bool:
    """Whether a group described by people's attributes may show its count of people and of one kind of event.

    It may not where people, events or people without the event are few, nor where nobody or everybody had the
    event. A group without people may: there is nobody to tell about.
    """

    def clear(people: int, events: int | None) -> bool:
        if profile.is_few(people):
            return False
        return events is None or profile.few < events < people - profile.few

    if people == 0:
        return True
    shown = None if events is None else profile.rounded(events)
    return clear(people, events) and clear(profile.rounded(people), shown)


def told_count(count: int, whole: int, people: int | None, profile: Profile) -> str:
    """How many rows of a whole a rule does not hold of, in words: "none", "10 or fewer", "1,204", "nearly all", "all".

    Few rows, rows of few people, and all rows but few are not counted. That a rule holds of everybody, or of nobody,
    may be told: it says of each of them no more than the rule does.

    Args:
        count: the rows concerned.
        whole: the rows they are among.
        people: how many people the rows are of; None where they are of none.
        profile: which counts are few.
    """
    if count == 0:
        return "none"
    if profile.is_few(count) or (people is not None and profile.is_few(people)):
        return f"{profile.few} or fewer"
    if count == whole:
        return "all"
    return "nearly all" if profile.is_few(whole - count) else f"{profile.rounded(count):,}"


def told_whole(count: int, profile: Profile) -> str:
    """About how many rows there are, so coarsely that two such numbers give back no few rows between them."""
    if count == 0:
        return "none"
    if profile.is_few(count):
        return f"{profile.few} or fewer"
    step = max(10, 10 ** (len(str(count)) - 2))
    return f"about {(count + step // 2) // step * step:,}"


def row_may_show(table: Table, row: Sequence[Cell], profile: Profile) -> bool:
    """Whether a row of a table may be shown, taken by itself. A row whose people are not known may not."""
    return all(_counted_may_show(table, counted, profile) for counted in counted_in(table, row))


def hide_small_cells(table: Table, profile: Profile) -> Table:
    """The table with every row hidden that may not be shown, or that would give such a row back.

    A hidden row keeps its labels and texts; all its numbers become None. Rows hidden for their few people are
    protected first, by people alone, so that all tables of the same groups hide the same of them.

    Raises `Refused` where groups of people are described without a count of their people.
    """
    if table.groups == "none" or is_flow(table):
        return table
    refuse_uncounted(table)
    rows = [counted_in(table, row) for row in table.rows]
    people = [[Counted(counted.people) for counted in row] for row in rows]
    hidden = _protected(table, people, set(), profile)
    hidden = _protected(table, rows, hidden, profile)
    cells = [
        _hidden(table, row) if at in hidden else _rounded(table, row, profile)
        for at, row in enumerate(table.rows)
    ]
    note = table.note
    if hidden:
        note = _with_sentence(
            note,
            f"Not shown: few ({profile.fewer_than} people or events), or a row from which few could be worked out.",
        )
    if profile.round_to > 1 and len(hidden) < len(cells) and cells != table.rows:
        note = _with_sentence(note, f"Counts are rounded to the nearest {profile.round_to}.")
    return table.model_copy(update={"rows": cells, "note": note})


def metric_may_show(metric: Metric, tables: Iterable[Table], profile: Profile) -> bool:
    """Whether a metric may be shown beside these tables, from which small cells have been hidden.

    A probability that is no contrast (it names no `versus`) is taken for a share of its `n` people. A group that
    one of the tables hides is shown by no metric.
    """
    if metric.value is None and metric.low is None and metric.high is None and metric.n is None:
        return True
    if metric.n is not None and _describes_few(metric):
        share = metric.value if metric.unit == "probability" and "versus" not in metric.of else None
        events = None if share is None else round(share * metric.n)
        if not may_show(metric.n, events, profile) or metric.n != profile.rounded(metric.n):
            return False
    return not any(metric_describes(metric, group) for group in _hidden_groups(tables) if group)


def metric_describes(metric: Metric, group: set[str]) -> bool:
    """Whether a metric is of the group with these labels, in one arm or in several."""
    attributes = {value for key, value in metric.of.items() if key not in NOT_ATTRIBUTES}
    arms = {metric.of[key] for key in ("arm", "versus") if key in metric.of}
    return attributes <= group <= attributes | arms


def hide_metrics(metrics: Iterable[Metric], tables: Sequence[Table], profile: Profile) -> list[Metric]:
    """The metrics, those that may not be shown beside these tables without their numbers; `n` is rounded."""
    rounded = [
        metric
        if metric.n is None or not _describes_few(metric)
        else metric.model_copy(update={"n": profile.rounded(metric.n)})
        for metric in metrics
    ]
    nothing = {"value": None, "low": None, "high": None, "n": None}
    return [
        metric if metric_may_show(metric, tables, profile) else metric.model_copy(update=nothing)
        for metric in rounded
    ]


def cohort_flow(steps: Sequence[FlowStep], profile: Profile, counted: str = "people") -> Table:
    """The flow of a cohort, one row per step: people who remain, and people excluded since the row above.

    `counted` says what is counted, where it is something else of people, such as "appointments".

    Steps that exclude few people are merged with their neighbors; where that does not help, the starting count
    is hidden, so that the few cannot be computed. From the step on at which few people remain, nothing is shown.

    Raises `Refused` where no step is given, or people grow in number.
    """
    if not steps or any(after.people > before.people for before, after in pairwise(steps)):
        raise Refused(
            Fault(
                "cohort flow", "needs at least one step and never more people than before.", "Mend the steps."
            )
        )
    many = list(takewhile(lambda step: not profile.is_few(step.people), steps))
    merged = _merged(many, profile)
    notes = [f"Counts are rounded to the nearest {profile.round_to}."] if profile.round_to > 1 else []
    if merged is None:
        notes.append(
            f"In all, {profile.fewer_than} were excluded; the starting count is hidden for that reason."
        )
        rest = "; ".join(step.label for step in many[1:])
        rows: list[list[Cell]] = [[many[0].label, None, None], [rest, profile.rounded(many[-1].people), None]]
    else:
        people = [profile.rounded(step.people) for step in merged]
        rows = [
            [step.label, n, people[at - 1] - n if at else 0]
            for at, (step, n) in enumerate(zip(merged, people, strict=True))
        ]
    if len(many) < len(steps):
        notes.append(f"Not shown: few ({profile.fewer_than} people) remain.")
        rows.append(["; ".join(step.label for step in steps[len(many) :]), None, None])
    return Table(
        id=FLOW_ID,
        caption=f"From all {counted} to those studied",
        columns=[
            Column(name="step", title="Step", kind="label"),
            Column(name="people", title=counted.capitalize(), kind="people"),
            Column(name="excluded", title="Excluded", kind="people"),
        ],
        rows=rows,
        groups="arm",
        note=" ".join(notes),
    )


def is_flow(table: Table) -> bool:
    """Whether a table is a cohort's flow, whose rows contain one another instead of adding up."""
    return tuple(column.name for column in table.columns) == FLOW_COLUMNS


def _protected(
    table: Table, rows: Sequence[Sequence[Counted]], already: set[int], profile: Profile
) -> set[int]:
    """The rows to hide: those already hidden, those that may not be shown, and rows that keep these hidden."""

    def clear(row: Sequence[Counted]) -> bool:
        return all(_counted_may_show(table, counted, profile) for counted in row)

    def together(inside: set[int]) -> bool:
        whole = sum_of([rows[at] for at in inside])
        # Beside rounded rows, hidden rows in which there is nobody look as if they could be few.
        blurred = profile.round_to > 1 and any(counted.people == 0 for counted in whole)
        return clear(whole) and not (inside and blurred)

    def size(at: int) -> tuple[bool, int]:
        people = rows[at][0].people or 0
        return people == 0, people  # nobody hides behind an empty group

    lines = lines_of(table)
    few = {at for at, row in enumerate(rows) if not clear(row)}
    hidden = with_complements(already | few, lines, together, size)
    # A sum that gives back few by what it leaves of another is no more to be known than theirs.
    known = [
        line
        for line in lines
        if together(set(line)) and all(together(set(whole - line)) for whole in lines if whole > line)
    ]
    while beside := beside_told(few, hidden, rows, known, profile.few):
        hidden = with_complements(hidden | {min(beside, key=size)}, lines, together, size)
    return hidden


def _counted_may_show(table: Table, counted: Counted, profile: Profile) -> bool:
    if counted.people is None:
        return False
    if table.groups == "arm" and counted.people >= WHOLE_ARM:
        return True
    return all(may_show(counted.people, events, profile) for events in (None, *counted.events))


def _hidden(table: Table, row: Sequence[Cell]) -> list[Cell]:
    return [
        None if column.kind in NUMBER_KINDS else cell for column, cell in zip(table.columns, row, strict=True)
    ]


def _rounded(table: Table, row: Sequence[Cell], profile: Profile) -> list[Cell]:
    """The row with counts rounded, and shares as the rounded counts give them; large arms stay as they are."""
    if profile.round_to == 1:
        return list(row)
    cells: list[Cell] = []
    people: int | None = None
    for column, cell in zip(table.columns, row, strict=True):
        shown = cell
        if column.kind == "people":
            people = whole_number(table, cell)
        exempt = table.groups == "arm" and (people or 0) >= WHOLE_ARM
        if not exempt and cell is not None and column.kind in {"people", "events"}:
            shown = profile.rounded(whole_number(table, cell) or 0)
        elif not exempt and column.kind == "share" and people:
            events = implied_events(cell, people)
            shown = None if events is None else profile.rounded(events) / profile.rounded(people)
        cells.append(shown)
    return cells


def _merged(steps: Sequence[FlowStep], profile: Profile) -> list[FlowStep] | None:
    """The steps, neighbors merged until none excludes few people; None where that is impossible."""

    def few_between(before: FlowStep, after: FlowStep) -> bool:
        shown = profile.rounded(before.people) - profile.rounded(after.people)
        return profile.is_few(before.people - after.people) or profile.is_few(shown)

    merged = list(steps[:1])
    labels: list[str] = []
    for step in steps[1:]:
        labels.append(step.label)
        if not few_between(merged[-1], step):
            merged.append(FlowStep("; ".join(labels), step.people))
            labels = []
    while labels:
        if len(merged) == 1:
            return None
        labels.insert(0, merged.pop().label)
        if not few_between(merged[-1], steps[-1]):
            merged.append(FlowStep("; ".join(labels), steps[-1].people))
            labels = []
    return merged


def _describes_few(metric: Metric) -> bool:
    """Whether a metric is of a group described by attributes, or of an arm too small to be exempt."""
    return any(key not in NOT_ATTRIBUTES for key in metric.of) or (metric.n or 0) < WHOLE_ARM


def _hidden_groups(tables: Iterable[Table]) -> Iterator[set[str]]:
    """The labels of each row that a table hides."""
    for table in tables:
        if table.groups == "none" or is_flow(table):
            continue
        for row in table.rows:
            people = [cell for column, cell in zip(table.columns, row, strict=True) if column.kind == "people"]
            if None in people:
                labels = zip(table.columns, row, strict=True)
                yield {str(cell) for column, cell in labels if column.kind == "label"}


def _with_sentence(note: str, sentence: str) -> str:
    return note if sentence in note else f"{note} {sentence}".strip()
