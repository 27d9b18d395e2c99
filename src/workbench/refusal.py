"""Refusals: bad input answered with sentences instead of a traceback.

Everything a user can get wrong (a parameter, a source, a table, a cohort) ends in one `Refused` that
carries every fault found, so that all of them can be mended at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where it stands, what it is, and how to mend it.

    No fault repeats the contents of a data row; values from parameter and source files may be repeated.
    """

    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.mend}".rstrip()


class Refused(Exception):
    """Input that cannot be used, with all its faults."""

    def __init__(self, *faults: Fault) -> None:
        if not faults:
            raise ValueError("a refusal needs at least one fault")
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def nearest(given: str, allowed: Iterable[str]) -> str:
    """A suggestion such as ' Did you mean "arms"?', or nothing where no allowed word is near."""
    match = get_close_matches(given, list(allowed), n=1, cutoff=0.6)
    return f' Did you mean "{match[0]}"?' if match else ""
