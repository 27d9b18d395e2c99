"""How long do clustered replicates of all metrics take? Beside a loop over scikit-learn on resampled rows.

`python benchmarks/clustered_replicates.py` writes clustered_replicates.md beside itself; about a minute on one core.
Both draw the same patients, and every value of the one must be that of the other.
"""

import time
from collections.abc import Callable
from pathlib import Path

import machine
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from threadpoolctl import threadpool_limits

from workbench.no_show.scores.accuracy import Accuracy
from workbench.no_show.scores.benefit import NetBenefits
from workbench.no_show.scores.calibration import in_the_large, log_odds
from workbench.no_show.scores.discrimination import Ranked
from workbench.no_show.scores.expansion import Lines
from workbench.no_show.scores.replicates import Sums, drawn_patients

Real = NDArray[np.float64]
Index = NDArray[np.int64]

APPOINTMENTS, PATIENTS = 110_000, 62_000
REPLICATES, OF_LOOP = 1000, 10
THRESHOLDS = (0.1, 0.16, 0.3)
SEED = 20_261_128
AGREE = 1e-5


def main() -> None:
    with threadpool_limits(1):
        text = measured()
    print(text)
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


def clinic() -> tuple[Real, Real, Index]:
    """Risks, outcomes and patients, some of whom come often."""
    rng = np.random.default_rng(SEED)
    patient = rng.integers(0, PATIENTS, APPOINTMENTS)
    habit = rng.normal(size=PATIENTS)[patient]
    risk = expit(-1.7 + 0.7 * habit + 0.7 * rng.normal(size=APPOINTMENTS))
    outcome = (rng.random(APPOINTMENTS) < expit(-1.6 + 0.9 * habit)).astype(float)
    return risk, outcome, patient


def measured() -> str:
    risk, outcome, patient = clinic()
    begun = time.perf_counter()
    found = in_blocks(risk, outcome, patient, REPLICATES)
    ours = (time.perf_counter() - begun) / REPLICATES
    clusters = np.unique(patient, return_inverse=True)[1]
    rows_of = np.split(np.argsort(clusters, kind="stable"), np.cumsum(np.bincount(clusters))[:-1])
    drawn = next(iter(drawn_patients(len(rows_of), OF_LOOP, SEED)))
    lines, loop = [], 0.0
    for name, metric in LOOPED.items():
        begun = time.perf_counter()
        for at in range(OF_LOOP):
            value = metric(*resampled(rows_of, drawn[:, at], risk, outcome))
            if abs(value - found[name][at]) > AGREE:
                raise SystemExit(f"{name} differs: {value} by the loop, {found[name][at]} in blocks")
        each = (time.perf_counter() - begun) / OF_LOOP
        loop += each
        lines.append(f"| {name} | {1000 * each:.1f} |")
    shared = f"| all {len(LOOPED)}, each by itself | {1000 * loop:.0f} |"
    begun = time.perf_counter()
    for at in range(OF_LOOP):
        rows = resampled(rows_of, drawn[:, at], risk, outcome)
        for metric in LOOPED.values():
            metric(*rows)
    once = (time.perf_counter() - begun) / OF_LOOP
    return f"""# Clustered replicates of all metrics

One model's predictions for {APPOINTMENTS:,} appointments of up to {PATIENTS:,} patients; patients are drawn with
replacement, not rows. In blocks: `workbench.no_show.scores`, {REPLICATES:,} replicates, sorting and summing by patient
included. The loop takes the rows of the drawn patients and calls scikit-learn (net benefit and calibration in the
large: numpy; slope: logistic regression without a penalty), {OF_LOOP} replicates. Both draw the same patients: the run
ends with an error where one of the {len(LOOPED)} values of one of {OF_LOOP} replicates differs by more than {AGREE:g}.
One thread.

{machine.told()}

| | milliseconds a replicate | seconds for {REPLICATES:,} |
|---|---|---|
| in blocks, all {len(LOOPED)} metrics | {1000 * ours:.2f} | {ours * REPLICATES:.1f} |
| loop, all {len(LOOPED)}, rows taken once each | {1000 * once:.0f} | {once * REPLICATES:.0f} (from {OF_LOOP}) |

In blocks a replicate takes 1/{once / ours:.0f} of the loop's time.

| metric, by the loop, rows taken anew | milliseconds a replicate |
|---|---|
{chr(10).join(lines)}
{shared}
"""


def in_blocks(risk: Real, outcome: Real, patient: Index, replicates: int) -> dict[str, Real]:
    """Every metric in every replicate."""
    sums = Sums(patient)
    ranked = Ranked(risk, outcome, sums.cluster)
    lines = Lines(log_odds(risk), outcome, sums, sloped=True)
    accuracy = Accuracy(risk, outcome, sums)
    rules = NetBenefits(outcome, sums).of_thresholds(risk, THRESHOLDS)
    blocks: list[dict[str, Real]] = []
    for drawn in drawn_patients(sums.patients, replicates, SEED):
        found = sums.under(drawn)
        auroc, precision = ranked.under(drawn)
        slope = lines.slope(found, drawn)
        if slope is None:
            raise SystemExit("predictions do not vary")
        blocks.append(
            {
                "AUROC": auroc,
                "average precision": precision,
                "Brier score": accuracy.brier(found),
                "scaled Brier score": accuracy.scaled_brier(found),
                "log loss": accuracy.log_loss(found),
                "calibration in the large": lines.in_the_large(found, drawn),
                "calibration slope": slope,
            }
            | {
                f"net benefit at {100 * at:.0f} %": row
                for at, row in zip(THRESHOLDS, rules.model(found), strict=True)
            }
        )
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def resampled(rows_of: list[Index], drawn: Real, risk: Real, outcome: Real) -> tuple[Real, Real]:
    """Outcomes and risks of the drawn patients' rows."""
    rows = np.concatenate([rows_of[at] for at in np.repeat(np.arange(drawn.size), drawn.astype(int))])
    return outcome[rows], risk[rows]


def _net_benefit(threshold: float) -> Callable[[Real, Real], float]:
    def metric(outcome: Real, risk: Real) -> float:
        called = risk >= threshold
        right = np.mean(called & (outcome == 1))
        return float(right - np.mean(called & (outcome == 0)) * threshold / (1 - threshold))

    return metric


def _scaled_brier(outcome: Real, risk: Real) -> float:
    useless = brier_score_loss(outcome, np.full_like(risk, outcome.mean()))
    return float(1 - brier_score_loss(outcome, risk) / useless)


def _slope(outcome: Real, risk: Real) -> float:
    fitted = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(log_odds(risk)[:, None], outcome)
    return float(fitted.coef_[0, 0])


LOOPED: dict[str, Callable[[Real, Real], float]] = {
    "AUROC": roc_auc_score,
    "average precision": average_precision_score,
    "Brier score": brier_score_loss,
    "scaled Brier score": _scaled_brier,
    "log loss": log_loss,
    "calibration in the large": lambda y, p: in_the_large(log_odds(p), y, np.ones_like(y)),
    "calibration slope": _slope,
} | {f"net benefit at {100 * at:.0f} %": _net_benefit(at) for at in THRESHOLDS}


if __name__ == "__main__":
    main()
