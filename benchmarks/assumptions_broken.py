"""What becomes of the A/B analysis where its assumptions are broken: coverage, withheld verdicts, wrong adoptions.

Made-up people, counted; many experiments go through the exact engine and the rule of the verdict, some of them through
the study's own analysis and verdict as well, which must decide the same; all at the planned look unless said.
`python benchmarks/assumptions_broken.py` writes assumptions_broken.md beside itself; it takes about ten minutes on one
core.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import machine
import numpy as np
import operating_characteristics as shipped
from assumptions_broken.counted import closed_counts, counted, settings_at, sure_by_cluster
from assumptions_broken.people import (
    DAYS,
    PEOPLE,
    WINDOW,
    Flags,
    Floats,
    Ints,
    People,
    Random,
    by_clinician,
    drift,
    frail,
    heavy_delay,
    leavers,
    ramp,
    usual,
)
from assumptions_broken.places import GROUP, rolled_out, scarce
from laboratory import warnings_of

from workbench.experiments.analysis import analyze
from workbench.experiments.exact.many import compare_many
from workbench.experiments.exact.priors import RatePrior
from workbench.experiments.posteriors import GUARDRAIL_LOG_RATIO_SD
from workbench.experiments.verdict import decide

DRAWS, REPEATS, MORE = 1_000, 8, 40


@dataclass(frozen=True)
class World:
    """A broken assumption: who comes of it, and the true effect, in points, that a roll-out would have."""

    words: str
    people: Callable[[Random], People]
    truth: float
    as_of: int = DAYS + WINDOW
    in_epochs: bool = False


@dataclass
class Row:
    """Of how many experiments what is told, and what was found."""

    drawn: int
    mean: float
    held: float
    adopted: float
    harmful: float
    tried: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)


def worlds() -> list[World]:
    """Every one of them."""
    alone = [
        World("nothing broken, no effect", usual(0.0), 0.0),
        World("nothing broken, +2.5 points", usual(0.025), 2.5),
        World("delays heavy-tailed in one arm, equal within the window", heavy_delay, 0.0),
        World("the same, looked at halfway", heavy_delay, 0.0, as_of=DAYS // 2 + WINDOW // 2),
        World(
            "opted-out people book elsewhere: 2 and 2.6 % opt out, +2 points anywhere",
            leavers(0.02, 0.026),
            2.0,
        ),
        World("the same, 2 and 6 %", leavers(0.02, 0.06), 2.0),
        World("frailty: persons differ, gamma of shape 0.3", frail, 0.0),
        World("frailty shared by clinicians who were randomized, recorded", by_clinician(recorded=True), 0.0),
        World("the same, not recorded", by_clinician(recorded=False), 0.0),
        World("base drifts from 4 to 10 %, no effect", drift(0.0), 0.0),
        World("base drifts, +2.5 points", drift(0.025), 2.5),
        World("ramp while the base doubles, epochs recorded", ramp(recorded=True), 0.0, in_epochs=True),
        World("the same, epochs and chances not recorded", ramp(recorded=False), 0.0),
        World("ramp, +3 points in the first spell alone", ramp(recorded=True, early=0.03), 1.5, in_epochs=True),
    ]
    shared = []
    for slots in (3, 6, 12, GROUP):
        words = f"{slots} places for {GROUP} people" if slots < GROUP else "places for all"
        truth = rolled_out(slots)
        shared += [
            World(f"{words}, by person", scarce(slots, by_group=False), truth),
            World(f"{words}, by clinic and week", scarce(slots, by_group=True), truth),
        ]
    return [*alone, *shared]


def ends(counts: Ints, prior: RatePrior, level: float) -> tuple[Floats, Floats]:
    """Of the interval of the difference, of every row."""
    found = compare_many(counts, prior, level)
    return found.low[:, 0], found.high[:, 0]


def by_engine(world: World, counts: Ints) -> tuple[Floats, Floats, Flags, Flags]:
    """Means, whether intervals hold the truth, adopted, harmful; of rows of counts, shape (n, 2, 3)."""
    small = settings_at(world.as_of).primary.smallest_effect
    bookings = compare_many(counts[:, :, :2], level=0.95)
    gap, more_out = (counts[:, 1, at] / counts[:, 1, 0] - counts[:, 0, at] / counts[:, 0, 0] for at in (1, 2))
    # Asked where it is open. An interval of no level ends at the median; a 90 % one has 5 % beyond each end.
    median, lowest, worst = (np.full(len(counts), value) for value in (-1.0, -1.0, 1.0))
    open_to = bookings.better[:, 0] > 0.9
    median[open_to] = ends(counts[open_to][:, :, :2], RatePrior(), 1e-9)[0]
    bad = gap < -small
    worst[bad] = ends(counts[bad][:, :, :2], RatePrior(), 0.9)[1]
    many = more_out > 0.01
    lowest[many] = ends(counts[many][:, :, [0, 2]], RatePrior(log_ratio_sd=GUARDRAIL_LOG_RATIO_SD), 0.9)[0]
    harmful = (lowest > 0.01) | (worst < -small)
    if world.as_of < DAYS + WINDOW:
        strong = [shipped.log_e(int(b), int(a)) >= np.log(100) for a, b in counts[:, :, 1]]
        adopted, harmful = np.array(strong) & (median > small), np.zeros(len(counts), bool)
    else:
        adopted = (bookings.better[:, 0] > 0.96) & (median > small) & (bookings.loss[:, 1] <= 0.002) & ~harmful
    truth = world.truth / 100
    held = (bookings.low[:, 0] <= truth) & (truth <= bookings.high[:, 0])
    mean = bookings.expectation[:, 1] - bookings.expectation[:, 0]
    return 100 * mean, held, adopted, harmful


def tried(world: World) -> Row:
    """Draw, count, ask the engine; and some of them the study."""
    random = np.random.default_rng([17, *world.words.encode()])
    settings = settings_at(world.as_of)
    drawn = [] if world.in_epochs else [world.people(random) for _ in range(REPEATS)]
    found: list[tuple[float, bool, bool, bool]] = []
    if drawn:
        counts, sure = [], []
        for place in range(DRAWS):
            people = drawn[place] if place < REPEATS else world.people(random)
            counts.append(closed_counts(people, world.as_of))
            sure.append(sure_by_cluster(people, world.as_of))
        mean, held, adopted, harmful = by_engine(world, np.stack(counts))
        found = list(zip(mean, held, adopted & np.array(sure), harmful, strict=True))
    studied, decisions, told = [], Counter(), Counter()
    for place in range(REPEATS if drawn else MORE):
        people = drawn[place] if drawn else world.people(random)
        analysis = analyze(counted(people, settings, world.as_of), settings)
        verdict = decide(analysis)
        decisions[verdict.decision] += 1
        told.update(f"gate {gate.name}" for gate in verdict.gates if not gate.passed)
        told.update(warnings_of(analysis, "b"))
        effect = analysis.effects[0].difference
        held = 100 * effect.low <= world.truth <= 100 * effect.high
        studied.append((100 * effect.mean, held, verdict.decision == "adopt", verdict.decision == "harmful"))
        gated = any(not gate.passed for gate in verdict.gates)
        assert not drawn or gated or studied[-1][1:3] == tuple(map(bool, found[place][1:3])), (
            world.words,
            place,
        )
    columns = np.array(found or studied, dtype=float).mean(axis=0)
    return Row(len(found or studied), *map(float, columns), len(studied), decisions, told)


def told(world: World, row: Row) -> str:
    withheld = sum(row.decisions[each] for each in ("invalid", "keep_collecting")) / row.tried
    bad = row.held < 0.9 and withheld < 0.5
    wrongly = world.truth < 1 and row.adopted > 0.1 and withheld < 0.5
    share = f"{row.held:.1%}" if row.drawn > 100 else f"{row.held:.0%}"
    adopted = f"{row.adopted:.1%}" if row.drawn > 100 else f"{row.adopted:.0%}"
    cells = (
        world.words,
        f"{world.truth:+.1f}",
        f"{row.mean:+.2f}",
        f"**{share}**" if bad else share,
        f"**{adopted}**" if wrongly else adopted,
        f"{row.harmful:.0%}",
        f"{row.drawn:,}",
        ", ".join(f"{what} {count}" for what, count in row.decisions.most_common()),
        ", ".join(f"{what} {count}" for what, count in row.told.most_common()) or "–",
    )
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Try every world, write."""
    rows = []
    for world in worlds():
        rows.append(told(world, tried(world)))
        print(rows[-1], flush=True)
    lines = [
        INTRODUCTION.format(machine=machine.told(), people=PEOPLE // 2, draws=DRAWS).rstrip(),
        *rows,
        "",
        WHAT_IT_SHOWS,
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(lines), encoding="utf-8")


INTRODUCTION = """\
# Where the assumptions of the A/B analysis are broken

Two arms of {people:,} people, enrolled over eight weeks, 7 % of whom book within a window of 14 days where nothing
else is said. Truth and estimates are in points; *held* is the share of 95 % intervals that hold the truth, *adopted*
and *harmful* the share of experiments. These are of the exact engine and the rule of the verdict, as many
experiments as *of* says ({draws:,}: 95 % give or take 0.7, one standard error). Some went through the study itself,
gates and warnings included, and it decided the same. Bold:
intervals that fail, or adoption of what has no effect in more than a tenth, without the verdict being withheld.
{machine}

| assumption broken | truth | estimate | held | adopted | harmful | of | the study decides | it says |
|---|---|---|---|---|---|---|---|---|
"""
WHAT_IT_SHOWS = """\
## What it shows

Delays with a heavy tail in one arm, people who differ, and a base that drifts do no harm: intervals hold in 95 to 97
%, since closed windows of people randomized one by one are counted. Ramps whose epochs are recorded are compared
within them. How the forecast of open windows stands such things is in [late outcomes](late_outcomes.md); whole
providers are in [the laboratory](laboratory.md).

**Where intervals fail, and no verdict is withheld:**

- **Scarce places, by person.** With six or fewer places for fifty people texting all brings nothing, yet the arms
  differ by 2 to 4.5 points, and the study adopts in 92 to 100 %, with every gate passed and no warning. Where
  clinics and weeks were randomized it never does, and where a roll-out brings 4.3 points it finds 4.1. No table that
  the study may read tells it which of these it is in.
- **A ramp that the table does not tell of:** half of the experiments adopt what does nothing. The sizes fit the
  chances that are told, so that no gate can see it.
- **Clinicians randomized:** intervals hold in 90 to 92 %, and what does nothing is adopted in 5 to 6 % and not in
  2.4, unless `cluster_id` is recorded: then the rule asks the difference with cluster-robust error too.
- **Opted-out people who book elsewhere:** the estimate is too low, 1.5 or 0.7 of 2 points. With 6 % of opt-outs the
  verdict is `harmful` every time; with 2.6 % nothing tells, and half of the experiments adopt, as they may.
- **An effect in the first spell of a ramp alone:** a ramp supposes one ratio throughout. Intervals hold the mean
  over everybody in 33 of 40, and in 11 the report says that the effect fades.
"""

if __name__ == "__main__":
    main()
