"""What reminders do, as a whole: from the eligible to effects. A frame in, a frozen result out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.no_show.effect.days_without import DaysWithout, days_without
from workbench.no_show.effect.eligible import Eligible, Missing
from workbench.no_show.effect.emulation import Emulation, emulate
from workbench.no_show.effect.nuisance import folds_of
from workbench.no_show.effect.trial import Trial, randomized
from workbench.no_show.effect.whom import Whom, whom_to_remind
from workbench.no_show.parameters import NoShow
from workbench.tables.cohort import Step

# From this many eligible appointments on, patients are drawn so that about as many are left.
LARGEST = 150_000


@dataclass(frozen=True)
class ReminderStudy:
    """What reminders do, as far as the source tells; `sent` is None where it records no reminders.

    `arrived` is the as-treated analysis; None where it is the same, since sending and arriving are not told apart.
    `drawn` is the share of patients studied.
    """

    flow: tuple[Step, ...]
    missing: tuple[Missing, ...]
    timed: bool
    drawn: float
    sent: Emulation | None
    arrived: Emulation | None
    days: DaysWithout | None
    trial: Trial | None
    whom: Whom | None


def study_reminders(
    eligible: Eligible | None, settings: NoShow, report: Callable[[str], None] | None = None
) -> ReminderStudy | None:
    """Tell what reminders do.

    Args:
        eligible: from `load_eligible`; None where it was not loaded.
        settings: the parameters.
        report: told what is being done.
    """
    if eligible is None:
        return None
    if eligible.rows is None:
        return ReminderStudy(eligible.flow, eligible.missing, eligible.timed, 1.0, None, None, None, None, None)
    if report is not None:
        report("asking what reminders do")
    outcome, bounds, seed = settings.reminder_outcome, settings.propensity_within, settings.seed
    rows, drawn = _drawn(eligible.rows, seed)
    target = rows[rows["eligible"]].reset_index(drop=True)
    sent, fitted = emulate(target, "sent", outcome, bounds, seed)
    apart = not np.array_equal(target["sent"], target["arrived"])
    return ReminderStudy(
        flow=eligible.flow,
        missing=eligible.missing,
        timed=eligible.timed,
        drawn=drawn,
        sent=sent,
        arrived=emulate(target, "arrived", outcome, bounds, seed)[0] if apart else None,
        days=days_without(rows, outcome),
        trial=randomized(rows, outcome, bounds, seed),
        whom=None
        if fitted is None
        else whom_to_remind(target, fitted.kept, outcome, settings.remind_share, bounds, seed),
    )


def _drawn(rows: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, float]:
    """All rows, or those of patients drawn by lot where there are very many."""
    parts = -(-len(rows) // LARGEST)
    if parts <= 1:
        return rows, 1.0
    inside = folds_of(rows["patient"].to_numpy(np.int64), parts, seed) == 0
    return rows[inside].reset_index(drop=True), 1 / parts
