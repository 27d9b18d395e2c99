"""Person-weeks as numbers: levels of load, confounders, cells of weeks that are alike, and windows of four weeks.

An opt-out cuts its week short: who opts out after the first text is not sent the second. Such a week is shared over the
levels it would have reached, by `weights.shares_of_levels`; all else reads shared weeks.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.message_load.causal.person_weeks import STATES
from workbench.message_load.causal.results import LEVELS

Index = NDArray[np.int64]
Real = NDArray[np.float64]
Truth = NDArray[np.bool_]

HIGHEST = len(LEVELS) - 1
# Load within the last 7 days is the week's own; load of 8 to 28 days is that of the three weeks before.
WINDOW = 4
MOST_EARLIER = 3 * HIGHEST
# What is counted before a week, and changes with what happens in it.
CHANGING = (
    "texts_1",
    "texts_2",
    "texts_3",
    "replied",
    "replies",
    "had_booked",
    "bookings",
    "missed",
    "misses",
    "expected",
)
NEW, YOUNG = 8, 26
# Columns of `features`: whether there was any text in the week before, how many, and whether the person booked.
ANY_TEXT_1, TEXTS_1, HAD_BOOKED = 1, 2, 5


@dataclass(frozen=True)
class Panel:
    """Person-weeks as arrays of one length n, sorted by person and week.

    Attributes:
        patient, week: numbers from 0.
        level: of load within the week, up to `HIGHEST`; of a week cut short by an opt-out, that reached by then.
        texts: their number within the week.
        earlier: texts in the three weeks before, at most `MOST_EARLIER`.
        opted_out, booked, left: whether, within the week; `gone` is the share of the week gone at an opt-out.
        to_come: whole weeks studied from this one on.
        state: what `features` are made of, by name.
        cell: which of the rows of `x` the week's confounders are; x: (cells, p), the intercept first.
        names: of states, in the order of their columns.
    """

    patient: Index
    week: Index
    level: Index
    texts: Index
    earlier: Index
    opted_out: Truth
    booked: Truth
    left: Truth
    gone: Real
    to_come: Index
    state: dict[str, Index]
    cell: Index
    x: Real
    words: tuple[int, ...]

    @property
    def people(self) -> int:
        """How many people there are."""
        return int(self.patient.max()) + 1

    @property
    def whole(self) -> Truth:
        """Weeks whose outcome is told: nobody left within them."""
        return ~self.left

    @property
    def windows(self) -> Index:
        """The last weeks of all windows of `WINDOW` whole weeks of one person."""
        return np.flatnonzero((self.week >= WINDOW - 1) & self.whole)

    @property
    def followed(self) -> Index:
        """The weeks after which the person was still followed in the next, which is the next row."""
        return np.flatnonzero((self.patient[1:] == self.patient[:-1]) & (self.week[1:] == self.week[:-1] + 1))


def panel_of(rows: pd.DataFrame) -> Panel:
    """The person-weeks of `PersonWeeks.rows` as arrays; any further columns are passed over."""
    rows = rows.sort_values(["patient", "week"], kind="stable")
    patient = np.unique(rows["patient"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    state = {name: rows[name].to_numpy(np.int64) for name in (*CHANGING, "since_consent")}
    words = []
    for name in STATES:
        codes, told = pd.factorize(rows[name], sort=True)
        state[name] = codes.astype(np.int64)
        words.append(len(told))
    texts = rows["texts"].to_numpy(np.int64)
    banded = _banded(state)
    cell, first = _cells(banded)
    earlier = state["texts_1"] + state["texts_2"] + state["texts_3"]
    return Panel(
        patient=patient,
        week=rows["week"].to_numpy(np.int64),
        level=np.minimum(texts, HIGHEST),
        texts=texts,
        earlier=np.minimum(earlier, MOST_EARLIER),
        opted_out=rows["opted_out"].to_numpy() == 1,
        booked=rows["booked"].to_numpy() == 1,
        left=rows["left"].to_numpy() == 1,
        gone=rows["opted_out_after"].to_numpy(np.float64),
        to_come=rows["to_come"].to_numpy(np.int64),
        state=state,
        cell=cell,
        x=features({name: values[first] for name, values in state.items()}, tuple(words)),
        words=tuple(words),
    )


def features(state: dict[str, Index], words: tuple[int, ...]) -> Real:
    """Confounders known before a week, (n, p), the intercept first.

    Args:
        state: (n,) by name: `CHANGING`, since_consent, and codes of the states.
        words: how many words each state has.
    """
    banded = _banded(state)
    columns: list[NDArray[np.generic]] = [np.ones(len(banded["texts_1"]))]
    columns += [banded["texts_1"] > 0, banded["texts_1"], banded["texts_before"]]
    columns += [banded[name] for name in ("replied", "had_booked", "missed", "expected")]
    for name, bands in (("replies", 3), ("bookings", 3), ("misses", 1), ("since_consent", 2)):
        columns += [banded[name] == band for band in range(1, bands + 1)]
    for name, count in zip(STATES, words, strict=True):
        columns += [banded[name] == code for code in range(1, count)]
    return np.column_stack([np.asarray(column, np.float64) for column in columns])


def _banded(state: dict[str, Index]) -> dict[str, Index]:
    """The state in few values each: counts are cut off, so that many weeks are alike."""

    def band(name: str, *bounds: int) -> Index:
        return np.searchsorted(bounds, state[name], side="right").astype(np.int64)

    return {
        "texts_1": np.minimum(state["texts_1"], HIGHEST),
        "texts_before": np.minimum(state["texts_2"], HIGHEST) + np.minimum(state["texts_3"], HIGHEST),
        **{name: state[name] for name in ("replied", "had_booked", "missed", "expected", *STATES)},
        "replies": band("replies", 1, 3, 6),
        "bookings": band("bookings", 1, 3, 6),
        "misses": band("misses", 1),
        "since_consent": band("since_consent", NEW, YOUNG),
    }


def _cells(banded: dict[str, Index]) -> tuple[Index, Index]:
    """Which weeks are alike, numbered, and the first row of each number."""
    code = np.zeros(len(next(iter(banded.values()))), np.int64)
    for values in banded.values():
        code = code * (int(values.max(initial=0)) + 1) + values
    _, first, cell = np.unique(code, return_index=True, return_inverse=True)
    return cell.astype(np.int64), first.astype(np.int64)
