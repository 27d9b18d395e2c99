"""Seconds and memory of a segmentation from ten thousand patients to a million, step by step.

`python benchmarks/segmentation_scale.py` writes segmentation_scale.md beside itself; on two idle cores it takes about
five minutes, and 2 GB of disk in the temporary folder. Other sizes can be given as numbers behind it. Each step is a
process of its own that may use 4 GiB of memory. This one imports nothing heavy, since a process starts its account of
memory with that of the one that started it.
"""

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import machine
from scale import ENGINE_MEMORY, MOST_MEMORY, SOURCE, Measured, process

SIZES = (10_000, 100_000, 1_000_000)
SCRIPTS = Path(__file__).with_suffix("")
# The engine's allocator keeps addresses it does not use; memory is held to what is used, and these to no more than so
# many bytes.
SET_ASIDE = 3 * MOST_MEMORY // 2


@dataclass(frozen=True)
class Size:
    """All that was measured at one size; `found` counts the people in the cohort of a provider of so many patients."""

    people: int
    found: int
    groups: int
    steps: tuple[Measured, ...]
    load: float  # how many processes wanted a core, on average over the minute before

    @property
    def row(self) -> str:
        """The row of the table."""
        cells = " | ".join(step.cells for step in self.steps)
        return f"| {self.people:,} | {self.found:,} | {cells} |"


def step(home: Path, script: str, *words: str) -> tuple[Measured, dict[str, int]]:
    """A step in a process of its own; seconds are those it took itself, without imports and the reading of rows."""
    whole = process(home, str(SCRIPTS / f"{script}.py"), str(home), *words, most_data=SET_ASIDE)
    if whole.peak > MOST_MEMORY:
        sys.exit(f"{script} of {' '.join(words)} used {whole.peak / 2**20:,.0f} MiB, more than there may be.")
    seconds, found = json.loads(whole.last)
    return Measured(seconds, whole.peak, whole.last), found


def measure(people: int) -> Size:
    """Simulate a provider of so many patients, and measure every step."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for part in ("notebooks", "params/sources", "data"):
            (home / part).mkdir(parents=True)
        (home / "params/sources/provider.yaml").write_text(SOURCE, encoding="utf-8")
        provider = str(home / "data/provider")
        process(home, "-m", "workbench", "simulate", provider, "--patients", str(people), "--seed", "1")
        core, found = step(home, "features", "core")
        every, _ = step(home, "features", "all")
        yardstick, _ = step(home, "yardstick", str(people))
        fit, fitted = step(home, "fit", str(people))
        assign, _ = step(home, "assign", str(people))
        plain, _ = step(home, "plain", str(people))
    return Size(people, found["people"], fitted["groups"], (core, every, yardstick, fit, assign, plain), load)


def report(sizes: list[Size]) -> str:
    """The table, in Markdown."""
    most = max(step.peak for step in sizes[-1].steps[:-1]) / 2**20
    load = max(size.load for size in sizes[:1])
    busy = f" **The machine was busy with other work: {load:.0f} processes wanted a core.**" if load > 1 else ""
    groups = ", ".join(str(size.groups) for size in sizes)
    lines = [
        "# Segmentation: from ten thousand patients to a million",
        "",
        "The parameter set `behavior_groups` on simulated providers. Every step is a process of its own that may use "
        f"4 GiB of memory, its engine {ENGINE_MEMORY} of them, as on a machine of that size. {machine.told()}{busy}",
        "",
        "- **features** is `people_in_care` on a provider of so many patients, from opening the files to one row of "
        "counts for each person of the cohort; **all** asks for every feature that is a number.",
        "- The other steps are of as many *people* as the row says: those of the cohort, drawn with replacement.",
        "- **yardstick** is `Yardstick.of` and its `frame`; **analysis** is `analyze`, all of it: numbers of groups "
        "tried, continua, stability, everybody assigned, profiles, rules.",
        "- **assign** scores everybody by groups found before: yardstick and model read from JSON, frame, labels.",
        "- **plain scikit-learn** is one `GaussianMixture` with as many groups "
        f"({groups}) fitted to everybody on the same features, and nothing else: no number of groups chosen, no "
        "continua, no stability.",
        "- **MiB** is the peak of the process (maximum resident set), Python and its libraries included.",
        "",
        "| people | in the cohort | features, s | MiB | all, s | MiB | yardstick, s | MiB | analysis, s | MiB | "
        "assign, s | MiB | plain scikit-learn, s | MiB |",
        "|" + "---|" * 14,
        *(size.row for size in sizes),
        "",
        f"At the largest size no step of the workbench took more than {most:,.0f} MiB.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure every size and write the table."""
    sizes = []
    for people in map(int, sys.argv[1:]) if sys.argv[1:] else SIZES:
        sizes.append(measure(people))
        print(sizes[-1].row, flush=True)
    Path(__file__).with_suffix(".md").write_text(report(sizes), encoding="utf-8")


if __name__ == "__main__":
    main()
