"""How good predictions are: discrimination, accuracy, calibration, net benefit, each with an interval.

AUROC has its closed form (see `discrimination`); everything else is bootstrapped by patients: a replicate draws
patients with replacement and counts each appointment as often as its patient was drawn. Predictions are sorted
once; a replicate then costs a few sums.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from workbench.no_show.calibration import Line, in_the_large, recalibration, weighted_line
from workbench.no_show.discrimination import aurocs
from workbench.no_show.estimates import LEVEL, Estimate
from workbench.no_show.models.loss import log_odds
from workbench.refusal import Fault, Refused

Real = NDArray[np.float64]
Index = NDArray[np.int64]

REPLICATES = 400
BINS = 10
THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(1, 31))


@dataclass(frozen=True)
class Scores:
    """The scores of one model. Slope is None where all predictions are the same.

    `intercept` is calibration in the large, in log odds; see `calibration`.
    """

    model: str
    auroc: Estimate
    average_precision: Estimate
    brier: Estimate
    intercept: Estimate
    slope: Estimate | None


@dataclass(frozen=True)
class Gain:
    """The chosen model against a baseline, paired: positive is better for the model in both."""

    baseline: str
    auroc: Estimate
    brier: Estimate


@dataclass(frozen=True)
class CurvePoint:
    """A tenth of the appointments, by predicted risk: mean prediction, and the share that was missed."""

    patients: int
    appointments: int
    missed: int
    predicted: float
    observed: Estimate


@dataclass(frozen=True)
class Benefit:
    """Net benefit at a threshold, per appointment: no-shows called, less needless calls at the threshold's odds.

    `everybody` is that of calling everybody; calling nobody has 0. `gain` is the model's less the better of these two.
    Reference: Vickers and Elkin, Medical Decision Making 26 (2006) 565-574.
    """

    threshold: float
    model: Estimate
    everybody: float
    gain: Estimate


@dataclass(frozen=True)
class Evaluation:
    """All models' scores, the chosen model against each baseline, its calibration curve and net benefit."""

    scores: tuple[Scores, ...]
    gains: tuple[Gain, ...]
    curve: tuple[CurvePoint, ...]
    benefits: tuple[Benefit, ...]

    def of(self, model: str) -> Scores:
        """The scores of a model."""
        return next(scores for scores in self.scores if scores.model == model)

    def gain_over(self, baseline: str) -> Gain:
        """The chosen model against a baseline."""
        return next(gain for gain in self.gains if gain.baseline == baseline)


def evaluate(
    probability: Mapping[str, Real],
    chosen: str,
    baselines: Sequence[str],
    outcome: Real,
    patient: Index,
    threshold: float,
    seed: int,
    replicates: int = REPLICATES,
) -> Evaluation:
    """Score every model on the test block.

    Args:
        probability: predictions by model, each of shape (n,).
        chosen: the model whose curve, gains and net benefit are told.
        baselines: the models it is held against.
        outcome: 1 where the appointment was missed, else 0, shape (n,).
        patient: cluster of each appointment, shape (n,).
        threshold: the risk above which a call pays; net benefit is told at it too.
        seed: of the bootstrap.
        replicates: of the bootstrap.

    Raises:
        Refused: a probability outside 0 to 1, or one class only.
    """
    refuse_unfit(probability, outcome)
    names = list(probability)
    found = aurocs([probability[name] for name in names], outcome, patient)
    at = {name: place for place, name in enumerate(names)}
    measures = {name: _Measured(probability[name], outcome) for name in names}
    bins = _bins(probability[chosen])
    thresholds = sorted({*THRESHOLDS, threshold})
    ones = np.ones_like(outcome)

    def statistics(weight: Real) -> Real:
        """Everything bootstrapped, in one row."""
        by_model = [measures[name].under(weight) for name in names]
        curve = np.bincount(bins, weight * outcome, BINS) / np.maximum(np.bincount(bins, weight, BINS), 1e-12)
        benefit = measures[chosen].net_benefit(weight, thresholds)
        return np.concatenate([*by_model, curve, *benefit])

    values = statistics(ones)
    draws = np.array([statistics(weight) for weight in patient_weights(patient, replicates, seed)])
    size = len(_Measured.NAMES)

    def estimate(place: int) -> Estimate:
        return _percentile(values[place], draws[:, place])

    def of(name: str, measure: str) -> int:
        return size * at[name] + _Measured.NAMES.index(measure)

    scores = tuple(
        Scores(
            model=name,
            auroc=found.estimate(at[name]),
            average_precision=estimate(of(name, "average_precision")),
            brier=estimate(of(name, "brier")),
            intercept=estimate(of(name, "intercept")),
            slope=estimate(of(name, "slope")) if measures[name].varies else None,
        )
        for name in names
    )
    gains = tuple(
        Gain(
            baseline=name,
            auroc=found.difference(at[chosen], at[name]),
            brier=_percentile(
                values[of(name, "brier")] - values[of(chosen, "brier")],
                draws[:, of(name, "brier")] - draws[:, of(chosen, "brier")],
            ),
        )
        for name in baselines
    )
    first = size * len(names)
    curve = tuple(
        CurvePoint(
            patients=int(np.unique(patient[bins == place]).size),
            appointments=int((bins == place).sum()),
            missed=int(outcome[bins == place].sum()),
            predicted=float(probability[chosen][bins == place].mean()),
            observed=estimate(first + place),
        )
        for place in range(BINS)
        if (bins == place).any()
    )
    first += BINS
    benefits = tuple(
        Benefit(
            threshold=threshold,
            model=estimate(first + place),
            everybody=float(values[first + len(thresholds) + place]),
            gain=estimate(first + 2 * len(thresholds) + place),
        )
        for place, threshold in enumerate(thresholds)
    )
    return Evaluation(scores, gains, curve, benefits)


