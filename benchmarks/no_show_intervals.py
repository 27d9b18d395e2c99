"""Do the intervals of a model's scores hold the truth where patients come again? Beside intervals by row.

`python benchmarks/no_show_intervals.py` writes no_show_intervals.md beside itself; about five minutes on one core.
"""

from collections import defaultdict
from pathlib import Path

import machine
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from threadpoolctl import threadpool_limits

from workbench.no_show.scores.accuracy import Accuracy
from workbench.no_show.scores.benefit import NetBenefits
from workbench.no_show.scores.calibration import clustered_in_the_large, clustered_slope, log_odds
from workbench.no_show.scores.discrimination import Ranked, aurocs
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.scores.expansion import Lines
from workbench.no_show.scores.replicates import Sums, drawn_patients

Real = NDArray[np.float64]
Index = NDArray[np.int64]

PATIENTS = (200, 600, 1500)
SIMULATIONS = 500
REPLICATES = 400
THRESHOLD = 0.16
# The truth is that of so many patients, several times.
MANY, BATCHES = 200_000, 4
VISITS = 5.0
CLOSED, DRAWN = " (closed form)", " (bootstrap)"


def main() -> None:
    with threadpool_limits(1):
        text = measured()
    print(text)
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


def clinic(patients: int, rng: np.random.Generator) -> tuple[Real, Real, Index]:
    """Risks by a model of slope and intercept a little off, outcomes, and patients.

    A patient has a habit of missing, of which the model knows a part. Who misses more is booked more often, so that the
    number of visits tells of the habit too.
    """
    habit = rng.normal(size=patients)
    visits = 1 + rng.poisson(VISITS * np.exp(0.4 * habit))
    patient = np.repeat(np.arange(patients), visits)
    known = (0.7 * habit + 0.7 * rng.normal(size=patients))[patient]
    visit = rng.normal(size=patient.size)
    outcome = (rng.random(patient.size) < expit(-1.9 + 0.9 * habit[patient] + 0.5 * visit)).astype(float)
    return expit(-1.7 + 0.8 * known + 0.5 * visit), outcome, patient


class Metrics:
    """Every metric of one clinic, under any counts of its clusters."""

    def __init__(self, risk: Real, outcome: Real, cluster: Index) -> None:
        self.sums = Sums(cluster)
        self._ranked = Ranked(risk, outcome, self.sums.cluster)
        self._lines = Lines(log_odds(risk), outcome, self.sums, sloped=True)
        self._accuracy = Accuracy(risk, outcome, self.sums)
        self._rules = NetBenefits(outcome, self.sums).of_thresholds(risk, [THRESHOLD])

    def under(self, drawn: Real) -> dict[str, Real]:
        found = self.sums.under(drawn)
        auroc, precision = self._ranked.under(drawn)
        slope = self._lines.slope(found, drawn)
        if slope is None:
            raise SystemExit("predictions do not vary")
        return {
            "AUROC": auroc,
            "average precision": precision,
            "Brier score": self._accuracy.brier(found),
            "scaled Brier score": self._accuracy.scaled_brier(found),
            "log loss": self._accuracy.log_loss(found),
            "calibration in the large": self._lines.in_the_large(found, drawn),
            "calibration slope": slope,
            "net benefit": self._rules.model(found)[0],
            "net benefit, gain": self._rules.gain(found)[0],
        }

    def once(self) -> dict[str, float]:
        ones = np.ones((self.sums.patients, 1))
        return {name: float(values[0]) for name, values in self.under(ones).items()}


def intervals(risk: Real, outcome: Real, cluster: Index, seed: int) -> dict[str, Estimate]:
    """The interval of every metric, those with a closed form by both ways."""
    metrics = Metrics(risk, outcome, cluster)
    value = metrics.once()
    blocks = [metrics.under(drawn) for drawn in drawn_patients(metrics.sums.patients, REPLICATES, seed)]
    draws = {name: np.concatenate([block[name] for block in blocks]) for name in value}
    odds = log_odds(risk)
    both = {
        "AUROC": aurocs([risk], outcome, cluster).estimate(0),
        "calibration in the large": clustered_in_the_large(odds, outcome, cluster),
        "calibration slope": clustered_slope(odds, outcome, cluster),
    }
    found = {}
    for name, estimate in value.items():
        bootstrap = Estimate.percentile(estimate, draws[name])
        if name in both:
            found[name + CLOSED] = both[name]
            found[name + DRAWN] = bootstrap
        else:
            found[name] = bootstrap
    return found


