"""A no-show report of ten thousand appointments to a million: seconds and memory, from tables to the published page.

`python benchmarks/no_show_scale.py` writes no_show_scale.md beside itself; on two cores it takes about a quarter of an
hour, and 2 GB of disk. Each report is `workbench run` on a simulated provider in a folder of its own. Memory is that of
the command and of all it starts, looked at five times a second.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import machine
import psutil

ROOT = Path(__file__).resolve().parents[1]
# A patient of the simulated provider has five appointments.
PATIENTS = (2_000, 20_000, 200_000)
PARAMETERS = Path("params/no_show/three_days_ahead.yaml")
NOTEBOOK = Path("notebooks/no_show.ipynb")
SOURCE = "title: Simulated provider\nlocation: data/sample\nsimulated: true\n"
# For the engine: what is taken of a machine with 4 GiB unless told, and what is taken here.
LIMITS = ("1092MiB", None)
MOST = 4 * 2**30
LOOK_EVERY = 0.2
MIB = 2**20


@dataclass(frozen=True)
class Measured:
    """What a run took: seconds, and at their highest the resident bytes of its largest process and of all together."""

    seconds: float
    largest: int
    together: int

    @property
    def cells(self) -> str:
        """Three cells of a table."""
        return f"{self.seconds:,.0f} | {self.largest / MIB:,.0f} | {self.together / MIB:,.0f}"


@dataclass(frozen=True)
class Run:
    """One report: of how many appointments, and with how much memory for the engine (None: what it takes here)."""

    patients: int
    appointments: int
    limit: str | None
    took: Measured
    load: float  # how many processes wanted a core, on average over the minute before

    @property
    def row(self) -> str:
        """The row of the table."""
        memory = self.limit or "this machine's"
        return f"| {self.appointments:,} | {self.patients:,} | {memory} | {self.took.cells} |"


def measured(home: Path, *words: str, limit: str | None = None) -> Measured:
    """Run the workbench on these words, and look at its memory while it runs."""
    environment = {name: value for name, value in os.environ.items() if name != "WORKBENCH_MEMORY_LIMIT"}
    environment |= {"WORKBENCH_HOME": str(home)} | ({"WORKBENCH_MEMORY_LIMIT": limit} if limit else {})
    log = home / "said.txt"
    begun = time.perf_counter()
    with log.open("w", encoding="utf-8") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "workbench", *words], stdout=said, stderr=said, env=environment, cwd=home
        )
        largest = together = 0
        while child.poll() is None:
            sizes = resident(child.pid)
            largest, together = max(largest, *sizes), max(together, sum(sizes))
            time.sleep(LOOK_EVERY)
    if child.returncode:
        sys.exit(f"{' '.join(words)} ended with {child.returncode}.\n" + log.read_text(encoding="utf-8")[-800:])
    return Measured(time.perf_counter() - begun, largest, together)


def resident(pid: int) -> list[int]:
    """Resident bytes of a process and of all it started; pages that two share count twice."""
    sizes = [0]
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return sizes
    for each in family:
        try:
            sizes.append(each.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return sizes


def measure(patients: int) -> Iterator[Run]:
    """Simulate a provider of this size, and make its report, each time with another limit of the engine's memory."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for part in ("notebooks", "params/sources", "params/no_show", "data"):
            (home / part).mkdir(parents=True)
        (home / "params/sources/sample.yaml").write_text(SOURCE, encoding="utf-8")
        for file in (PARAMETERS, NOTEBOOK):
            shutil.copy(ROOT / file, home / file)
        provider = home / "data/sample"
        measured(home, "simulate", str(provider), "--patients", str(patients), "--seed", "1")
        appointments = appointments_in(provider / "appointments.parquet")
        words = ("run", PARAMETERS.as_posix(), "--reports", str(home / "reports"), "--force")
        for limit in LIMITS:
            load = os.getloadavg()[0]
            yield Run(patients, appointments, limit, measured(home, *words, limit=limit), load)


def appointments_in(file: Path) -> int:
    """How many appointments a table tells of; asked of another process, for this one is to stay small."""
    counted = "duckdb.read_parquet(sys.argv[1]).aggregate('count(DISTINCT appointment_id)').fetchone()"
    words = f"import duckdb, sys; print(*{counted})"
    return int(subprocess.run([sys.executable, "-c", words, str(file)], capture_output=True, check=True).stdout)


def report(runs: list[Run]) -> str:
    """The table, in Markdown."""
    most = max(run.appointments for run in runs)
    busy = max(run.load for run in runs)
    told = (
        f" **The machine was busy with other work: up to {busy:.0f} processes wanted a core.**"
        if busy > 2
        else ""
    )
    lines = [
        "# Scale: a no-show report of a million appointments",
        "",
        "A provider is simulated, and `workbench run params/no_show/three_days_ahead.yaml` makes its report: from the "
        "tables to the published page, with every model, score, interval, group and check. The engine's memory "
        "(`WORKBENCH_MEMORY_LIMIT`) is 1092 MiB, which is what it takes of a machine with 4 GiB unless told, "
        f"and that of this machine, of {psutil.virtual_memory().total / 2**30:.0f} GiB. One run each. "
        f"{machine.told()}{told}",
        "",
        "- **largest** is the peak resident memory of the largest process: the notebook's kernel, in which the engine "
        "works too; **together** that of all processes of the run at once, pages that two share counted twice. MiB.",
        "",
        "| appointments | patients | engine's memory | seconds | largest | together |",
        "|---|---|---|---|---|---|",
        *(run.row for run in runs),
        "",
        *(_told(run) for run in runs if run.appointments == most),
        "",
        "What decides is what the engine may take: it keeps what it reads in memory up to its limit, and lays down on "
        "disk what does not fit. Beside it grow the frame of features, a row for each appointment studied, the designs "
        "of the models, and the replicates of the scores.",
        "",
    ]
    return "\n".join(lines)


def _told(run: Run) -> str:
    """Whether a run keeps within 4 GiB."""
    holds = "within" if run.took.together <= MOST else "over"
    memory = run.limit or "what it takes here"
    return (
        f"- With {memory} for the engine, {run.appointments:,} appointments are {holds} 4 GiB: "
        f"{run.took.together / 2**30:.1f} GiB together."
    )


def main() -> None:
    """Measure every size, and write the table after each run, so that a long one that is stopped loses no other."""
    runs: list[Run] = []
    for patients in PATIENTS:
        for run in measure(patients):
            runs.append(run)
            print(run.row, flush=True)
            Path(__file__).with_suffix(".md").write_text(report(runs), encoding="utf-8")


if __name__ == "__main__":
    main()
