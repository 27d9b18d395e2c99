"""The risk of opting out per text, and its curve over load, where its assumptions hold and where they do not.

    nice python benchmarks/opt_out_hazard.py

Made worlds of texts and opt-outs (`workbench.simulate.texting`) go through everything a study does: the queries, the
cells, the sampler. Writes `opt_out_hazard.md` beside itself.
"""

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import ibis
import numpy as np
from machine import told

from workbench.message_load.analysis import Risk, estimate_risk
from workbench.message_load.bands import LOAD
from workbench.message_load.counts import load_counts
from workbench.message_load.parameters import MessageLoad
from workbench.message_load.risk_set import declared_cohort
from workbench.sampling.nuts import Effort
from workbench.simulate.texting import TextingWorld, simulate_texting
from workbench.tables.known import Tables
from workbench.tables.source import Source

HERE = Path(__file__).parent
REPETITIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
EFFORT = Effort(draws=400, tune=400, target_accept=0.9, correlated=True)
DOUBTFUL_R_HAT = 1.02
PEOPLE, WEEKS, TEXTS = 1_500, 26, 4
WORLDS = {
    "gamma frailty, no effect": TextingWorld(frailty="gamma"),
    "gamma frailty, thickest texting first, no effect": TextingWorld(
        frailty="gamma", variance=2.0, risk=0.025, schedule="early"
    ),
    "lognormal frailty, thickest texting first, no effect": TextingWorld(
        frailty="lognormal", variance=2.0, risk=0.025, schedule="early"
    ),
    "risk halves in 12 weeks, thickest texting first, no effect": TextingWorld(half_life=12, schedule="early"),
    "gamma frailty, tolerant people sent more, no effect": TextingWorld(frailty="gamma", schedule="tolerant"),
    "gamma frailty, effect": TextingWorld(frailty="gamma", power=0.5),
    "gamma frailty, tolerant people sent more, effect": TextingWorld(
        frailty="gamma", schedule="tolerant", power=0.5
    ),
}

TITLE = "# The risk of opting out per text"
INTRODUCTION = (
    f"Made worlds of {PEOPLE:,} people over {WEEKS} weeks, {REPETITIONS} repetitions each, through the queries, the "
    f"cells and the sampler of a study of message load ({EFFORT.chains} chains of {EFFORT.draws} draws). Told is the "
    f"log of the risk of a text at {TEXTS} texts in seven days over that of a single text: mean error as counted and "
    "by the model (± one standard error), and how often 95 % intervals hold the truth. *Above 1*: the interval lies "
    "above 1, so that a study would have spoken of a hypothesis to test; where there is no effect, each of these is a "
    f"false alarm. *Doubtful*: fits with a divergence or an R-hat above {DOUBTFUL_R_HAT}; a study samples longer, and "
    "reads none."
)
COLUMNS = """\
| world | opt-outs | counted: error | counted: holds | model: error | model: holds | width | above 1 | doubtful |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


@dataclass(frozen=True)
class Found:
    """What one repetition found: logs of the ratio at four texts to one, less the truth."""

    naive: float
    naive_covers: bool
    model: float
    covers: bool
    width: float
    above: bool
    doubtful: bool
    opt_outs: int


def repetition(world: TextingWorld, seed: int) -> Found:
    """One made world, counted and estimated."""
    world = TextingWorld(**{**vars(world), "people": PEOPLE, "weeks": WEEKS})
    settings = MessageLoad(
        title="Benchmark",
        audience=("analysts",),
        owner="Benchmark",
        as_of=(world.as_of + timedelta(days=1)).date(),
        source="made",
        seed=seed,
        question="Is the risk found?",
        who_must_act="Nobody must act.",
    )
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    frames = simulate_texting(world, seed)
    tables = Tables(
        Source(title="Made", location="nowhere"),
        {name: engine.create_table(name, rows) for name, rows in frames.items()},
    )
    counts = load_counts(tables.known(settings.as_of, declared_cohort(settings)), settings)
    return _found(estimate_risk(counts, settings, effort=EFFORT), world.power * np.log(TEXTS), counts.answered)


def _found(risk: Risk, truth: float, opt_outs: int) -> Found:
    one, four = risk.curve[0], risk.curve[LOAD.place_of(TEXTS)]
    naive = np.log(four.opt_outs / four.texts) - np.log(one.opt_outs / one.texts) - truth
    spread = 1.96 * np.sqrt(1 / four.opt_outs + 1 / one.opt_outs)
    low, middle, high = np.log([four.ratio.low, four.ratio.value, four.ratio.high])
    return Found(
        naive=float(naive),
        naive_covers=bool(abs(naive) < spread),
        model=float(middle - truth),
        covers=bool(low < truth < high),
        width=float(high - low),
        above=bool(low > 0),
        doubtful=risk.diagnostics.divergences > 0 or risk.diagnostics.r_hat > DOUBTFUL_R_HAT,
        opt_outs=opt_outs,
    )


def row(name: str, found: list[Found]) -> str:
    """A line of the table."""
    naive, model = (np.array([getattr(each, way) for each in found]) for way in ("naive", "model"))
    error = model.std(ddof=1) / np.sqrt(len(found))
    cells = [
        name,
        f"{np.mean([each.opt_outs for each in found]):.0f}",
        f"{naive.mean():+.2f}",
        f"{np.mean([each.naive_covers for each in found]):.0%}",
        f"{model.mean():+.2f} ± {error:.2f}",
        f"{np.mean([each.covers for each in found]):.0%}",
        f"{np.mean([each.width for each in found]):.2f}",
        f"{np.mean([each.above for each in found]):.0%}",
        f"{sum(each.doubtful for each in found)}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    head = f"{TITLE}\n\n{INTRODUCTION} {told()}\n\n{COLUMNS}\n"
    lines: list[str] = []
    for name, world in WORLDS.items():
        lines.append(row(name, [repetition(world, seed) for seed in range(1, REPETITIONS + 1)]))
        print(lines[-1], flush=True)
        (HERE / "opt_out_hazard.md").write_text(head + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
