"""What heavy tails of the prior of the log rate ratio mend, and what they cost where effects are small.

`python benchmarks/heavy_tails.py` writes heavy_tails.md beside itself; it takes about two minutes on one core.
"""

from pathlib import Path

import machine
import numpy as np

from workbench.experiments.exact.rates import ArmCounts, RatePosterior, RatePrior

SEED = 11
# People per arm, both true rates, experiments.
WORLDS = (
    (700, 0.02, 0.11, 100),
    (1_000, 0.04, 0.04, 200),
    (1_000, 0.02, 0.03, 100),
    (1_000, 0.02, 0.04, 100),
    (1_500, 0.07, 0.10, 100),
)
PRIORS = {"normal": None, "t, 4 degrees": 4.0, "t, 3 degrees": 3.0}
ADOPT, SURPRISING = 0.96, 0.01


def told(people: int, control: float, treated: float, counts: np.ndarray, name: str) -> str:
    """One row: the same experiments under one prior."""
    held, surprised = 0, 0
    means, widths, adopted = [], [], []
    for first, second in counts.tolist():
        arms = [ArmCounts("a", people, first), ArmCounts("b", people, second)]
        posterior = RatePosterior(arms, "a", RatePrior(log_ratio_degrees=PRIORS[name]))
        found = posterior.difference("b")
        held += found.low <= treated - control <= found.high
        surprised += posterior.prior_conflict("b") < SURPRISING
        means.append(100 * found.mean)
        widths.append(100 * (found.high - found.low))
        if posterior.probability_better("b") > ADOPT:
            adopted.append(100 * found.mean)
    cells = (
        f"{people:,}",
        f"{control:.0%} → {treated:.0%}",
        name,
        f"{held / len(counts):.0%}",
        f"{np.mean(means):+.2f}",
        f"{np.mean(widths):.1f}",
        f"{len(adopted) / len(counts):.1%}",
        f"{np.mean(adopted):+.2f}" if adopted else "–",
        f"{surprised / len(counts):.0%}",
    )
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Simulate, compare, write."""
    rng = np.random.default_rng(SEED)
    rows = []
    for people, control, treated, experiments in WORLDS:
        counts = rng.binomial(people, [control, treated], (experiments, 2))
        rows += [told(people, control, treated, counts, name) for name in PRIORS]
    text = [
        "# Heavy tails of the prior",
        "",
        "Two arms, log rate ratio with scale 0.35 under each prior, the same simulated experiments (100, of no effect "
        "200) for all three. `held` is the share of 95 % intervals that hold the true difference, 95 % give or take 2 "
        f"were they calibrated for this truth; estimates and widths are in points; `adopted` is P(better) > {ADOPT}, "
        f"`conflict` a p value of the prior check below {SURPRISING}. {machine.told()}",
        "",
        "| people per arm | truth | prior | held | mean estimate | width | adopted | mean of adopted | conflict |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
