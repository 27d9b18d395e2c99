"""Does the forecast of late outcomes hold what comes? Beside bookings so far, closed windows, and a cure model.

`python benchmarks/late_outcomes.py` writes late_outcomes.md beside itself; it takes about half an hour on one core.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import machine
import numpy as np
from scipy import stats

from workbench.experiments.exact import ArmCounts, RatePosterior
from workbench.experiments.fading import WeeklyCounts, fading
from workbench.experiments.late.cure import compile_cure, fit_cure
from workbench.experiments.late.delays import Delays
from workbench.experiments.late.forecast import forecast
from workbench.experiments.late.prior import DelayPrior, earlier_prior, pooled_prior

LEVEL = 0.95
REPEATS, FITS, LOOKS = 300, 20, 500
MATURITIES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Truth:
    """Two arms' rates within the window, and the delays of those who have the event."""

    name: str
    delays: tuple[stats.rv_continuous, stats.rv_continuous]
    rates: tuple[float, float] = (0.1, 0.1)
    window: int = 14
    people: int = 1000


def lognormal(median: float, sigma: float = 0.9) -> stats.rv_continuous:
    return stats.lognorm(sigma, scale=median)


TRUTHS = (
    Truth("exponential", (stats.expon(scale=4.2),) * 2),
    Truth("Weibull, shape 0.6", (stats.weibull_min(0.6, scale=2.1),) * 2),
    Truth("lognormal", (lognormal(2.1),) * 2),
    Truth("heavy tail in one arm", (lognormal(3.5, 1.8), lognormal(2.1))),
    Truth("merely faster", (lognormal(4.2), lognormal(0.8))),
    Truth("slower and better", (lognormal(0.8), lognormal(4.2)), rates=(0.1, 0.14)),
    Truth("42 days, 3.7 %", (lognormal(6.3), lognormal(6.3, 1.5)), rates=(0.037, 0.037), window=42, people=600),
)
FASTER = TRUTHS[4]


@dataclass
class Tally:
    """Errors, in points, and whether intervals held the truth."""

    errors: list[float] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)

    def add(self, mean: float, low: float, high: float, truth: float) -> None:
        self.errors.append(100 * (mean - truth))
        self.held.append(low <= truth <= high)
        self.widths.append(100 * (high - low))

    @property
    def told(self) -> str:
        return f"{np.mean(self.errors):+.1f}, {np.mean(self.held):.0%}, {np.mean(self.widths):.1f}"


@dataclass(frozen=True)
class People:
    """People of one arm: days followed, day of delay (far beyond any window for none)."""

    followed: np.ndarray
    delay: np.ndarray

    def arm(self, name: str, window: int) -> Delays:
        seen = self.delay < self.followed
        ones = np.ones(len(self.delay))
        return Delays.from_counts(name, window, self.followed, np.where(seen, self.delay, np.nan), ones)

    def rate(self, window: int) -> float:
        """Of those enrolled, once every window will have closed."""
        return float((self.delay < window).mean())


def people(
    truth: Truth,
    arm: int,
    maturity: float,
    random: np.random.Generator,
    longest: int | None = None,
    growth: float = 1.0,
) -> People:
    """Enrolled evenly, the window closed for a share of `maturity`; or nobody followed for more than `longest` days.

    `growth` is the rate of the last enrolled over that of the first.
    """
    last = truth.window if longest is None else longest
    age = random.random(truth.people) * (truth.window / (1 - maturity) if longest is None else longest + 1)
    followed = np.minimum(age, last).astype(int)
    relative = growth ** (0.5 - age / age.max())
    ever = truth.rates[arm] / truth.delays[arm].cdf(truth.window) * relative
    delay = np.floor(truth.delays[arm].rvs(truth.people, random_state=random))
    return People(followed, np.where(random.random(truth.people) < ever, delay, 10**6))


def share(events: int, of: int) -> tuple[float, float, float]:
    """Mean and interval of a rate under a uniform prior; the whole interval where nobody is counted."""
    posterior = stats.beta(1 + events, 1 + of - events)
    tails = posterior.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return (events / of if of else 0.5), *tails


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (heads, ["---"] * len(heads), *rows)] + [""]


