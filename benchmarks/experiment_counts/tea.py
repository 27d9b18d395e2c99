"""The same five metrics by tea-tasting over the same files, by its own Python: `python tea.py PROJECT MEMORY`.

tea-tasting reads one row per person. The rules of the study that lead there are written in Ibis, as it asks of its
users; who is in the experiment twice, whose window is open, and which version of an appointment counts are left out, to
its favor.
"""

import json
import sys
import time
from pathlib import Path

import ibis
import tea_tasting as tt

DAYS = 14


def people(engine: ibis.BaseBackend) -> ibis.Table:
    """One row per person, with the five metrics."""
    assigned = engine.table("assignments").select("patient_id", "arm", "assigned_at")

    def inside(rows: ibis.Table, moment: str) -> ibis.expr.types.BooleanValue:
        end = rows["assigned_at"] + ibis.interval(days=DAYS)
        return (rows[moment] > rows["assigned_at"]) & (rows[moment] <= end)

    made = assigned.join(engine.table("appointments"), "patient_id")
    first = made["status"] == "scheduled"
    booked, started = (
        inside(made, "booked_at") & first,
        inside(made, "starts_at") & (made["status"] == "attended"),
    )
    visits = (
        made.filter(booked | started)
        .group_by("patient_id")
        .agg(bookings=booked.cast("int64").sum(), attended=started.cast("int64").sum())
    )
    out = assigned.join(engine.table("consents"), "patient_id")
    out = out.filter(inside(out, "changed_at")).select("patient_id").distinct().mutate(opt_out=1)
    back = assigned.join(engine.table("replies"), "patient_id")
    replied = back.filter(inside(back, "received_at")).group_by("patient_id").agg(replies=ibis._.count())
    joined = (
        assigned.left_join(visits, "patient_id").left_join(out, "patient_id").left_join(replied, "patient_id")
    )
    return joined.select(
        "arm",
        booking=(joined["bookings"] > 0).fill_null(False).cast("int64"),
        opt_out=joined["opt_out"].fill_null(0),
        bookings=joined["bookings"].fill_null(0),
        attended=joined["attended"].fill_null(0),
        replies=joined["replies"].fill_null(0),
    )


def main(project: Path, memory: str) -> None:
    """Open the files, analyze, and answer."""
    begun = time.perf_counter()
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    engine.raw_sql(f"SET memory_limit = '{memory}'")
    engine.raw_sql(f"SET temp_directory = '{project / 'data' / 'tea'}'")
    for file in (project / "data" / "clinic").glob("*.parquet"):
        engine.read_parquet(str(file), table_name=file.stem)
    names = ("booking", "opt_out", "bookings", "attended", "replies")
    experiment = tt.Experiment({name: tt.Mean(name) for name in names}, variant="arm")
    found = experiment.analyze(people(engine), control="plain", all_variants=True)
    seconds = time.perf_counter() - begun
    told = {str(pair): {name: result[name].rel_effect_size for name in names} for pair, result in found.items()}
    print(json.dumps([{"decided": seconds}, told]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
