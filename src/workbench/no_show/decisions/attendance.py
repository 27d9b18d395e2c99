"""How many will come on a clinic day, a day, or in a session: with a shared effect, and as independent coins.

Independent coins make sums too narrow: clinic days in Vitória vary 1.77 times as much. The effect is learned from the
days of calibration and held against those of the test.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from workbench.no_show.decisions.group_effect import GroupEffect, learn_effect
from workbench.no_show.decisions.pit import Transform, transform
from workbench.no_show.decisions.totals import total_distributions
from workbench.no_show.scores.calibration import log_odds

Real = NDArray[np.float64]
Index = NDArray[np.int64]

LEVELS = {"day": ("day",), "clinic day": ("day", "clinic_id"), "session": ("session",)}
# Groups of the calibration from which an effect is learned, and of the test on which it is tried.
FEWEST_GROUPS = 5


@dataclass(frozen=True)
class Attendance:
    """Totals of one level on the test.

    `ratio` is how many times the variance of independent coins the totals varied by: squared differences from what was
    expected, summed, against variances, summed. `expected_ratio` is that which the effect makes.
    """

    level: str
    groups: int
    appointments: int
    attended: int
    expected: float
    effect: GroupEffect
    ratio: float
    expected_ratio: float
    independent: Transform
    with_effect: Transform


def attendance_of(
    calibration: pd.DataFrame, test: pd.DataFrame, away: tuple[Real, Real], seed: int
) -> tuple[Attendance, ...]:
    """Totals of every level that is recorded and has enough groups.

    Args:
        calibration, test: blocks of appointments.
        away: the probability that nobody is there, of each of both blocks; shapes (n,).
        seed: of the transform.
    """
    held = [
        _of_level(level, calibration, test, away, seed)
        for level, keys in LEVELS.items()
        if not test[keys[-1]].isna().all() and not calibration[keys[-1]].isna().all()
    ]
    return tuple(each for each in held if each is not None)


def dispersion(attended: Real, probability: Real, group: Index) -> float:
    """How many times the variance of independent coins the groups' totals vary by, around what was expected.

    Args:
        attended: 0 or 1, shape (n,).
        probability: that each comes, shape (n,).
        group: of each, numbers from 0 without gaps, shape (n,).
    """
    far = np.bincount(group, attended - probability)
    return float(far @ far / (probability * (1 - probability)).sum())


def _of_level(
    level: str, calibration: pd.DataFrame, test: pd.DataFrame, away: tuple[Real, Real], seed: int
) -> Attendance | None:
    blocks = [_grouped(rows, level, risk) for rows, risk in zip((calibration, test), away, strict=True)]
    (learned, odds, attended), (group, test_odds, came) = blocks
    if min(learned.max(), group.max()) + 1 < FEWEST_GROUPS:
        return None
    effect = learn_effect(odds, attended, learned)
    chance = expit(test_odds)
    counts = np.bincount(group, came).astype(np.int64)
    alone = total_distributions(test_odds, group, np.zeros(1), np.ones(1))
    mixed = total_distributions(test_odds, group, effect.nodes, effect.weights)
    return Attendance(
        level=level,
        groups=counts.size,
        appointments=came.size,
        attended=int(came.sum()),
        expected=sum(_moments(law)[0] for law in mixed),
        effect=effect,
        ratio=dispersion(came, chance, group),
        expected_ratio=sum(_moments(law)[1] for law in mixed) / float((chance * (1 - chance)).sum()),
        independent=transform(counts, alone, seed),
        with_effect=transform(counts, mixed, seed),
    )


def _grouped(rows: pd.DataFrame, level: str, away: Real) -> tuple[Index, Real, Real]:
    """Group, log odds of coming, and whether each came; without those that lie in no group."""
    # A row whose group is not recorded has no number.
    numbered = rows.groupby(list(LEVELS[level]), sort=False).ngroup().fillna(-1).to_numpy().astype(np.int64)
    inside = numbered >= 0
    _, group = np.unique(numbered[inside], return_inverse=True)
    came = (rows["outcome"] == "attended").to_numpy(float)
    return group.astype(np.int64), -log_odds(away)[inside], came[inside]


def _moments(law: Real) -> tuple[float, float]:
    at = np.arange(law.size)
    mean = float(law @ at)
    return mean, float(law @ (at - mean) ** 2)
