"""The whole analysis of so many people, from counts to profiles: `python fit.py PROJECT PEOPLE`."""

import json
import sys
import time
from pathlib import Path

import asked

from workbench.segments.analysis import analyze


def main(project: Path, size: int) -> None:
    """Analyze, answer, and keep a definition of groups for the step that scores people by it."""
    settings, people = asked.settings("core"), asked.people(project, size)
    begun = time.perf_counter()
    analysis = analyze(people, settings)
    seconds = time.perf_counter() - begun
    assert analysis.grouping is not None
    tried = analysis.grouping.taken or analysis.grouping.tried[-1]
    kept = {"yardstick": analysis.yardstick.to_json(), "model": tried.model.to_json()}
    (project / asked.DEFINITION).write_text(json.dumps(kept), encoding="utf-8")
    asked.answer(seconds, people=len(people.rows), groups=tried.model.groups)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
