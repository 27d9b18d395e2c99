"""Seconds and memory from ten thousand messages to ten million: simulated, checked, aggregated for an A/B analysis.

`python benchmarks/scale.py` writes scale.md beside itself; on two cores it takes about three minutes, and 1 GB of disk.
Each step is a process of its own that may take 4 GiB of memory. This one imports nothing heavy, since a process
starts its account of memory with that of the one that started it.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import machine

# A patient of the simulated provider has 13.4 messages.
PATIENTS = (750, 7_500, 75_000, 1_000_000)
PAIRS = 5
# The ratio to plain SQL that is aimed at.
MOST = 1.5
MOST_MEMORY = 4 * 2**30
# What the workbench takes of a machine with 4 GiB unless told (`workbench.tables.memory`).
ENGINE_MEMORY = "1092MiB"
SCRIPTS = Path(__file__).with_suffix("")
SOURCE = "title: Simulated provider\nlocation: data/provider\nsimulated: true\n"
MIB = 2**20


@dataclass(frozen=True)
class Measured:
    """What a process took, and what it printed last."""

    seconds: float
    peak: float  # bytes
    last: str

    @property
    def cells(self) -> str:
        """Seconds and memory as two cells of a table."""
        digits = 2 if self.seconds < 10 else 0
        return f"{self.seconds:,.{digits}f} | {self.peak / MIB:,.0f}"


@dataclass(frozen=True)
class Size:
    """All that was measured at one size; the aggregations in pairs, workbench and plain SQL in turn."""

    patients: int
    messages: int
    simulated: Measured
    checked: Measured
    counted: Measured
    plain: Measured
    ratios: tuple[float, ...]
    load: float  # how many processes wanted a core, on average over the minute before

    @property
    def row(self) -> str:
        """The row of the table."""
        low, middle, high = min(self.ratios), statistics.median(self.ratios), max(self.ratios)
        parts = (self.simulated, self.checked, self.counted, self.plain)
        measured = " | ".join(part.cells for part in parts)
        return (
            f"| {self.messages:,} | {self.patients:,} | {measured} | {middle:.2f} ({low:.2f} to {high:.2f}) |"
        )


def process(home: Path, *words: str, most_data: int = MOST_MEMORY) -> Measured:
    """Run Python on these words within so much memory; seconds are those of the whole process.

    What is limited is what the process asks for (RLIMIT_DATA), whether it uses it or not.
    """
    environment = os.environ | {"WORKBENCH_HOME": str(home), "WORKBENCH_MEMORY_LIMIT": ENGINE_MEMORY}
    begun = time.perf_counter()
    child = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, env=environment, text=True)
    resource.prlimit(child.pid, resource.RLIMIT_DATA, (most_data, most_data))
    assert child.stdout is not None
    lines = child.stdout.read().splitlines()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(words)} ended with {child.returncode}.\n" + "\n".join(lines[-5:]))
    # Kilobytes on Linux.
    return Measured(seconds, used.ru_maxrss * 1024, lines[-1])


def aggregated(home: Path, script: str) -> Measured:
    """One of the two aggregations in a process of its own; seconds are from the opening of the files to the counts."""
    whole = process(home, str(SCRIPTS / script), str(home), ENGINE_MEMORY)
    seconds, answer = json.loads(whole.last)
    return Measured(seconds, whole.peak, json.dumps(answer))


def middle(runs: list[Measured]) -> Measured:
    """Median seconds and memory of several runs."""
    return Measured(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.peak for run in runs),
        runs[0].last,
    )


def measure(patients: int) -> Size:
    """Simulate, check, and aggregate a provider of this size."""
    repeats = 3 if patients < max(PATIENTS) else 1
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for part in ("notebooks", "params/sources", "data"):
            (home / part).mkdir(parents=True)
        (home / "params/sources/provider.yaml").write_text(SOURCE, encoding="utf-8")
        provider = str(home / "data/provider")
        simulate = ("-m", "workbench", "simulate", provider, "--patients", str(patients), "--seed", "1")
        simulated = [process(home, *simulate) for _ in range(repeats)]
        checked = [
            process(home, "-m", "workbench", "check", "params/sources/provider.yaml") for _ in range(repeats)
        ]
        counted, plain = [], []
        for _ in range(PAIRS):
            counted.append(aggregated(home, "count.py"))
            plain.append(aggregated(home, "plain.py"))
        answers = {run.last for run in (*counted, *plain)}
        assert len(answers) == 1, f"the aggregations differ at {patients:,} patients"
        ratios = tuple(ours.seconds / theirs.seconds for ours, theirs in zip(counted, plain, strict=True))
        rows = "import pyarrow.parquet as p, sys; print(p.read_metadata(sys.argv[1]).num_rows)"
        messages = int(process(home, "-c", rows, f"{provider}/messages.parquet").last)
    return Size(
        patients, messages, middle(simulated), middle(checked), middle(counted), middle(plain), ratios, load
    )


def report(sizes: list[Size]) -> str:
    """The table, in Markdown."""
    largest = sizes[-1]
    most = max(part.peak for part in (largest.simulated, largest.checked, largest.counted)) / MIB
    fixed = sizes[0].counted.seconds - sizes[0].plain.seconds
    # Those after the first include the measurement itself.
    load = sizes[0].load
    busy = f" **The machine was busy with other work: {load:.0f} processes wanted a core.**" if load > 1 else ""
    lines = [
        "# Scale: from ten thousand messages to ten million",
        "",
        "A simulated provider is written, checked, and aggregated for an A/B analysis (`motivational_wording`: cohort "
        "flow, arms, segments, delays, weeks of enrollment, opt-outs, and who was texted, texted before, in a shared "
        "cluster or in another experiment). Every step is a process of its own that may "
        f"have 4 GiB of data (RLIMIT_DATA), its engine {ENGINE_MEMORY} of them, as on a machine of that size. "
        f"{machine.told()}{busy}",
        "",
        "- **simulate** and **check** are `workbench simulate` and `workbench check`, the whole process; the median of "
        "three runs, of the largest size one run.",
        "- **count** is `count_experiment` from opening the files to the counts, in a fresh process; **plain SQL** is "
        f"[plain.sql](scale/plain.sql), which gives the same numbers (asserted), likewise. The two in turn, {PAIRS} "
        "times: median seconds, and the median of the pairs' ratios with the lowest and the highest.",
        "- **MiB** is the peak of the process (maximum resident set), Python and its libraries included.",
        "",
        "| messages | patients | simulate, s | MiB | check, s | MiB | count, s | MiB | plain SQL, s | MiB | ratio |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *(size.row for size in sizes),
        "",
        f"At the largest size no step of the workbench took more than {most:,.0f} MiB. Writing the queries (Ibis makes "
        f"SQL of expressions) costs the workbench about {fixed:.2f} s, whatever the size of the data (the difference "
        f"at the smallest size). With it alone, the ratio is within {MOST} only where plain SQL takes "
        f"{fixed / (MOST - 1):.1f} s or more.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure every size and write the table."""
    sizes = []
    for patients in PATIENTS:
        sizes.append(measure(patients))
        print(sizes[-1].row, flush=True)
    Path(__file__).with_suffix(".md").write_text(report(sizes), encoding="utf-8")


if __name__ == "__main__":
    main()
