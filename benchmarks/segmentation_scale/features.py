"""Count the features of everybody in care inside the engine: `python features.py PROJECT FAMILIES`."""

import sys
import time
from pathlib import Path

import asked

from workbench.segments.people import declared_cohort, people_in_care
from workbench.tables.opening import open_tables
from workbench.tables.source import Source


def main(project: Path, families: str) -> None:
    """Open the files, count, answer; and keep the rows for the other steps."""
    settings = asked.settings(families)
    source = Source(title="Simulated provider", location=asked.PROVIDER.as_posix())
    begun = time.perf_counter()
    known = open_tables(source, project).known(settings.as_of, declared_cohort(settings)).for_many_queries()
    people = people_in_care(known, settings)
    seconds = time.perf_counter() - begun
    if families == "core":
        people.rows.to_parquet(project / asked.ROWS)
    asked.answer(seconds, people=len(people.rows), columns=len(people.rows.columns))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