def both(
    truth: Truth, maturity: float, random: np.random.Generator, **how
) -> tuple[list[People], list[Delays]]:
    drawn = [people(truth, arm, maturity, random, **how) for arm in (0, 1)]
    return drawn, [person.arm(name, truth.window) for person, name in zip(drawn, "ab", strict=True)]


def covered() -> list[str]:
    """The forecast beside bookings so far and closed windows, over truths and maturities."""
    rows = []
    for truth in TRUTHS:
        for maturity in MATURITIES:
            random = np.random.default_rng([1, int(100 * maturity), *truth.name.encode()])
            tallies, doubted = defaultdict(Tally), 0
            for repeat in range(REPEATS):
                drawn, arms = both(truth, maturity, random)
                found = forecast(arms, seed=repeat, level=LEVEL)
                doubted += found.withheld
                for rate, person, arm, told in zip(truth.rates, drawn, arms, found.arms, strict=True):
                    tallies["so far"].add(*share(int(arm.events.sum()), arm.total), rate)
                    events = int(arm.people[-1, :-1].sum())
                    tallies["closed"].add(*share(events, arm.closed), rate)
                    tallies["rate"].add(told.rate.mean, told.rate.low, told.rate.high, rate)
                    known = told.everybody
                    tallies["all"].add(known.mean, known.low, known.high, person.rate(truth.window))
                apart = found.differences["b"]
                tallies["apart"].add(apart.mean, apart.low, apart.high, truth.rates[1] - truth.rates[0])
            kinds = ("so far", "closed", "rate", "all", "apart")
            cells = [tallies[kind].told for kind in kinds]
            rows.append([truth.name, f"{maturity:.0%}", *cells, f"{doubted / REPEATS:.1%}"])
            print("covered", rows[-1], flush=True)
    heads = ("truth", "closed", "bookings so far", "closed windows alone", "forecast: rate")
    return table((*heads, "forecast: everybody enrolled", "forecast: difference of arms", "withheld"), rows)


def cured() -> list[str]:
    """Cure models of both families at the lowest maturity, beside the forecast of the same counts."""
    rows = []
    ready = {family: compile_cure(family, 2, 42) for family in ("weibull", "lognormal")}
    for truth in TRUTHS:
        random = np.random.default_rng([2, *truth.name.encode()])
        tallies, unsound = defaultdict(Tally), Counter()
        for repeat in range(FITS):
            arms = both(truth, MATURITIES[0], random)[1]
            for told, rate in zip(forecast(arms, seed=repeat, level=LEVEL).arms, truth.rates, strict=True):
                tallies["hazards"].add(told.rate.mean, told.rate.low, told.rate.high, rate)
            for family, compiled in ready.items():
                fit = fit_cure(arms, seed=repeat, level=LEVEL, compiled=compiled)
                unsound[family] += not fit.diagnostics.sound
                for told, rate in zip(fit.rates.values(), truth.rates, strict=True):
                    tallies[family].add(told.mean, told.low, told.high, rate)
        kinds = ("hazards", "weibull", "lognormal")
        rows.append(
            [truth.name, *(tallies[kind].told for kind in kinds), *(str(unsound[k]) for k in kinds[1:])]
        )
        print("cured", rows[-1], flush=True)
    heads = ("truth", "hazards", "cure, Weibull", "cure, lognormal")
    return table((*heads, "Weibull fits not sound", "lognormal fits not sound"), rows)


PRIORS: dict[str, Callable[[list[Delays]], DelayPrior]] = {
    "flat, Beta(1, 1)": lambda arms: DelayPrior(np.full(arms[0].window, 0.5), 2.0),
    "mean .0015, weight 50": lambda arms: DelayPrior(np.full(arms[0].window, 0.0015), 50.0),
    **{
        f"pooled, weight {weight}": partial(pooled_prior, weight=weight)
        for weight in (1.0, 5.0, 20.0, 50.0, 200.0)
    },
}


