"""Make a yardstick of so many people and lay them against it: `python yardstick.py PROJECT PEOPLE`."""

import sys
import time
from pathlib import Path

import asked

from workbench.segments.features import Yardstick


def main(project: Path, size: int) -> None:
    """Measure both, and answer."""
    settings, people = asked.settings("core"), asked.people(project, size)
    begun = time.perf_counter()
    frame = Yardstick.of(people.rows, settings).frame(people.rows)
    asked.answer(time.perf_counter() - begun, people=frame.people, features=len(frame.features))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