def refuse_unfit(probability: Mapping[str, Real], outcome: Real) -> None:
    """Raises `Refused` for what cannot be scored: probabilities outside 0 to 1, outcomes of one kind only."""
    for name, values in probability.items():
        if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
            raise Refused(
                Fault(
                    f"model {name}",
                    "it gives a probability outside 0 to 1.",
                    "Mend the model before scoring it.",
                )
            )
    if np.unique(outcome).size < 2:
        what = "everybody missed" if outcome.size and outcome[0] == 1 else "nobody missed"
        raise Refused(Fault("test", f"{what}, so that no model can be scored.", "Choose a longer test."))


def patient_weights(patient: Index, replicates: int, seed: int) -> Iterator[Real]:
    """For each replicate how often each appointment counts: as often as its patient was drawn."""
    _, cluster = np.unique(patient, return_inverse=True)
    clusters = int(cluster.max()) + 1
    rng = np.random.default_rng(seed)
    for _ in range(replicates):
        drawn = np.bincount(rng.integers(0, clusters, clusters), minlength=clusters)
        yield drawn[cluster].astype(float)


def clustered_mean(values: Real, patient: Index, level: float = LEVEL) -> Estimate:
    """A mean and its interval with a variance clustered by patient."""
    _, cluster = np.unique(patient, return_inverse=True)
    mean = float(values.mean())
    sums = np.bincount(cluster, values - mean)
    groups = sums.size
    error = float(np.sqrt((sums @ sums) * groups / max(groups - 1, 1))) / values.size
    half = float(norm.ppf((1 + level) / 2)) * error
    return Estimate(mean, mean - half, mean + half, level)


def _percentile(value: float, draws: Real, level: float = LEVEL) -> Estimate:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(value), float(low), float(high), level)


def _bins(probability: Real) -> Index:
    """The tenth each prediction falls into; equal predictions fall into one."""
    edges = np.quantile(probability, np.arange(1, BINS) / BINS)
    return np.searchsorted(edges, probability, side="right")


class _Measured:
    """One model's predictions sorted once, to be measured under many weights."""

    NAMES = ("average_precision", "brier", "intercept", "slope")

    def __init__(self, probability: Real, outcome: Real) -> None:
        self.outcome = outcome
        self.squared = (probability - outcome) ** 2
        self.log_odds = log_odds(probability)
        self.varies = bool(np.ptp(self.log_odds) > 1e-9)
        self.order = np.argsort(-probability, kind="stable")
        self.sorted = probability[self.order]
        self.missed = outcome[self.order]
        # The last place of each run of equal predictions.
        self.ends = np.flatnonzero(np.append(np.diff(self.sorted) != 0, True))
        self.line: Line | None = recalibration(self.log_odds, outcome) if self.varies else None
        self.large = in_the_large(self.log_odds, outcome, np.ones_like(outcome))

    def under(self, weight: Real) -> Real:
        """Average precision, Brier score, calibration in the large and slope; shape (4,)."""
        slope = weighted_line(self.log_odds, self.outcome, weight, self.line).slope if self.varies else 1.0
        return np.array(
            [
                self._average_precision(weight[self.order]),
                float(weight @ self.squared / weight.sum()),
                in_the_large(self.log_odds, self.outcome, weight, self.large),
                slope,
            ]
        )

    def net_benefit(self, weight: Real, thresholds: Sequence[float]) -> tuple[Real, Real, Real]:
        """Of the model, of calling everybody, and the model's less the better of everybody and nobody."""
        ordered = weight[self.order]
        missed = np.concatenate([[0.0], np.cumsum(ordered * self.missed)])
        called = np.concatenate([[0.0], np.cumsum(ordered)])
        at = np.array(thresholds)
        # Called are those with a risk of at least the threshold.
        place = np.searchsorted(-self.sorted, -at, side="right")
        odds = at / (1 - at)
        total = called[-1]
        model = (missed[place] - odds * (called[place] - missed[place])) / total
        everybody = (missed[-1] - odds * (total - missed[-1])) / total
        return model, everybody, model - np.maximum(everybody, 0.0)

    def _average_precision(self, weight: Real) -> float:
        """The mean of precision over the no-shows found, threshold by threshold."""
        found = np.cumsum(weight * self.missed)[self.ends]
        called = np.cumsum(weight)[self.ends]
        precision = found / np.maximum(called, 1e-12)
        return float(np.diff(found, prepend=0.0) @ precision / found[-1])
