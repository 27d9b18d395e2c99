"""What the causal analysis of message load recovers in worlds whose truth is known, and where it gives no answer.

`python benchmarks/message_saturation.py` writes message_saturation.md beside itself; it takes about two minutes on
one core.
"""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import machine
import numpy as np
from message_saturation.worlds import MOST, Numbers, World, followed, truth
from scipy.interpolate import CubicSpline

from workbench.message_load.causal.effects import effects_of
from workbench.message_load.causal.panel import panel_of
from workbench.message_load.causal.results import METHODS, OUTCOMES, LoadEffects, SaturationAt
from workbench.message_load.causal.saturation import find_saturation
from workbench.message_load.causal.settings import CausalSettings

DATA_SETS, PEOPLE = 12, 3_000
SETTINGS = CausalSettings(replicates=30)
WORTH = SETTINGS.worth.middle
TARGETED = {"by_replies": 0.25, "by_earlier": 0.1}
WORLDS = {
    "by lot": World(),
    "targeted": World(**TARGETED),
    "targeted, frailty": World(frailty=0.5, **TARGETED),
    "targeted, frailty, constant risk": World(frailty=0.5, wearing=0.0, opt_out=0.012, **TARGETED),
    "by rule": World(rule=True, by_replies=0.25),
    "unrecorded keenness": World(by_keenness=0.5),
}
NAMES = {"naive": "as sent", "weighted": "weighted", "g_formula": "g-formula"}


@dataclass(frozen=True)
class Tried:
    """A world: its true chances, (outcomes, loads), and what each data set gave."""

    true: Numbers
    effects: tuple[LoadEffects, ...]
    saturations: tuple[SaturationAt, ...]
    unmeasured: tuple[float, ...]

    @property
    def following(self) -> int:
        """In how many data sets texts were sure to follow bookings."""
        ratios = [each.after_booking for each in self.effects]
        return sum(each is not None and not each.low <= 1 <= each.high for each in ratios)

    @property
    def best(self) -> float:
        """The load at which true bookings, less the worth of true opt-outs, are highest; between loads by a spline."""
        grid = np.linspace(0, MOST, 401)
        return float(grid[CubicSpline(range(MOST + 1), self.true[1] - WORTH * self.true[0])(grid).argmax()])


def tried(world: World) -> Tried:
    effects, saturations, unmeasured = [], [], []
    for seed in range(DATA_SETS):
        found = effects_of(panel_of(followed(world, PEOPLE, seed)), SETTINGS)
        saturation = find_saturation(found, SETTINGS)
        effects.append(found)
        saturations.append(saturation.middle)
        unmeasured += [saturation.unmeasured] * (saturation.unmeasured is not None)
    return Tried(np.array(truth(world)), tuple(effects), tuple(saturations), tuple(unmeasured))


def curves_of(name: str, world: Tried) -> list[list[object]]:
    """For each method: the mean error at one and at four texts a week, relative, and coverage over all loads."""
    rows = []
    for method in METHODS:
        row: list[object] = [name, NAMES[method]]
        for place, outcome in enumerate(OUTCOMES):
            true = world.true[place]
            points = [each.curve(method, outcome).points for each in world.effects]
            mean = np.mean([[point.value for point in each] for each in points], axis=0)
            held = np.mean([[p.low <= t <= p.high for p, t in zip(each, true, strict=True)] for each in points])
            row += [f"{100 * (mean[1] / true[1] - 1):+.0f} %", f"{100 * (mean[4] / true[4] - 1):+.0f} %"]
            row.append(f"{100 * held:.0f} %")
        rows.append(row)
    return rows


def saturation_of(name: str, world: Tried) -> list[object]:
    told = [each for each in world.saturations if each.load is not None]
    held = sum(each.load.low <= world.best <= each.load.high for each in told if each.load)
    values = [each.load.value for each in told if each.load]
    why = Counter(each.reason.replace("_", " ") for each in world.saturations if each.reason)
    reasons = ", ".join(f"{reason} {count}" for reason, count in why.most_common()) or "–"
    return [
        name,
        f"{world.best:.1f}",
        len(told),
        f"{np.mean(values):.1f}" if values else "–",
        held if told else "–",
        reasons,
        f"{np.median(world.unmeasured):.1f}" if world.unmeasured else "–",
        world.following,
    ]


def table(head: list[str], rows: list[list[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def page(worlds: dict[str, Tried], seconds: float) -> str:
    head = ["world", "method", "opt-outs at 1", "at 4", "held", "bookings at 1", "at 4", "held"]
    curves = [row for name, world in worlds.items() for row in curves_of(name, world)]
    told = ["world", "true load", "told", "mean", "interval holds it", "not identified", "E-value", "follow"]
    return f"""# Message load: what is recovered where the truth is known

Made by `benchmarks/message_saturation.py` in {seconds:.0f} s of one core.
{machine.told()}

Worlds run day by day and share no form with the estimators: {PEOPLE:,} people, 24 weeks, {DATA_SETS} data sets of each,
{SETTINGS.replicates} bootstrap samples. The keen book more, reply more and opt out less; nobody recorded keenness.
Texts go

- *by lot*: to anybody alike;
- *targeted*: to who replied, and to who was sent more before;
- *frailty*: some have had enough sooner (gamma, shape 0.5), which nobody recorded either;
- *constant risk*: every text drives out as many, however many came before;
- *by rule*: beyond one a week to who replied, and to nobody else;
- *unrecorded keenness*: to the keen, whom those who send know and no column holds.

## Chances in a week under a load kept for four weeks

The mean error relative to the truth, at one and at four texts a week, and how often 95 % intervals hold the truth, over
all loads from none to four.

{table(head, curves)}

By lot all agree. Targeted, what was sent shows too few opt-outs and too many bookings at high load, and both ways mend
most of it. Where texts follow what nobody recorded, both err alike and agree: no method sees it.

## Saturation

An opt-out is worth {WORTH:g} bookings. *True load*: where true bookings less opt-outs are highest. *Told*: data sets
with an answer, its mean, and in how many the interval holds the true load. *E-value*: the median strength of an
unrecorded confounder that would explain the rise of opt-outs away. *Follow*: data sets that tell that texts go with the
booking of the week before, which nobody who sends looks at in any of these worlds.

{table(told, [saturation_of(name, world) for name, world in worlds.items()])}

With a constant risk the net is nearly flat from two texts a week on, and what is left of the bias at four is enough to
put its top there: loads told are too high, and intervals hold the truth less often than they say. A load at or near the
highest that was sent is therefore a weaker answer than one within. By rule no answer is given. Where texts follow
unrecorded keenness answers are given, and all of them are wrong; what warns is that texts go with bookings, which who
knows how texts are sent must hold against that.
"""


def main() -> None:
    begun = time.process_time()
    worlds = {name: tried(world) for name, world in WORLDS.items()}
    text = page(worlds, time.process_time() - begun)
    Path(__file__).with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
