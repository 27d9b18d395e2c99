"""The same cells by plain.sql in DuckDB, without anything around it: `python plain.py PROJECT MEMORY`."""

import sys
import time
from pathlib import Path

import asked
import duckdb
import pandas as pd

SQL = Path(__file__).with_suffix(".sql")


def main(project: Path, memory: str) -> None:
    """Open the files, count, and answer."""
    settings = asked.settings()
    given = {
        "as_of": asked.midnight(settings.as_of),
        "enrollment_ends": asked.midnight(settings.enrollment_ends),
    }
    lines = SQL.read_text(encoding="utf-8").splitlines()
    statements = "\n".join(line for line in lines if not line.startswith("--")).split(";")[:-1]
    # DuckDB imports pandas when it is first given a parameter, which shall not count.
    assert pd.__version__
    begun = time.perf_counter()
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    engine.execute(f"SET memory_limit = '{memory}'")
    engine.execute(f"SET temp_directory = '{project / 'data' / 'plain'}'")
    for file in (project / asked.FILES).glob("*.parquet"):
        engine.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM '{file}'")
    found = []
    for statement in statements:
        named = {name: value for name, value in given.items() if f"${name}" in statement}
        found.append(engine.execute(statement, named).fetchall())
    seconds = time.perf_counter() - begun
    [[assigned, in_two_arms, *_]], cells, weeks = found[-3:]
    asked.answer(
        {"counted": seconds},
        {
            "assigned": assigned,
            "in_two_arms": in_two_arms,
            "cells": [
                [metric, arm, 0, followed, value if value is None else float(value), people]
                for metric, arm, followed, value, people in cells
            ],
            "weeks": [[str(week), *numbers] for week, *numbers in weeks],
        },
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