def truth() -> dict[str, float]:
    rng = np.random.default_rng(1)
    batches = [Metrics(*clinic(MANY, rng)).once() for _ in range(BATCHES)]
    return {name: float(np.mean([batch[name] for batch in batches])) for name in batches[0]}


def measured() -> str:
    true = truth()
    held: dict[tuple[str, int, str], int] = defaultdict(int)
    widths: dict[tuple[str, int, str], list[float]] = defaultdict(list)
    rows = {}
    for patients in PATIENTS:
        sizes = []
        for simulation in range(SIMULATIONS):
            rng = np.random.default_rng([2, patients, simulation])
            risk, outcome, patient = clinic(patients, rng)
            sizes.append(patient.size)
            for way, cluster in (("patients", patient), ("rows", np.arange(patient.size))):
                for name, estimate in intervals(risk, outcome, cluster, simulation).items():
                    told = true[name.removesuffix(CLOSED).removesuffix(DRAWN)]
                    held[name, patients, way] += estimate.low <= told <= estimate.high
                    widths[name, patients, way].append(estimate.high - estimate.low)
        rows[patients] = int(np.mean(sizes))
    names = list(dict.fromkeys(name for name, _, _ in held))
    return _told(true, held, widths, rows, names)


def _told(
    true: dict[str, float],
    held: dict[tuple[str, int, str], int],
    widths: dict[tuple[str, int, str], list[float]],
    rows: dict[int, int],
    names: list[str],
) -> str:
    def share(name: str, patients: int, way: str) -> str:
        return f"{100 * held[name, patients, way] / SIMULATIONS:.1f}"

    def line(name: str) -> str:
        told = true[name.removesuffix(CLOSED).removesuffix(DRAWN)]
        covered = [share(name, patients, way) for way in ("patients", "rows") for patients in PATIENTS]
        most = PATIENTS[-1]
        ratio = np.mean(widths[name, most, "patients"]) / np.mean(widths[name, most, "rows"])
        return f"| {name} | {told:.3f} | {' | '.join(covered)} | {ratio:.2f} |"

    noise = 100 * 1.96 * np.sqrt(0.95 * 0.05 / SIMULATIONS)
    table = "\n".join(line(name) for name in names)
    sizes = ", ".join(f"{patients:,} patients ({rows[patients]:,} appointments)" for patients in PATIENTS)
    header = " | ".join(f"{way}, {n:,}" for way in ("clustered", "by row") for n in PATIENTS)
    return f"""# Coverage of the intervals of a no-show model's scores

Simulated clinics of {sizes}. Each
patient has a habit of missing (a normal random effect of 0.9 in log odds), of which the model knows a part, and who
misses more is booked more often. The model's slope and intercept are a little off. How often 95 % intervals hold the
value among {MANY * BATCHES:,} patients, in percent of {SIMULATIONS} clinics each: clustered by patient, as a study
tells them, and with every appointment taken as independent. {REPLICATES} replicates. Chance moves a share of 95 by
{noise:.1f} up or down. Net benefit is at a threshold of {100 * THRESHOLD:.0f} %; its gain is that over calling
everybody or nobody.

{machine.told()}

| | truth | {header} | width, clustered over by row |
|---|---|{"---|" * (2 * len(PATIENTS) + 1)}
{table}

Intervals by row are too narrow, since a patient's visits are alike: no report tells them. The last column is the mean
width of the clustered interval over that by row, with {PATIENTS[-1]:,} patients. Of few patients the clustered ones
are a little short as well.
"""


if __name__ == "__main__":
    main()
