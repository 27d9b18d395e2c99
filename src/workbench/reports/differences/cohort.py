"""How a cohort grew or shrank between two versions, told so that no difference is one of few people."""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.present.disclosure import Profile, is_flow
from workbench.present.result import StudyResult, Table

FLOW = "cohort_flow"


@dataclass(frozen=True)
class StepChange:
    """How many more people, or fewer (negative), a step of the flow holds. None: some, but few."""

    label: str
    people: int
    more: int | None


@dataclass(frozen=True)
class CohortChange:
    """The change of those studied, and of the steps before of which it may be told, in the order of the flow.

    `counted` says what is counted, such as "people"; `grew` whether those studied are more than before.
    """

    counted: str
    studied: StepChange
    grew: bool
    steps: tuple[StepChange, ...]


def cohort_change(before: StudyResult, after: StudyResult, profile: Profile) -> CohortChange | None:
    """The change of the cohort; None where a version tells no flow, another one, or hides who is left in the end."""
    then, now = _flow(before), _flow(after)
    if then is None or now is None:
        return None
    earlier, counts = dict(_counts(then)), list(_counts(now))
    last = _last_label(now)
    if last != _last_label(then) or last not in earlier or not counts or counts[-1][0] != last:
        return None
    people = counts[-1][1]
    change = people - earlier[last]
    if profile.is_few(abs(change)):
        return CohortChange(_counted(now), StepChange(last, people, None), change > 0, ())
    told = [StepChange(last, people, change)]
    for label, count in reversed(counts[:-1]):
        step = StepChange(label, count, count - earlier[label]) if label in earlier else None
        if step is not None and not _gives_few(step, told, profile):
            told.insert(0, step)
    return CohortChange(_counted(now), told[-1], change > 0, tuple(told[:-1]))


def _gives_few(step: StepChange, told: list[StepChange], profile: Profile) -> bool:
    """Whether a step's change is few, or gives few people by its difference from one that is told."""
    if step.more is None or profile.is_few(abs(step.more)):
        return True
    return any(other.more is None or profile.is_few(abs(step.more - other.more)) for other in told)


def _flow(result: StudyResult) -> Table | None:
    return next((table for table in result.tables if table.id == FLOW and is_flow(table)), None)


def _counts(table: Table) -> Iterator[tuple[str, int]]:
    """Label and people of every step that shows them."""
    for label, people, _ in table.rows:
        if isinstance(people, int):
            yield str(label), people


def _last_label(table: Table) -> str:
    return str(table.rows[-1][0]) if table.rows else ""


def _counted(table: Table) -> str:
    return table.columns[1].title.lower()
