"""How many processes the system killed because memory ran out, as far as it tells."""

from pathlib import Path

_SYSTEM = Path("/")


def memory_kills(system: Path = _SYSTEM) -> int | None:
    """Processes of this process's control group killed for want of memory so far; None where nobody counts them.

    The second version of control groups counts in `memory.events`, the first in `memory.oom_control`. Outside any
    group it is the whole machine's count.
    """
    for counter in _counters(system):
        try:
            lines = counter.read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        for name, _, count in (line.partition(" ") for line in lines):
            if name == "oom_kill":
                return int(count)
    return None


def _counters(system: Path) -> list[Path]:
    try:
        lines = (system / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    groups = system / "sys/fs/cgroup"
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        inside = path.lstrip("/")
        if "memory" in controllers.split(","):
            # A container may see its own group as the root of all.
            found += [groups / "memory" / inside / "memory.oom_control", groups / "memory/memory.oom_control"]
        elif not controllers:
            found += [groups / inside / "memory.events", groups / "memory.events"]
    return [*found, system / "proc/vmstat"]
