"""A report store on a share: `python benchmarks/shares.py KIND A B` adds its table to shares.md beside itself.

A and B are two mounts of the same network file system, as two machines have them; KIND names it for the reader. About
six minutes; on a slow share longer.
"""

import argparse
import random
import signal
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import machine
from robustness.small_project import SmallProject, small_project

from workbench.reports.locking import UnderWay
from workbench.reports.store import Store

ROUNDS, KILLS, STOPS = 10, 10, 5
ONE = "params/ab_test/wording.yaml"
SEED = 20_261_128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind")
    parser.add_argument("mounts", type=Path, nargs=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=given.mounts[0]) as shared:
        projects = [
            replace(small_project(Path(folder) / mount.name), reports=mount / Path(shared).name / "reports")
            for mount in given.mounts
        ]
        table = _table(given.kind, projects)
    print(table)
    kept = Path(__file__).with_suffix(".md")
    if not kept.exists():
        kept.write_text(_INTRODUCTION, encoding="utf-8")
    with kept.open("a", encoding="utf-8") as file:
        file.write(table)


_INTRODUCTION = """# The report store on a share

Two projects, each with a mount of its own of one share, run the same three parameter sets at the same time; then
single runs are ended by `kill -9`, and others by SIGTERM, at random moments. Versions must be whole as either mount
shows them.
"""


def _table(kind: str, projects: list[SmallProject]) -> str:
    chance = random.Random(SEED)
    begun = time.monotonic()
    projects[0].start("run", "params").communicate()
    seconds = time.monotonic() - begun
    locks = _locks_are_shared(*(project.store for project in projects))
    states = _side_by_side(projects)
    at_once = _at_once(projects[0].store)
    broken = sum(_killed(projects, turn, seconds / 3, chance) for turn in range(KILLS))
    stops = [_stopped(projects[0], seconds / 3, chance) for _ in range(STOPS)]
    after = projects[1].start("run", "params", "--force")
    after.communicate()
    faults = max(len(project.store.faults()) for project in projects)
    return f"""
## {kind}

{machine.told()}

| | |
|---|---|
| seconds for the first run of three sets | {seconds:.1f} |
| a lock held through one mount is seen through the other | {"yes" if locks else "no"} |
| runs side by side, by how they ended | {", ".join(f"{n} {state}" for state, n in sorted(states.items()))} |
| runs of one set that were under way at once | {at_once} |
| looks after {KILLS} kills that found a version not whole | {broken} |
| longest wait after SIGTERM, in seconds | {max(stops):.1f} |
| the next run publishes | {"yes" if after.returncode == 0 else "no"} |
| faults that `workbench reports verify` finds then | {faults} |
"""


def _locks_are_shared(first: Store, second: Store) -> bool:
    with first.one_at_a_time("ab_test", "wording"):
        try:
            with second.one_at_a_time("ab_test", "wording"):
                return False
        except UnderWay:
            return True


def _side_by_side(projects: list[SmallProject]) -> Counter[str]:
    """How the runs of both ended."""
    states: Counter[str] = Counter()
    for _ in range(ROUNDS):
        running = [project.start("run", "params", "--force") for project in projects]
        lines = [line.split() for process in running for line in process.communicate()[0].splitlines()]
        states.update(words[0] for words in lines if "params/ab_test/" in words[1])
    return states


def _at_once(store: Store) -> int:
    """How many runs began before another run of their set had ended."""
    ended: dict[str, datetime] = {}
    found = 0
    for record in sorted(store.records(), key=lambda record: record.started_at):
        if record.state != "published" or record.ended_at is None:
            continue
        found += record.started_at < ended.get(record.name, record.started_at)
        ended[record.name] = max(record.ended_at, ended.get(record.name, record.ended_at))
    return found


def _killed(projects: list[SmallProject], turn: int, seconds: float, chance: random.Random) -> int:
    process = projects[turn % 2].start("run", ONE, "--force")
    time.sleep(chance.uniform(0, seconds))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return sum("latest" not in fault.where for fault in projects[0].store.faults())


def _stopped(project: SmallProject, seconds: float, chance: random.Random) -> float:
    """Seconds until a run has ended that is asked to, wherever it stands."""
    process = project.start("run", ONE, "--force")
    time.sleep(chance.uniform(0.5, seconds))
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate()
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
