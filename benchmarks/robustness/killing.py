"""Runs killed at random moments: only whole versions may be left."""

import random
import signal
import time
from dataclasses import dataclass

from robustness.small_project import SmallProject

ONE = "params/ab_test/wording.yaml"


@dataclass(frozen=True)
class Killed:
    """What the kills left; `hit` fell into a run, `recovers` says whether the next run published."""

    kills: int
    hit: int
    missed: int
    seconds: float
    versions: int
    broken: int
    faults: int
    recovers: bool


def killed_runs(project: SmallProject, kills: int, chance: random.Random) -> Killed:
    """Kill that many runs, each at a moment drawn evenly from the time that one takes."""
    seconds = _duration(project)
    hit = broken = 0
    for _ in range(kills):
        process = project.start("run", ONE, "--force")
        time.sleep(chance.uniform(0, 1.1 * seconds))
        ended = process.poll() is not None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        hit += not ended
        broken += _broken(project)
    after = project.start("run", ONE, "--force")
    out, _ = after.communicate()
    return Killed(
        kills=kills,
        hit=hit,
        missed=kills - hit,
        seconds=seconds,
        versions=len(project.store.versions("ab_test", "wording")),
        broken=broken,
        faults=len(project.store.faults()),
        recovers=after.returncode == 0 and "published" in out,
    )


def _duration(project: SmallProject) -> float:
    """The seconds of a run, the second of two: the first finds nothing compiled."""
    for _ in range(2):
        begun = time.monotonic()
        process = project.start("run", ONE, "--force")
        process.communicate()
        if process.returncode:
            raise RuntimeError("a run that nobody disturbs does not publish")
    return time.monotonic() - begun


def _broken(project: SmallProject) -> int:
    """Faults in versions; that `latest` lags behind is set right by the next run."""
    return sum("latest" not in fault.where for fault in project.store.faults())
