"""The flexible calibration curve: the share that is missed at every predicted risk, without a line being assumed.

Local linear regression of the outcome on the predicted risk with tricube weights (loess of degree 1; Cleveland, JASA 74
(1979) 829-836; for calibration Austin and Steyerberg, Statistics in Medicine 33 (2014) 517-535). Where calibration is
perfect the truth is a straight line, which it estimates without bias. Bandwidths are those of the whole sample.

Eavg and E90 are the mean and the 90th percentile of the distance between curve and prediction over appointments
(Harrell; Austin and Steyerberg, Statistics in Medicine 38 (2019) 4051-4065). They are above 0 under perfect calibration
too, and their bootstrap intervals do not cover: they are told beside what they would be under perfect calibration.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from workbench.no_show.scores.estimates import Estimate

Real = NDArray[np.float64]
Index = NDArray[np.int64]

SPAN = 0.5
PLACES = 41
# Rows are put together by their predictions into so many groups, whose means stand for them.
CELLS = 400
# The curve is told where at least this share of the appointments lies beyond it on either side.
TAIL = 0.005
REFERENCE = 300


@dataclass(frozen=True)
class CurvePoint:
    """A place of the calibration curve: predicted risk, and the share missed there, with a pointwise interval."""

    predicted: float
    observed: Estimate


@dataclass(frozen=True)
class Distance:
    """Eavg or E90, beside its mean and 95th percentile were the predictions perfectly calibrated."""

    value: float
    expected: float
    upper: float

    @property
    def beyond(self) -> bool:
        """Whether it is more than perfect calibration would show in 19 of 20 tests."""
        return self.value > self.upper


class Loess:
    """The smoother of one model's predictions: a curve for any outcomes, or for any weights of the patients."""

    def __init__(self, probability: Real, outcome: Real, cluster: Index) -> None:
        """Place the curve and weigh appointments by their distance to its places.

        Args:
            probability: shape (n,), not all the same.
            outcome: 0 or 1, shape (n,).
            cluster: the patient's place among all patients, from `Sums`.
        """
        self.cell = _cells(probability)
        self._size = np.bincount(self.cell).astype(float)
        self.centers = np.bincount(self.cell, probability) / self._size
        low, high = np.quantile(probability, [TAIL, 1 - TAIL])
        self.places = np.linspace(float(low), float(high), PLACES)
        nearest = max(2, int(SPAN * probability.size))
        distance = self.centers - self.places[:, None]
        reach = np.array(
            [np.partition(np.abs(probability - place), nearest - 1)[nearest - 1] for place in self.places]
        )
        # Wide enough to hold two groups of predictions, or there would be no line.
        two = np.sort(np.abs(distance), axis=1)[:, min(2, self.centers.size - 1)]
        reach = np.maximum(reach, two * (1 + 1e-6))
        kernel = (1 - np.minimum(np.abs(distance) / reach[:, None], 1) ** 3) ** 3
        self._kernels = np.stack([kernel, kernel * distance, kernel * distance**2])
        shape = (self._size.size, int(cluster.max()) + 1)
        self._sizes = csr_array((np.ones_like(outcome), (self.cell, cluster)), shape=shape)
        self._missed = csr_array((outcome, (self.cell, cluster)), shape=shape)

    def of(self, outcome: Real) -> Real:
        """The curve of outcomes of shape (n,), shape (places, 1)."""
        missed = np.bincount(self.cell, outcome, self._size.size)
        return self._curve(self._size[:, None], missed[:, None])

    def under(self, drawn: Real) -> Real:
        """The curve in each replicate, shape (places, b).

        Args:
            drawn: how often each patient counts, shape (patients, b).
        """
        return self._curve(self._sizes @ drawn, self._missed @ drawn)

    def distances(self, curve: Real) -> tuple[Real, Real]:
        """Eavg and E90 of curves of shape (places, b), each of shape (b,)."""
        at = np.stack([np.interp(self.centers, self.places, column) for column in curve.T])
        off = np.abs(at - self.centers)
        # Beyond its ends the curve keeps its distance to the diagonal, as far as it is known.
        for end, beyond in ((0, self.centers < self.places[0]), (-1, self.centers > self.places[-1])):
            off[:, beyond] = np.abs(curve[end] - self.places[end])[:, None]
        mean = off @ self._size / self._size.sum()
        order = np.argsort(off, axis=1)
        reached = np.cumsum(self._size[order], axis=1) >= 0.9 * self._size.sum()
        ninth = np.take_along_axis(off, order, axis=1)[np.arange(len(off)), reached.argmax(axis=1)]
        return mean, ninth

    def _curve(self, size: Real, missed: Real) -> Real:
        """The curve of appointments and missed ones by cell, each of shape (cells, b)."""
        s0, s1, s2 = self._kernels @ size
        t0, t1 = self._kernels[:2] @ missed
        determinant = s0 * s2 - s1**2
        # Where a replicate holds one kind of prediction nearby, there is a mean and no line.
        lined = determinant > 1e-9 * s0 * s2
        line = (s2 * t0 - s1 * t1) / np.where(lined, determinant, 1)
        return np.clip(np.where(lined, line, t0 / np.maximum(s0, 1e-12)), 0, 1)


def distances(
    loess: Loess, probability: Real, outcome: Real, patient: Index, seed: int
) -> tuple[Distance, Distance]:
    """Eavg and E90, beside their distribution under perfect calibration.

    Outcomes are drawn from the predicted risks; two of one patient are as correlated as what predictions leave over
    is: each appointment takes its luck from its patient with the probability sqrt(r), else its own, so that risks stay
    what they are and residuals correlate by r.

    Args:
        loess: of these predictions.
        probability, outcome, patient: shape (n,).
        seed: of the drawing.
    """
    values = loess.distances(loess.of(outcome))
    shared = np.sqrt(residual_correlation(probability, outcome, patient))
    _, cluster = np.unique(patient, return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(REFERENCE):
        own = rng.random(probability.size)
        of_patient = rng.random(int(cluster.max()) + 1)[cluster]
        luck = np.where(rng.random(probability.size) < shared, of_patient, own) if shared else own
        drawn.append(loess.distances(loess.of((luck < probability).astype(float))))
    found = np.array(drawn)[:, :, 0]
    mean, ninth = (
        Distance(float(value[0]), float(under.mean()), float(np.quantile(under, 0.95)))
        for value, under in zip(values, found.T, strict=True)
    )
    return mean, ninth


def residual_correlation(probability: Real, outcome: Real, patient: Index) -> float:
    """The mean correlation of what predictions leave over between two appointments of one patient, 0 to 1."""
    _, cluster = np.unique(patient, return_inverse=True)
    spread = np.sqrt(np.maximum(probability * (1 - probability), 1e-6))
    rest = (outcome - probability) / spread
    sums, squares = np.bincount(cluster, rest), np.bincount(cluster, rest**2)
    size = np.bincount(cluster).astype(float)
    pairs = float((size * (size - 1)).sum())
    if pairs == 0:
        return 0.0
    return float(np.clip((sums**2 - squares).sum() / pairs / max(float((rest**2).mean()), 1e-12), 0, 1))


def _cells(probability: Real) -> Index:
    """The group of each prediction: equal ones together, else in equal numbers."""
    edges = np.unique(np.quantile(probability, np.arange(1, CELLS) / CELLS))
    _, cell = np.unique(np.searchsorted(edges, probability, side="right"), return_inverse=True)
    return np.asarray(cell, dtype=np.int64)
