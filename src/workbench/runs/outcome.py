"""How a parameter set's run ended, in one line."""

from dataclasses import dataclass, field

from workbench.refusal import Fault
from workbench.reports.records import State

# As many as limits.retries allows, and one.
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth")
# States after which the last version stands as it should.
GOOD: frozenset[State] = frozenset({"published", "unchanged", "skipped", "awaiting_approval"})


@dataclass(frozen=True)
class Outcome:
    """The end of one parameter set's run.

    `where` names the set; `detail` are further lines, such as faults; `version` is the one published, if any;
    `attempts` says how often the notebook was begun, where it was more than once.
    """

    where: str
    state: State
    told: str = ""
    detail: tuple[str, ...] = field(default=())
    version: str | None = None
    attempts: int = 1

    @property
    def line(self) -> str:
        """The summary line."""
        return f"{self.state:<12} {self.where}{': ' + self._told if self._told else ''}"

    @property
    def reason(self) -> str:
        """What the run's record says."""
        return "\n".join([self._told, *self.detail])

    @property
    def _told(self) -> str:
        return f"{self.told} ({_ORDINALS[self.attempts]} attempt)" if self.attempts > 1 else self.told


def refused(where: str, faults: tuple[Fault, ...]) -> Outcome:
    """The outcome of a set that was refused."""
    if len(faults) == 1:
        return Outcome(where, "refused", _without_place(where, faults[0]))
    return Outcome(where, "refused", f"{len(faults)} faults", tuple(str(fault) for fault in faults))


def _without_place(where: str, fault: Fault) -> str:
    """A fault's sentence, without naming the file that the line has named already."""
    return str(fault).removeprefix(f"{where}: ").removeprefix(f"{where} ").removeprefix(f"{where}, ")


def exit_code(outcomes: list[Outcome], started: bool) -> int:
    """0 all good; 1 something ran, and a set failed, was refused or withheld; 2 nothing could run.

    `started` says whether any set came through the checks that precede a run.
    """
    if all(outcome.state in GOOD for outcome in outcomes):
        return 0
    return 1 if started else 2
