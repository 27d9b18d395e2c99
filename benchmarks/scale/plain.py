"""The same counts by plain.sql in DuckDB, without anything around it: `python plain.py PROJECT MEMORY`."""

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
    # The SQL has these written in.
    assert [(metric.of, metric.window_days) for metric in settings.metrics] == [
        ("booking", 14),
        ("opt_out", 14),
    ]
    assert (settings.recording_lag_days, settings.consent_purpose) == (1, "care")
    assert (settings.minors, settings.segment_by) == ("exclude", "diagnosis_group")
    given = {
        "experiment": settings.experiment,
        "as_of": asked.midnight(settings.as_of),
        "enrollment_ends": asked.midnight(settings.enrollment_ends),
        "campaign": settings.texted_by,
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
    for file in (project / asked.PROVIDER).glob("*.parquet"):
        engine.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM '{file}'")
    found = []
    for statement in statements:
        named = {name: value for name, value in given.items() if f"${name}" in statement}
        found.append(engine.execute(statement, named).fetchall())
    seconds = time.perf_counter() - begun
    [flow], arms, [disturbed], segments, delays, weeks, [[data_until]] = found[-7:]
    asked.answer(
        seconds,
        flow=flow[:-1],
        in_two_arms=flow[-1],
        arms=[[arm, round(share, 9), *counts] for arm, share, *counts in arms],
        disturbed=disturbed,
        segments=segments,
        delays=delays,
        weeks=[[str(week), *counts] for week, *counts in weeks],
        data_until=data_until,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
