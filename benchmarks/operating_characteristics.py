"""How often does the shipped rule decide what, and by how much are adopted effects overstated?

The planned look is computed exactly on the lattice of counts; looks before it are simulated.
`python benchmarks/operating_characteristics.py` writes operating_characteristics.md beside itself; it takes about ten
minutes on one core.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import machine
import numpy as np
from scipy.stats import binom

from workbench.experiments.analysis import Analysis, ArmEffect
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.exact import ArmCounts, Estimate, RatePosterior
from workbench.experiments.metrics import USUAL_METRICS
from workbench.experiments.parameters import ABTest
from workbench.experiments.sequential import SampleRatio, log_e_value
from workbench.experiments.verdict import at_planned_look
from workbench.parameters.sets import read_parameter_set

ROOT = Path(__file__).parents[1]
SIZES = (1000, 2000)
TRUTHS = ((0.02, 0.02), (0.04, 0.04), (0.07, 0.07), (0.02, 0.04), (0.07, 0.10), (0.07, 0.08))
DECISIONS = ("adopt", "inconclusive", "reject", "equivalent", "harmful")
# Counts less likely than this in all are left out of the lattice.
LEFT_OUT = 1e-4
EXPERIMENTS, LOOKS = 20_000, 12
SEED = 20261123


def settings() -> ABTest:
    """The sample's rule, without a guardrail and with one arm against the control."""
    chosen = read_parameter_set(
        ROOT / "params/ab_test/motivational_wording.yaml", ROOT, {"ab_test": ABTest}, date(2100, 1, 1)
    )
    assert isinstance(chosen.parameters, ABTest)
    return chosen.parameters.model_copy(update={"metrics": USUAL_METRICS[:1], "segment_by": None})


RULE = settings()


@cache
def decision(people: int, control: int, treated: int) -> tuple[str, float]:
    """What the rule says of these events, and the posterior mean of the difference."""
    posterior = RatePosterior([ArmCounts("a", people, control), ArmCounts("b", people, treated)], "a")
    smallest, mean = RULE.primary.smallest_effect, posterior.rate_mean("b") - posterior.rate_mean("a")
    told = Estimate(mean, mean, mean, 0.95)
    upto = {t: posterior.difference_cdf(t, "b") for t in (-smallest, 0.0, smallest)}
    effect = ArmEffect(
        arm="b",
        difference=told,
        ratio=told,
        gain=told,
        better=1 - upto[0.0],
        matters=1 - upto[smallest],
        equivalent=upto[smallest] - upto[-smallest],
        worse=upto[-smallest],
        best=1 - upto[0.0],
        loss=posterior.expected_loss("b"),
        log_e=0.0,
    )
    return at_planned_look(effect, None, around(effect, people)), mean


def around(effect: ArmEffect, people: int) -> Analysis:
    """An analysis in which the rule finds this one effect."""
    return replace(around_one(people), effects=(effect,))


@cache
def around_one(people: int) -> Analysis:
    """An analysis without effects, of two arms of so many people."""
    counts = given_counts(RULE, {arm: GivenArm(people, people, {"bookings": 0}) for arm in ("a", "b")})
    return Analysis(counts, RULE, None, {}, (), {}, {}, (), (), SampleRatio(1.0, 0.0), (), None, None)


def lattice(people: int, rate: float) -> dict[int, float]:
    """Counts of events and their probabilities."""
    low, high = binom.ppf(LEFT_OUT, people, rate), binom.isf(LEFT_OUT, people, rate)
    counts = np.arange(int(low), int(high) + 1)
    return dict(zip(counts.tolist(), binom.pmf(counts, people, rate).tolist(), strict=True))


def planned_look(people: int, control: float, treated: float) -> str:
    """One row: the probability of each decision, and the mean of adopted estimates beside the truth."""
    chance: defaultdict[str, float] = defaultdict(float)
    adopted = 0.0
    pairs = product(lattice(people, control).items(), lattice(people, treated).items())
    for (first, p), (second, q) in pairs:
        made, mean = decision(people, first, second)
        chance[made] += p * q
        adopted += p * q * mean if made == "adopt" else 0.0
    effect = treated - control
    overstated = f"{adopted / chance['adopt'] / effect:.2f}" if effect else "–"
    cells = (
        f"{people:,}",
        f"{control:.0%} → {treated:.0%}",
        *(f"{100 * chance[d]:.1f}" for d in DECISIONS),
        overstated,
    )
    return "| " + " | ".join(cells) + " |"


@cache
def log_e(treated: int, control: int) -> float:
    """As in the workbench, remembered."""
    return log_e_value(treated, control, 0.5)


def early_adoption(rng: np.random.Generator, people: int, control: float, treated: float) -> float:
    """Share of experiments whose e-value reaches the threshold at one of the looks, people coming evenly."""
    per_look = people // LOOKS
    first = rng.binomial(per_look, control, (EXPERIMENTS, LOOKS)).cumsum(axis=1)
    second = rng.binomial(per_look, treated, (EXPERIMENTS, LOOKS)).cumsum(axis=1)
    pairs, where = np.unique(np.stack([second.ravel(), first.ravel()], axis=1), axis=0, return_inverse=True)
    values = np.array([log_e(int(b), int(a)) for b, a in pairs])[where.ravel()].reshape(first.shape)
    return float((values.max(axis=1) >= np.log(RULE.needed_evidence)).mean())


def main() -> None:
    """Compute and write."""
    rng = np.random.default_rng(SEED)
    planned, early = [], []
    for people in SIZES:
        for control, treated in TRUTHS:
            print(f"{people} per arm, {control:.0%} and {treated:.0%}", flush=True)
            planned.append(planned_look(people, control, treated))
            share = early_adoption(rng, people, control, treated)
            early.append(f"| {people:,} | {control:.0%} → {treated:.0%} | {100 * share:.2f} |")
    error = 100 * np.sqrt(0.01 * 0.99 / EXPERIMENTS)
    text = [
        "# Operating characteristics of the verdict",
        "",
        f"Two arms, the sample's rule: smallest effect {100 * RULE.primary.smallest_effect:.0f} point, P(better) > "
        f"{RULE.adopt_probability:.0%}, e-value {RULE.needed_evidence:.0f} before the planned look. {machine.told()}",
        "",
        "## At the planned look, exact",
        "",
        "Probability in percent of each decision, summed over the lattice of counts; `overstated` is the mean estimate "
        "of adopted effects over the true one.",
        "",
        f"| people per arm | truth | {' | '.join(DECISIONS)} | overstated |",
        "|---" * (len(DECISIONS) + 3) + "|",
        *planned,
        "",
        f"## Before it: adopted at one of {LOOKS} weekly looks, by e-value",
        "",
        f"{EXPERIMENTS:,} simulated experiments each; the standard error of 1 % is {error:.2f} points. A useless "
        f"text may be adopted in at most {100 / RULE.needed_evidence:.0f} % of experiments, however many looks.",
        "",
        "| people per arm | truth | adopted early, percent |",
        "|---|---|---|",
        *early,
        "",
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
