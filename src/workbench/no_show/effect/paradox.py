"""The paradox of reminders: who was reminded misses more, or less, for reasons that are no effect of it.

Reminders go to those who booked early, and who booked early miss more. So reminded patients look worse until leads
are compared with like leads; and even then they differ in more than the reminder.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.no_show.scores.estimates import Estimate, clustered_mean


@dataclass(frozen=True)
class Reminded:
    """Appointments of one kind of lead, reminded or not: how many, and the share missed."""

    leads: str
    reminded: bool
    patients: int
    appointments: int
    missed: int
    share: Estimate


@dataclass(frozen=True)
class Paradox:
    """Reminded and not, among all leads and among those long enough for a reminder.

    `among_all` and `among_long` are the shares missed of the reminded less that of the others.
    """

    groups: tuple[Reminded, ...]
    among_all: float
    among_long: float | None

    @property
    def turns(self) -> bool:
        """Whether the difference changes its sign."""
        return self.among_long is not None and self.among_all > 0 > self.among_long


def paradox(rows: pd.DataFrame, from_lead: int) -> Paradox | None:
    """Counts by reminder and lead, over all periods; None where reminders are not recorded or never vary.

    Args:
        rows: of `Appointments`.
        from_lead: calendar days of lead from which reminders are usually sent.
    """
    known = rows[rows["reminded"].notna()]
    if known["reminded"].nunique() < 2:
        return None
    long = known[known["lead_days"] >= from_lead]
    groups = [*_both("all", known)]
    told_apart = long["reminded"].nunique() == 2 and len(long) < len(known)
    if told_apart:
        groups += _both(f"{from_lead} days and more", long)
    shares = [group.share.value for group in groups]
    return Paradox(
        groups=tuple(groups),
        among_all=shares[0] - shares[1],
        among_long=shares[2] - shares[3] if told_apart else None,
    )


def _both(leads: str, rows: pd.DataFrame) -> list[Reminded]:
    return [_of(leads, reminded, rows[rows["reminded"] == reminded]) for reminded in (True, False)]


def _of(leads: str, reminded: bool, rows: pd.DataFrame) -> Reminded:
    return Reminded(
        leads=leads,
        reminded=reminded,
        patients=int(np.unique(rows["patient"]).size),
        appointments=len(rows),
        missed=int(rows["no_show"].sum()),
        share=clustered_mean(rows["no_show"].to_numpy(float), rows["patient"].to_numpy()),
    )