def chosen() -> list[str]:
    """Every prior, over all truths, with windows closed and without."""
    rows = []
    for name, prior in PRIORS.items():
        cells = []
        for longest in (None, 0.5):
            worst, tally = 1.0, Tally()
            for truth in TRUTHS:
                random = np.random.default_rng([3, *truth.name.encode()])
                own = Tally()
                for repeat in range(REPEATS // 5):
                    days = None if longest is None else int(longest * truth.window)
                    arms = both(truth, MATURITIES[0], random, longest=days)[1]
                    found = forecast(arms, seed=repeat, level=LEVEL, prior=prior(arms))
                    for told, rate in zip(found.arms, truth.rates, strict=True):
                        for each in (tally, own):
                            each.add(told.rate.mean, told.rate.low, told.rate.high, rate)
                worst = min(worst, float(np.mean(own.held)))
            cells += [tally.told, f"{worst:.0%}"]
        rows.append([name, *cells])
        print("chosen", rows[-1], flush=True)
    heads = ("prior", "a quarter closed", "worst truth", "followed for half the window", "worst truth")
    return table(heads, rows)


def broken() -> list[str]:
    """What the forecast takes for granted, broken: coverage where it is told, and how often it is withheld."""
    truth = TRUTHS[2]
    other = Truth("", (lognormal(0.8),) * 2, rates=truth.rates)
    random = np.random.default_rng(4)
    earlier = {
        name: earlier_prior([people(kind, 0, 0.9, random).arm(str(at), 14) for at in range(10)], weight=weight)
        for name, kind, weight in (("true", truth, 50.0), ("wrong", other, 50.0), ("heavy", other, 500.0))
    }
    worlds = {
        "followed for half the window": ({"longest": 7}, None),
        "the same, prior of earlier campaigns": ({"longest": 7}, earlier["true"]),
        "the same, earlier campaigns were faster": ({"longest": 7}, earlier["wrong"]),
        "earlier campaigns were faster": ({}, earlier["wrong"]),
        "the same, and count for 500 people": ({}, earlier["heavy"]),
        "the rate grows by half over the enrollment": ({"growth": 1.5}, None),
        "the rate doubles": ({"growth": 2.0}, None),
        "the rate grows fourfold": ({"growth": 4.0}, None),
    }
    rows = []
    for name, (how, prior) in worlds.items():
        tallies, doubts = defaultdict(Tally), Counter()
        for repeat in range(REPEATS):
            drawn, arms = both(truth, 0.25, random, **how)
            found = forecast(arms, seed=repeat, level=LEVEL, prior=prior)
            doubts.update(found.doubts)
            for person, told in zip(drawn, found.arms, strict=True):
                known = told.everybody
                for kind in ("all", *(() if found.doubts else ("told",))):
                    tallies[kind].add(known.mean, known.low, known.high, person.rate(14))
        held = tallies["told"].told if tallies["told"].held else "–"
        reasons = ", ".join(f"{doubt} {count / REPEATS:.0%}" for doubt, count in doubts.items()) or "–"
        rows.append([name, tallies["all"].told, held, reasons])
        print("broken", rows[-1], flush=True)
    return table(("world", "all forecasts", "forecasts told", "withheld for"), rows)


def adopted() -> list[str]:
    """False adoptions of the merely faster arm at one look, on bookings so far and on closed windows."""
    rows = []
    for size in (1000, 3000):
        truth = Truth("", FASTER.delays, people=size)
        for maturity in MATURITIES:
            random = np.random.default_rng([5, size, int(100 * maturity)])
            false = Counter()
            for _ in range(LOOKS):
                arms = both(truth, maturity, random)[1]
                counts = {
                    "so far": [ArmCounts(arm.arm, arm.total, int(arm.events.sum())) for arm in arms],
                    "closed": [ArmCounts(arm.arm, arm.closed, int(arm.people[-1, :-1].sum())) for arm in arms],
                }
                for kind, found in counts.items():
                    false[kind] += RatePosterior(found, "a").probability_better("b") > 0.96
            rows.append(
                [
                    f"{size:,}",
                    f"{maturity:.0%}",
                    *(f"{false[kind] / LOOKS:.1%}" for kind in ("so far", "closed")),
                ]
            )
            print("adopted", rows[-1], flush=True)
    return table(("people per arm", "closed", "bookings so far", "closed windows alone"), rows)


EFFECTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda when: 0 * when,
    "2.5 points, lasting": lambda when: 0 * when + 0.025,
    "5 points, falling to none in a line": lambda when: 0.05 * (1 - when),
    "9 points, halved every two weeks": lambda when: 0.09 * 2.0 ** (-6 * when),
    "growing from none to 2.5 points": lambda when: 0.025 * when,
}


