"""Do the intervals of the A/B analysis hold the simulator's truth? Six providers, read as any source is.

`python benchmarks/interval_coverage.py` writes interval_coverage.md beside itself; it takes three minutes on one
core.
"""

import math
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import machine
import numpy as np

from workbench.experiments.counting.counts import ExperimentCounts, count_experiment
from workbench.experiments.counting.people import declared_cohort
from workbench.experiments.exact import ArmCounts, RatePosterior, RatePrior
from workbench.experiments.metrics import USUAL_METRICS
from workbench.experiments.models.segments import SegmentCells, compile_segments, fit_segments
from workbench.experiments.parameters import ABTest
from workbench.experiments.posteriors import GUARDRAIL_LOG_RATIO_SD
from workbench.parameters.sets import read_parameter_set
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import write_provider
from workbench.tables.opening import open_tables
from workbench.tables.source import Source

# Providers 1 to 20 served to choose the guardrail's prior, so that others must judge it.
SEEDS = range(21, 27)
PATIENTS = 24_000
ROOT = Path(__file__).parents[1]
SETS = ("motivational_wording", "evening_send", "personal_greeting")
LEVEL = 0.95


@dataclass
class Tally:
    """Intervals of one kind: how many hold the truth, their errors and widths in points."""

    held: int = 0
    made: int = 0
    errors: list[float] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)

    def add(self, mean: float, low: float, high: float, truth: float) -> None:
        self.held += low <= truth <= high
        self.made += 1
        self.errors.append(100 * (mean - truth))
        self.widths.append(100 * (high - low))

    def row(self, *labels: str) -> str:
        error, width = np.mean(self.errors), np.mean(self.widths)
        cells = (*labels, f"{self.held} of {self.made}", f"{error:+.2f}", f"{width:.2f}")
        return "| " + " | ".join(cells) + " |"


def settings_of(name: str) -> ABTest:
    chosen = read_parameter_set(
        ROOT / f"params/ab_test/{name}.yaml", ROOT, {"ab_test": ABTest}, date(2100, 1, 1)
    )
    assert isinstance(chosen.parameters, ABTest)
    return chosen.parameters


def tally_rates(
    counts: ExperimentCounts, truth: dict, tallies: dict[tuple[str, str, str], Tally], name: str
) -> None:
    outcomes = {
        "bookings": (
            "booking",
            [ArmCounts(arm.arm, arm.closed, arm.events) for arm in counts.arms],
            RatePrior(),
        ),
        "opt-outs": (
            "opt_out",
            [ArmCounts(arm.arm, arm.people, arm.told) for arm in counts.measured(USUAL_METRICS[1])],
            RatePrior(log_ratio_sd=GUARDRAIL_LOG_RATIO_SD),
        ),
    }
    for told, (key, arms, prior) in outcomes.items():
        posterior = RatePosterior(arms, counts.control, prior)
        for arm, differences in truth["overall"]["differences"].items():
            found = posterior.difference(arm, level=LEVEL)
            tallies[name, arm, told].add(found.mean, found.low, found.high, differences[key])


def padded(counts: ExperimentCounts, segments: tuple[str, ...]) -> SegmentCells:
    """All segments, those without people counting 0, so that one compilation serves every provider."""
    arms = tuple(arm.arm for arm in counts.arms)

    def table(values: str) -> np.ndarray:
        found = counts.segments.pivot_table(index="segment", columns="arm", values=values, fill_value=0)
        return found.reindex(index=list(segments), columns=list(arms), fill_value=0).to_numpy(dtype=np.int64)

    return SegmentCells(segments, arms, table("people"), table("events"))


