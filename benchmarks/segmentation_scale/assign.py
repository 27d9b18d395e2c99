"""Score so many people by groups that were found before: `python assign.py PROJECT PEOPLE`."""

import json
import sys
import time
from pathlib import Path

import asked
import numpy as np

from workbench.segments.features import Yardstick
from workbench.segments.methods.fitting import model_from_json


def main(project: Path, size: int) -> None:
    """Read the definition, lay people against its yardstick, score them, and answer."""
    people = asked.people(project, size)
    begun = time.perf_counter()
    kept = json.loads((project / asked.DEFINITION).read_text(encoding="utf-8"))
    frame = Yardstick.from_json(kept["yardstick"]).frame(people.rows)
    labels = model_from_json(kept["model"]).labels(frame)
    seconds = time.perf_counter() - begun
    asked.answer(seconds, people=len(labels), sizes=np.bincount(labels).tolist())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