def faded() -> list[str]:
    """Effects by week of enrollment: how often a fading one is told, and a lasting one wrongly."""
    weeks = 12
    rows = []
    for name, effect in EFFECTS.items():
        for size in (150, 500):
            random = np.random.default_rng([6, size, *name.encode()])
            lift, late, told = effect(np.arange(weeks) / (weeks - 1)), Tally(), 0
            for _ in range(REPEATS):
                many = random.poisson(size, (2, weeks))
                events = random.binomial(many, np.stack([np.full(weeks, 0.07), 0.07 + lift]))
                found = fading(
                    WeeklyCounts("b", many[1], events[1]), WeeklyCounts("a", many[0], events[0]), 0.01, LEVEL
                )
                told += found.fades
                late.add(found.late.mean, found.late.low, found.late.high, lift[-weeks // 3 :].mean())
            rows.append([name, str(size), f"{told / REPEATS:.1%}", late.told])
            print("faded", rows[-1], flush=True)
    return table(
        ("effect on 7 %", "people per arm and week", "told as fading", "effect in the last third"), rows
    )


def main() -> None:
    """Simulate, and write the tables."""
    noise = np.sqrt(LEVEL * (1 - LEVEL) / (2 * REPEATS))
    parts = [
        "# Late outcomes",
        "",
        f"Two arms of 1,000 people and a window of 14 days where nothing else is said; all rates within the window are "
        f"10 %. People were enrolled evenly until the look. Three numbers stand in a cell: mean error in points, share "
        f"of {LEVEL:.0%} intervals that hold the truth, mean width in points. {machine.told()}",
        "",
        "## Coverage of the forecast",
        "",
        f"{REPEATS} repetitions, two arms each: {LEVEL:.0%} give or take {noise:.1%} (one standard error); for the "
        "difference of arms half as many. *Rate* is the rate within the window of a population like those enrolled; "
        "*everybody enrolled* will have had it once all windows are closed, and is partly known. Withheld: the result "
        "itself doubted the forecasts, here always wrongly, for the hazards are steady.",
        "",
        *covered(),
        "## Beside a cure model",
        "",
        f"The rate within the window, a quarter of the windows closed, {FITS} repetitions of two arms: {LEVEL:.0%} "
        f"give or take {np.sqrt(LEVEL * (1 - LEVEL) / (2 * FITS)):.1%}. Fits that were not sound are counted, and not "
        "left out.",
        "",
        *cured(),
        "## Which prior of the hazards",
        "",
        f"The truths above, {REPEATS // 5} repetitions each: a quarter of the windows closed; then nobody followed for "
        "more than half the window. *Pooled* is the smoothed hazard of both arms; its weight is the number of people "
        "at risk that it counts for. Weight 5 is the default.",
        "",
        *chosen(),
        "## Assumptions broken",
        "",
        "Lognormal delays, a quarter of the windows closed. The truth is that of everybody enrolled. *Told* are the "
        "forecasts that the result does not doubt.",
        "",
        *broken(),
        "## An arm that is merely faster",
        "",
        f"Equal rates within the window, {LOOKS} repetitions, one look: how often P(better) > .96 would adopt.",
        "",
        *adopted(),
        "## An effect that fades",
        "",
        f"Twelve weeks, smallest effect that matters 1 point, {REPEATS} repetitions.",
        "",
        *faded(),
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
