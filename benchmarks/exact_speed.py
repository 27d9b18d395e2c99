"""How many exact comparisons of three arms fit into a second, and how far the fast ones are from the careful ones.

`python benchmarks/exact_speed.py` writes exact_speed.md beside itself; it takes about a minute on one core.
"""

import time
from collections.abc import Callable
from pathlib import Path

import machine
import numpy as np
from threadpoolctl import threadpool_limits

from workbench.experiments.exact.many import Comparisons, compare_many
from workbench.experiments.exact.rates import ArmCounts, RatePosterior

SEED = 20261128
MANY, FEW = 2_000, 60
# People per arm, and between which rates arms are drawn.
WORLDS = {
    "2,000 per arm, 3 to 6 %": (2_000, 0.03, 0.06),
    "500 per arm, 2 to 10 %": (500, 0.02, 0.10),
    "20,000 per arm, 1 to 2 %": (20_000, 0.01, 0.02),
    "5 million per arm, 4 to 4.05 %": (5_000_000, 0.04, 0.0405),
}


def drawn(people: int, low: float, high: float) -> np.ndarray:
    rng = np.random.default_rng(SEED)
    events = rng.binomial(people, rng.uniform(low, high, (MANY, 3)))
    return np.stack([np.full((MANY, 3), people), events], axis=2)


def per_second(work: Callable[[], object], comparisons: int) -> float:
    """Comparisons in a second of the process's own time, so that what runs beside it does not count."""
    work()
    start = time.process_time()
    work()
    return comparisons / (time.process_time() - start)


def one(counts: np.ndarray) -> tuple[list[float], list[float], list[float]]:
    """What is asked of each: P(best), P(better than the control), expected loss."""
    posterior = RatePosterior([ArmCounts(str(arm), *each) for arm, each in enumerate(counts.tolist())], "0")
    best = posterior.probability_best()
    better = [posterior.probability_better(arm) for arm in ("1", "2")]
    return list(best.values()), better, [posterior.expected_loss(arm) for arm in best]


def farthest(counts: np.ndarray, found: Comparisons) -> tuple[float, float]:
    """The largest difference of a probability, and of a loss as a share of the rates."""
    probability = loss = 0.0
    for row, each in enumerate(counts):
        best, better, losses = one(each)
        here = [np.abs(found.best[row] - best).max(), np.abs(found.better[row] - better).max()]
        probability = max(probability, *here)
        loss = max(loss, np.abs(found.loss[row] - losses).max() / found.expectation[row].max())
    return probability, loss


def measured(name: str) -> str:
    counts = drawn(*WORLDS[name])
    few = counts[:FEW]
    probability, loss = farthest(few, compare_many(few))
    cells = (
        name,
        f"{per_second(lambda: [one(each) for each in few], FEW):,.0f}",
        f"{per_second(lambda: compare_many(counts), MANY):,.0f}",
        f"{per_second(lambda: compare_many(counts, level=0.95), MANY):,.0f}",
        f"{probability:.0e}",
        f"{loss:.0e}",
    )
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Measure and write."""
    with threadpool_limits(limits=1):
        rows = [measured(name) for name in WORLDS]
    text = [
        "# Speed of the exact engine",
        "",
        "Comparisons of three arms in a second, on one thread of one core, in the process's own time. Of each: the "
        "probability of being best, of being better than the control, and the expected loss; where told, the 95 % "
        f"intervals of both differences too. {machine.told()}",
        "",
        "| arms | one by one (`RatePosterior`) | at once (`compare_many`) | at once, with intervals "
        "| farthest apart: probabilities | losses, as a share of the rates |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "`RatePosterior` integrates down to 3e-20 of the peak, on panels that hold for any counts; `compare_many` "
        "down to 1e-12, on one panel for all arms. What that panel cannot hold (arms in which nobody or few had an "
        "event, arms of very different sizes, data far from the prior, heavy tails, intervals where rates reach 1) it "
        "leaves to `RatePosterior`, at its speed. The engine before this one had no other way than one by one: 107 in "
        "a second in the first row, measured beside it.",
        "",
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
