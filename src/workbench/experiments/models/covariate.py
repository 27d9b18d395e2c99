"""What was known before assignment, used to tell the same difference with less noise (CUPED).

An event's difference is standardized over strata of the covariate, partially pooled; a mean's is adjusted by the
covariate's regression coefficient. Neither changes what is estimated: arms are random within strata.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from workbench.experiments.models.checks import PosteriorChecks
from workbench.experiments.models.segments import SegmentCells, check_cells, draw_rates
from workbench.experiments.models.summary import Summary, summarize
from workbench.refusal import Fault, Refused
from workbench.sampling.diagnostics import Diagnostics
from workbench.sampling.nuts import FULL, Effort, Report

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StandardizedPosterior:
    """Differences in event rate from the control, averaged over the strata as all people fall into them.

    `saved` is the share of the unadjusted difference's variance that the covariate takes away, by arm.
    """

    differences: dict[str, Summary]
    saved: dict[str, float]
    diagnostics: Diagnostics
    checks: PosteriorChecks


@dataclass(frozen=True)
class MeanCells:
    """People by arm, value before assignment and value after it: one row for each kind, arrays of shape (rows,).

    `arm` is an index into `arms`, the control first.
    """

    arms: tuple[str, ...]
    arm: NDArray[np.int64]
    before: Array
    after: Array
    people: NDArray[np.int64]

    def __post_init__(self) -> None:
        if len({array.shape for array in (self.arm, self.before, self.after, self.people)}) > 1:
            raise ValueError("arm, before, after and people must have the same shape")
        by_arm = np.bincount(self.arm, weights=self.people, minlength=len(self.arms))
        faults = []
        if len(self.arms) < 2 or by_arm.min() < 2:
            faults.append(
                Fault("covariate", "an arm has fewer than two people.", "Leave the arm out, or wait.")
            )
        if not (np.isfinite(self.before).all() and np.isfinite(self.after).all()) or self.people.min() < 0:
            faults.append(
                Fault(
                    "covariate",
                    "some values are not numbers, or counts negative.",
                    "Correct or drop these people.",
                )
            )
        if faults:
            raise Refused(*faults)


@dataclass(frozen=True)
class AdjustedMean:
    """An arm's mean less the control's, adjusted by the covariate, with standard error and normal interval.

    `theta` is the coefficient; `unadjusted` and its error are what would be told without the covariate; `saved` the
    share of variance taken away.
    """

    arm: str
    mean: float
    error: float
    low: float
    high: float
    level: float
    theta: float
    unadjusted: float
    unadjusted_error: float
    saved: float


def refuse_if_late(covariate: str, days_after_assignment: float) -> None:
    """Refuse a covariate that may have been changed by the treatment.

    Args:
        covariate: its name.
        days_after_assignment: when it was last measured; negative before assignment, 0 at it.

    Raises:
        Refused: where it was measured later than the assignment, or nobody knows when.
    """
    if days_after_assignment <= 0:
        return
    known = not np.isnan(days_after_assignment)
    what = "it was measured after assignment" if known else "it is not known when it was measured"
    raise Refused(
        Fault(
            f"covariate {covariate}",
            f"{what}, so that the arms themselves may have changed it, and adjusting for it hides what they did.",
            "Take what was known by the assignment.",
        )
    )


def fit_standardized(
    cells: SegmentCells,
    covariate: str,
    days_after_assignment: float,
    seed: int,
    level: float = 0.95,
    report: Report | None = None,
    effort: Effort = FULL,
) -> StandardizedPosterior:
    """The difference in event rate, standardized over strata of a covariate, by the model of segments.

    Args:
        cells: people and events by stratum of the covariate and arm.
        covariate: its name.
        days_after_assignment: when it was last measured; negative before assignment, 0 at it.
        seed: of the sampler.
        level: of the credible intervals.
        report: told what is being done, for long work.
        effort: how much to sample.

    Raises:
        Refused: for a covariate measured after assignment.
    """
    refuse_if_late(covariate, days_after_assignment)
    draws = draw_rates(cells, seed, effort, report)
    rates = draws.of("rate")[:, : len(cells.segments)]
    share = cells.people.sum(axis=1) / cells.people.sum()
    average = np.einsum("s,dsk->dk", share, rates)
    saved = variance_saved(cells.people, rates.mean(axis=0))
    return StandardizedPosterior(
        differences={
            arm: summarize(average[:, k] - average[:, 0], level) for k, arm in enumerate(cells.arms) if k
        },
        saved=dict(zip(cells.arms[1:], saved.tolist(), strict=True)),
        diagnostics=draws.diagnostics,
        checks=check_cells(draws, cells.people, cells.events, cells.arms, seed),
    )


def variance_saved(people: NDArray[np.int64], rates: Array) -> Array:
    """The share of each difference's variance that lies between strata, of shape (arms - 1,).

    A person's outcome varies by p (1 - p) about the arm's rate p, and by p_x (1 - p_x) about the stratum's.

    Args:
        people: by stratum and arm, the control first.
        rates: of the same shape.
    """
    size = people.sum(axis=0)
    share = people.sum(axis=1, keepdims=True) / people.sum()
    whole = (share * rates).sum(axis=0)
    raw = whole * (1 - whole) / size
    within = (share * rates * (1 - rates)).sum(axis=0) / size
    return 1 - (within[1:] + within[0]) / (raw[1:] + raw[0])


def adjust_means(
    cells: MeanCells, covariate: str, days_after_assignment: float, level: float = 0.95
) -> tuple[AdjustedMean, ...]:
    """Differences of means adjusted by a pre-period value: after - theta (before - mean before) (Deng et al. 2013).

    theta is the regression coefficient within arms, pooled over them; arms may differ in variance. A covariate that
    does not vary has theta 0 and saves nothing.

    Args:
        cells: people by arm and the two values.
        covariate: its name.
        days_after_assignment: when it was last measured; negative before assignment, 0 at it.
        level: of the intervals.

    Raises:
        Refused: for a covariate measured after assignment.
    """
    refuse_if_late(covariate, days_after_assignment)
    moments = [_moments(cells, k) for k in range(len(cells.arms))]
    between = sum(people * covariance[0, 1] for people, _, covariance in moments)
    spread = sum(people * covariance[0, 0] for people, _, covariance in moments)
    theta = float(between / spread) if spread > 0 else 0.0
    contrast = np.array([-theta, 1.0])
    control, *treated = moments
    adjusted = []
    for arm, (people, means, covariance) in zip(cells.arms[1:], treated, strict=True):
        difference = means - control[1]
        variance = covariance / (people - 1) + control[2] / (control[0] - 1)
        mean, error = float(contrast @ difference), float(np.sqrt(contrast @ variance @ contrast))
        raw = float(variance[1, 1])
        reach = float(norm.ppf((1 + level) / 2)) * error
        adjusted.append(
            AdjustedMean(
                arm=arm,
                mean=mean,
                error=error,
                low=mean - reach,
                high=mean + reach,
                level=level,
                theta=theta,
                unadjusted=float(difference[1]),
                unadjusted_error=float(np.sqrt(raw)),
                saved=1 - error**2 / raw if raw > 0 else 0.0,
            )
        )
    return tuple(adjusted)


def _moments(cells: MeanCells, arm: int) -> tuple[float, Array, Array]:
    """People, means and covariance (divided by the people) of the values before and after, of one arm."""
    weights = np.where(cells.arm == arm, cells.people, 0)
    values = np.stack([cells.before, cells.after])
    people = float(weights.sum())
    means = values @ weights / people
    centered = values - means[:, None]
    return people, means, (centered * weights) @ centered.T / people
