"""Cells and exact verdict as the workbench makes them: `python count.py PROJECT`."""

import sys
import time
from pathlib import Path

import asked

from workbench.experiments.analysis import analyze
from workbench.experiments.counting.counts import count_experiment
from workbench.experiments.counting.people import declared_cohort
from workbench.experiments.verdict import decide
from workbench.tables.opening import open_tables
from workbench.tables.source import NotRecorded, Source


def main(project: Path) -> None:
    """Open the files, count, decide, and answer."""
    settings = asked.settings()
    missing = NotRecorded(consent="It records none.", age="It records none.")
    source = Source(title="Clinic", location=asked.FILES.as_posix(), not_recorded=missing)
    begun = time.perf_counter()
    known = open_tables(source, project).known(settings.as_of, declared_cohort(settings))
    counts = count_experiment(known, settings)
    counted = time.perf_counter() - begun
    verdict = decide(analyze(counts, settings))
    seconds = {"counted": counted, "decided": time.perf_counter() - begun}
    cells = counts.cells.drop(columns=["segment", "of"])
    asked.answer(
        seconds,
        {
            "assigned": counts.flow[0].left,
            "in_two_arms": counts.in_two_arms,
            "cells": cells.astype(object).where(cells.notna(), None).to_numpy().tolist(),
            "weeks": [[str(row[0]), *row[1:]] for row in counts.weekly.to_numpy().tolist()],
            "decision": verdict.decision,
            "metrics": [metric.name for metric in settings.metrics],
            "events": [metric.name for metric in settings.metrics if metric.kind == "event"],
            "window": settings.primary.window_days,
        },
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
