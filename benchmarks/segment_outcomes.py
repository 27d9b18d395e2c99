"""Outcomes by group: bias and coverage of the BCH correction against counting people where they were put.

Run: nice python benchmarks/segment_outcomes.py (some minutes on one core); writes segment_outcomes.md beside it.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from workbench.segments.use.bch import corrected_means, dependence_beyond_groups
from workbench.segments.use.direct_effects import means_beside_features
from workbench.segments.use.outcomes import DOUBTED

SHARES = np.array([0.5, 0.3, 0.2])
RATES = np.array([0.10, 0.20, 0.40])
CENTERS = np.array([[1.0, 0.0, 0.0, 1.0], [-1.0, 1.0, 0.0, 0.0], [0.0, -1.0, 1.0, -1.0]])
SEPARATIONS = (0.8, 0.95, 1.1, 1.5)
SIZES = (1_000, 5_000)
DATA_SETS = 300
NORMAL = 1.959964

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """One data set: shares and their errors by group, (2, 3) each; whether told, and how certain groups are.

    `plain` counts people where they were put, `bch` corrects, `beside` corrects beside the features, `ruled` is what a
    report tells. `doubted` says that the test of the assumption of BCH rejects at 5 %.
    """

    plain: Matrix
    bch: Matrix
    beside: Matrix
    ruled: Matrix
    told: NDArray[np.bool_]
    inflation: Matrix
    certainty: float
    doubted: bool


def one(seed: int, people: int, separation: float, within: float) -> Found:
    """Draw people of three groups, find the groups anew, and tell the outcome of each.

    `within` is the log odds ratio of the outcome per standard deviation of the first feature within groups: 0 where
    the outcome depends on the features through the group alone, as the correction assumes.
    """
    rng = np.random.default_rng([seed, people, int(100 * separation)])
    group = rng.choice(3, people, p=SHARES)
    noise = rng.standard_normal((people, 4))
    rate = _rates(group, noise[:, 0], within)
    outcome = (rng.random(people) < rate).astype(float)
    features = separation * CENTERS[group] + noise
    model = GaussianMixture(3, covariance_type="tied", n_init=2, max_iter=300, tol=1e-4, random_state=seed).fit(
        features
    )
    _, place = linear_sum_assignment(((separation * CENTERS[:, None] - model.means_[None]) ** 2).sum(axis=2))
    probabilities = model.predict_proba(features)[:, place]
    labels = probabilities.argmax(axis=1)
    found = corrected_means(probabilities, labels, outcome)
    beside = means_beside_features(probabilities, labels, outcome, features)
    chance = dependence_beyond_groups(probabilities, labels, outcome, features)
    sizes = np.maximum(np.bincount(labels, minlength=3), 1)
    plain = np.bincount(labels, outcome, minlength=3) / sizes
    entropy = -np.sum(probabilities * np.log(np.clip(probabilities, 1e-300, 1)))
    ruled = beside if chance is not None and chance < DOUBTED else found
    return Found(
        plain=np.array([plain, np.sqrt(plain * (1 - plain) / sizes)]),
        bch=np.array([found.values, found.errors]),
        beside=np.array([beside.values, beside.errors]),
        ruled=np.array([ruled.values, ruled.errors]),
        told=ruled.is_reliable(),
        inflation=found.inflation,
        certainty=float(1 - entropy / (people * np.log(3))),
        doubted=chance is not None and chance < 0.05,
    )


def _rates(group: NDArray[np.int64], feature: Matrix, within: float) -> Matrix:
    """Each person's rate; the mean over a group stays that of RATES."""
    if within == 0:
        return RATES[group]
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    intercepts = []
    for rate in RATES:
        low, high = -12.0, 12.0
        for _ in range(60):
            middle = (low + high) / 2
            mean = float(weights @ (1 / (1 + np.exp(-(middle + within * nodes)))))
            low, high = (middle, high) if mean < rate else (low, middle)
        intercepts.append(middle)
    return 1 / (1 + np.exp(-(np.array(intercepts)[group] + within * feature)))


def row(people: int, separation: float, within: float = 0.0) -> list[str]:
    """A row of the table, over all data sets and the three groups, and over those told alone."""
    found = [one(seed, people, separation, within) for seed in range(DATA_SETS)]
    told = np.array([each.told for each in found])
    cells = [
        f"{people:,}",
        f"{np.mean([each.certainty for each in found]):.2f}",
        f"{np.nanmedian([each.inflation for each in found]):.2f}",
    ]
    for name in ("plain", "bch", "beside", "ruled"):
        off, errors = np.array([getattr(each, name) for each in found]).transpose(1, 0, 2)
        off = off - RATES
        inside = np.abs(off) <= NORMAL * errors
        if name == "ruled":
            cells.append(f"{100 * np.mean([each.doubted for each in found]):.0f} %")
            cells.append(f"{100 * told.mean():.0f} %")
            cells.append(f"{100 * inside[told].mean():.0f} %" if told.mean() > 0.01 else "–")
        else:
            bias = " / ".join(f"{100 * value:+.1f}" for value in np.nanmedian(off, axis=0))
            cells += [bias, f"{100 * inside.mean():.0f} %"]
    return cells


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    begun = time.time()
    with threadpool_limits(1):
        holds = [row(people, separation) for separation in reversed(SEPARATIONS) for people in SIZES]
        broken = [row(SIZES[1], separation, within=0.7) for separation in reversed(SEPARATIONS)]
    shares, rates = (", ".join(f"{value:.0%}".replace("%", " %") for value in some) for some in (SHARES, RATES))
    head = ["people", "certainty", "inflation", "plain: bias", "covered", "BCH: bias", "covered"]
    head += ["beside features: bias", "covered", "doubted", "told", "covered where told"]
    page = f"""# Outcomes by group: corrections for uncertain membership against counting people where they were put

Made by `benchmarks/segment_outcomes.py` in {time.time() - begun:.0f} s on one core. Three groups ({shares} of
the people) apart by four features; in each of {DATA_SETS} data sets the groups are found anew by a Gaussian mixture of
one shape. An outcome has a share of {rates} in them. Bias is the median error in points, by
group; covered, how often 95 % intervals hold the truth, over the groups. Certainty is the entropy R² of membership
(1: everybody's group is known); inflation, by how much BCH weights multiply the variance (median).

Plain counts people where they were put; BCH and the regression beside the features are those of
`workbench.segments.use`. Doubted: how often the test of the assumption of BCH rejects at 5 %. Told is what a report
shows: BCH, or the regression where the test rejects at 1 %, of groups whose inflation is within the limit; the others
are withheld.

The outcome depends on the features through the group alone, as BCH assumes:

{table(head, holds)}

Broken assumption: within groups, one standard deviation of the first feature doubles the odds of the outcome (so that
the regression, which is linear, is not quite right either):

{table(head, broken)}
"""
    Path(__file__).with_suffix(".md").write_text(page)
    print(page)


main()
