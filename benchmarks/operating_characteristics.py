"""How often does each of the shipped rules decide what, and by how much are adopted effects overstated?

Exactly, on the lattice of counts: people come evenly over four weeks, outcomes at once, and every look's decisions take
their share of what had not been decided. `python benchmarks/operating_characteristics.py` writes
operating_characteristics.md beside itself; it takes about half an hour on one core.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import machine
import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from scipy.stats import binom

from workbench.experiments.analysis import Analysis
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.effects import SKEPTICAL_SD, ArmEffect
from workbench.experiments.exact import ArmCounts, Estimate, RatePosterior, RatePrior
from workbench.experiments.looks import planned_look_today
from workbench.experiments.metrics import USUAL_METRICS
from workbench.experiments.parameters import ABTest, InterimLook
from workbench.experiments.sequential import SampleRatio, log_e_value
from workbench.experiments.verdict import arm_decision
from workbench.parameters.sets import read_parameter_set

Mass = NDArray[np.float64]

ROOT = Path(__file__).parents[1]
PEOPLE = 1_000
NULLS = ((0.02, 0.02), (0.04, 0.04), (0.07, 0.07))
TRUTHS = (*NULLS, (0.02, 0.03), (0.02, 0.04), (0.07, 0.08), (0.07, 0.10), (0.07, 0.04))
DECISIONS = ("adopt", "inconclusive", "reject", "equivalent", "harmful")
DAYS = 28
# A look passes over counts that are less likely than this.
PASSED_OVER = 1e-7
END = date(2026, 6, 1)


@dataclass(frozen=True)
class Rule:
    """A rule, and the days on which somebody looks, of the four weeks."""

    words: str
    settings: ABTest
    days: tuple[int, ...]


def rules(people: int) -> list[Rule]:
    """The shipped rules at their defaults, without a guardrail and with one arm against the control."""
    chosen = read_parameter_set(
        ROOT / "params/ab_test/motivational_wording.yaml", ROOT, {"ab_test": ABTest}, date(2100, 1, 1)
    )
    assert isinstance(chosen.parameters, ABTest)
    usual = chosen.parameters.model_copy(
        update={
            "metrics": USUAL_METRICS[:1],
            "segment_by": None,
            "as_of": END,
            "enrollment_ends": date(2026, 5, 1),
        }
    )
    daily, weekly = tuple(range(1, DAYS + 1)), (7, 14, 21, 28)
    looks = tuple(InterimLook(day=day_of(day), share=day / DAYS) for day in weekly[:-1])
    planned = {"rule": "planned", "planned_people": 2 * people, "interim_looks": looks}
    return [
        Rule("hybrid, looked at daily", usual, daily),
        Rule("anytime, looked at daily", usual.model_copy(update={"rule": "anytime"}), daily),
        Rule("planned, looked at weekly", usual.model_copy(update=planned), weekly),
    ]


def day_of(day: int) -> date:
    """The date of a day of the experiment; the last is that of the planned look."""
    return END - timedelta(days=DAYS - day)


def around(settings: ABTest, people: int, day: int) -> Analysis:
    """An analysis without effects, of two arms of so many people on a day."""
    today = settings.model_copy(update={"as_of": day_of(day)})
    counts = given_counts(today, {arm: GivenArm(people, people, {"bookings": 0}) for arm in ("a", "b")})
    look = planned_look_today(counts, today, at_the_end=day == DAYS)
    return Analysis(
        counts=counts,
        settings=today,
        posterior=None,
        rates={},
        effects=(),
        between={},
        guardrail_rates={},
        guardrail=(),
        metrics=(),
        ratio=SampleRatio(1.0, 0.0),
        triggered_ratio=None,
        prior_checks=(),
        segments=None,
        planned_look=END,
        look=look,
    )


@cache
def log_e(more: int, fewer: int) -> float:
    """As in the workbench, remembered."""
    return log_e_value(more, fewer, 0.5)


@cache
def effect_of(people: int, control: int, treated: int, smallest: float) -> ArmEffect:
    """What is known of the arm after so many events."""
    arms = [ArmCounts("a", people, control), ArmCounts("b", people, treated)]
    posterior = RatePosterior(arms, "a")
    mean = posterior.rate_mean("b") - posterior.rate_mean("a")
    told = Estimate(mean, mean, mean, 0.95)
    upto = {t: posterior.difference_cdf(t, "b") for t in (-smallest, 0.0, smallest)}
    return ArmEffect(
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
        log_e=log_e(treated, control),
        log_e_worse=log_e(control, treated),
        skeptical=told,
    )


@cache
def counted_on(people: int, control: int, treated: int) -> float:
    """What a skeptic would count on, as the report tells it."""
    arms = [ArmCounts("a", people, control), ArmCounts("b", people, treated)]
    posterior = RatePosterior(arms, "a", RatePrior(log_ratio_sd=SKEPTICAL_SD, log_ratio_degrees=3.0))
    return posterior.rate_mean("b") - posterior.rate_mean("a")


def decision(analysis: Analysis, people: int, control: int, treated: int) -> str:
    """What the rule says; most days nothing can be said, which takes no posterior to know."""
    weakest = np.log(min(analysis.settings.needed_evidence, analysis.settings.harm_evidence))
    silent = analysis.look is None and not analysis.at_planned_look
    if silent and max(log_e(treated, control), log_e(control, treated)) < weakest:
        return "keep_collecting"
    effect = effect_of(people, control, treated, analysis.settings.primary.smallest_effect)
    return arm_decision(effect, replace(analysis, effects=(effect,)))


def more_people(mass: Mass, people: int, control: float, treated: float) -> Mass:
    """The lattice after more people have come to each arm."""
    came = [
        binom.pmf(np.arange(1 + int(binom.isf(1e-15, people, rate))), people, rate)
        for rate in (control, treated)
    ]
    grown = fftconvolve(mass, np.outer(*came))
    return np.where(grown > 1e-15, grown, 0.0)


def row(rule: Rule, people: int, control: float, treated: float) -> str:
    """One row: the probability of each decision, when adoption came, and the size of what was adopted."""
    chance: defaultdict[str, float] = defaultdict(float)
    early = told = counted = 0.0
    mass, before = np.ones((1, 1)), 0
    for day in rule.days:
        now = round(people * day / DAYS)
        mass, before = more_people(mass, now - before, control, treated), now
        analysis = around(rule.settings, now, day)
        for a, b in np.argwhere(mass > PASSED_OVER):
            made = decision(analysis, now, int(a), int(b))
            if made == "keep_collecting":
                continue
            here = float(mass[a, b])
            chance[made] += here
            mass[a, b] = 0.0
            if made == "adopt":
                early += here * (day < DAYS)
                told += here * effect_of(now, int(a), int(b), rule.settings.primary.smallest_effect).gain.mean
                counted += here * counted_on(now, int(a), int(b))
    gap, adopted = treated - control, chance["adopt"]
    sizes = (f"{told / adopted / gap:.2f}", f"{counted / adopted / gap:.2f}") if gap > 0 else ("–", "–")
    made_of = (f"{100 * chance[each]:.1f}" for each in DECISIONS)
    cells = (rule.words, f"{control:.0%} → {treated:.0%}", *made_of, f"{100 * early:.1f}", *sizes)
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Compute and write."""
    rows = []
    for rule in rules(PEOPLE):
        for truth in TRUTHS:
            rows.append(row(rule, PEOPLE, *truth))
            print(rows[-1], flush=True)
    usual = rules(PEOPLE)[0].settings
    text = [
        "# Operating characteristics of the verdict",
        "",
        f"Two arms of {PEOPLE:,} people, each rule at its defaults: smallest effect "
        f"{100 * usual.primary.smallest_effect:.0f} point, P(better) > {usual.adopt_probability:.0%}, e-value 100 "
        "before the planned look (hybrid) or 20 at any (anytime), 20 for harm. People come evenly over four weeks and "
        f"their outcomes at once. {machine.told()}",
        "",
        "Exact: probability in percent of each decision, summed over the lattice of counts, look by look; what is "
        "decided stays decided. `early` is adoption before the planned look. `overstated` is the mean estimate of "
        "adopted effects over the true one, and `counted on` the same of what a skeptic would count on.",
        "",
        f"| rule | truth | {' | '.join(DECISIONS)} | early | overstated | counted on |",
        "|---" * (len(DECISIONS) + 5) + "|",
        *rows,
        "",
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
