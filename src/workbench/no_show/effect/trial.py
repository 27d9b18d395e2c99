"""Reminders by lot: the difference between randomized arms, and whether the emulation would have found it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.no_show.effect.doubly_robust import clustered
from workbench.no_show.effect.emulation import Emulation, emulate
from workbench.no_show.effect.nuisance import Real
from workbench.no_show.scores.estimates import Estimate

FEWEST_UNITS = 20


@dataclass(frozen=True)
class Arm:
    """Appointments of one arm, as assigned."""

    treated: bool
    units: int
    patients: int
    appointments: int
    sent: float
    missed: int


@dataclass(frozen=True)
class Trial:
    """The arms, control first, and the treated arm less the control: of all assigned and of the stratum asked about.

    The emulation is of the first eligible appointment of each patient of the stratum, and does not look at the arm:
    later ones have a past that the arm had a hand in. `apart` is the emulated effect less the randomized difference
    among the very same appointments, with an interval of its own.
    """

    arms: tuple[Arm, Arm]
    difference: Estimate
    in_stratum: Estimate
    emulation: Emulation
    among_the_same: Estimate | None
    apart: Estimate | None


def randomized(rows: pd.DataFrame, outcome: str, bounds: tuple[float, float], seed: int) -> Trial | None:
    """The trial among the appointments that were long enough ahead and still booked at time zero.

    Consent is that at the assignment, and not looked at again. None where an arm has too few units.

    Args:
        rows: of `Eligible.rows`; those with an arm count.
        outcome: "missed" or "empty".
        bounds, seed: of the emulation beside it.
    """
    assigned = rows[rows["arm"].notna() & rows["long"]].reset_index(drop=True)
    stratum = assigned[assigned["stratum"]].reset_index(drop=True)
    units = [part[part["arm"] == arm]["unit"].nunique() for part in (assigned, stratum) for arm in (0, 1)]
    if min(units) < FEWEST_UNITS:
        return None
    control, treated = (_arm(assigned[assigned["arm"] == arm], outcome, treated=bool(arm)) for arm in (0, 1))
    first = stratum[stratum["eligible"]].drop_duplicates("patient").reset_index(drop=True)
    emulation, fitted = emulate(first, "sent", outcome, bounds, seed)
    among = apart = None
    if fitted is not None:
        same = first[fitted.kept]
        by_lot = _distances(same, outcome)
        among = _between(same, outcome)
        unit = (same["unit"].to_numpy(np.int64),)
        apart = clustered(fitted.scores.effect - by_lot, unit)
    return Trial(
        (control, treated), _between(assigned, outcome), _between(stratum, outcome), emulation, among, apart
    )


def _arm(rows: pd.DataFrame, outcome: str, *, treated: bool) -> Arm:
    return Arm(
        treated,
        int(rows["unit"].nunique()),
        int(rows["patient"].nunique()),
        len(rows),
        float(rows["sent"].mean()),
        int(rows[outcome].sum()),
    )


def _between(rows: pd.DataFrame, outcome: str) -> Estimate:
    """The treated arm's share less the control's, the variance clustered by what was randomized."""
    values = _distances(rows, outcome)
    return clustered(values, (rows["unit"].to_numpy(np.int64),))


def _distances(rows: pd.DataFrame, outcome: str) -> Real:
    """Values whose mean is the difference of the arms' shares, and whose spread that of its linearization."""
    missed, arm = rows[outcome].to_numpy(float), rows["arm"].to_numpy(float)
    total = np.zeros(len(rows))
    for sign, inside in ((1.0, arm == 1), (-1.0, arm == 0)):
        share = missed[inside].mean()
        total += sign * (share + inside * (missed - share) / inside.mean())
    return total