def main() -> None:
    """Simulate, analyze, tally, write."""
    chosen = {name: settings_of(name) for name in SETS}
    rates: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
    segments: dict[tuple[str, str], Tally] = defaultdict(Tally)
    compiled: dict[str, object] = {}
    unsound: list[str] = []
    for done, seed in enumerate(SEEDS, 1):
        print(f"provider {done} of {len(SEEDS)}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            provider = simulate_provider(ProviderSettings(patients=PATIENTS, seed=seed))
            write_provider(provider, Path(folder) / "sample")
            tables = open_tables(Source(title="simulated", location="sample"), Path(folder))
            for name, settings in chosen.items():
                known = tables.known(settings.as_of, declared_cohort(settings))
                counts = count_experiment(known, settings)
                truth = provider.truth["experiments"][settings.experiment]
                tally_rates(counts, truth, rates, name)
                by_segment = truth[f"by_{settings.segment_by}"]
                cells = padded(counts, tuple(sorted(by_segment)))
                if name not in compiled:
                    compiled[name] = compile_segments(cells)
                fitted = fit_segments(cells, seed=seed, level=LEVEL, compiled=compiled[name])
                if not fitted.diagnostics.sound:
                    # The study withholds its verdict in this case; so does this tally.
                    unsound.append(f"{name}, provider {seed}")
                    continue
                for effect in fitted.effects:
                    known = by_segment[effect.segment]["differences"][effect.arm]["booking"]
                    if known is not None:
                        segments[name, effect.arm].add(effect.mean, effect.low, effect.high, known)
    (Path(__file__).with_suffix(".md")).write_text(report(rates, segments, unsound), encoding="utf-8")


def report(
    rates: dict[tuple[str, str, str], Tally], segments: dict[tuple[str, str], Tally], unsound: list[str]
) -> str:
    """The tables, in Markdown."""
    held, made = (sum(getattr(tally, what) for tally in rates.values()) for what in ("held", "made"))
    deep_held, deep_made = (
        sum(getattr(tally, what) for tally in segments.values()) for what in ("held", "made")
    )
    noise = math.sqrt(LEVEL * (1 - LEVEL) / made)
    lines = [
        "# Coverage of the A/B analysis",
        "",
        f"{len(SEEDS)} simulated providers of {PATIENTS:,} patients, each read from its files as any source is, and "
        "analyzed by the parameter sets of the sample. Truth is `truth.json`: differences between paired potential "
        "outcomes of everybody enrolled. The intervals are for a population beyond the people enrolled, so that they "
        f"should hold this truth at least as often as they say, {LEVEL:.0%}. {machine.told()}",
        "",
        f"## Exact posterior: {held} of {made} intervals hold the truth ({held / made:.1%})",
        "",
        f"Were coverage {LEVEL:.0%}, {made} independent intervals would show {LEVEL:.0%} give or take {noise:.1%} "
        "(one standard error); those of one provider share controls, so that it is somewhat more. `personal_greeting` "
        "is still running: only people whose window has closed are analyzed, while its truth is of everybody enrolled "
        "so far.",
        "",
        "**What did not hold.** The guardrail first had the outcome's prior (log ratio 0.35). Over providers 1 to "
        "20 it then held the truth of `evening_send` in 15 of 20, with a mean error of -0.60 points on a rise of "
        "2.99: the prior doubted the harm. Widths of 0.7 and 1.0 were tried on the same providers (both 20 of 20; "
        f"errors -0.13 and -0.03) and {GUARDRAIL_LOG_RATIO_SD} was taken. The table below is of providers "
        f"{SEEDS[0]} to {SEEDS[-1]}, which had no part in that choice. The outcome's own prior still draws large "
        "effects toward zero, as it is meant to.",
        "",
        "| experiment | arm | outcome | hold the truth | mean error, points | mean width, points |",
        "|---|---|---|---|---|---|",
        *(tally.row(*key) for key, tally in rates.items()),
        "",
        f"## Hierarchical model by segment, bookings: {deep_held} of {deep_made} ({deep_held / deep_made:.1%})",
        "",
        "Segments are shrunk toward each other on purpose: a segment whose effect is far from the others' is held less "
        "often, and the average over segments is what the intervals promise.",
        "",
        "| experiment | arm | hold the truth | mean error, points | mean width, points |",
        "|---|---|---|---|---|",
        *(tally.row(*key) for key, tally in segments.items()),
        "",
        f"Fits whose diagnostics were not sound, and which are left out: {'; '.join(unsound) or 'none'}. Of each of "
        f"these, {len(unsound)} of {len(SEEDS) * len(SETS)}, the study's verdict is `invalid`; one divergence in "
        "12,000 draws is enough.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
