"""The same five metrics by tea-tasting over the same files, by its own Python: `python tea.py PROJECT MEMORY RULES`.

tea-tasting reads one row per person, and asks its users to write in Ibis what leads there. RULES is "all", for those of
the study, by which it compares the very numbers that the workbench compares; or "few", which leaves out who is in the
experiment twice, whose window is open, and which version of an appointment counts.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import ibis
import tea_tasting as tt

DAYS = 14
DAY = 86_400
AS_OF = datetime(2026, 5, 4, tzinfo=UTC)
ENROLLMENT_ENDS = datetime(2026, 3, 30, tzinfo=UTC)
NAMES = ("booking", "opt_out", "bookings", "attended", "replies")


def inside(rows: ibis.Table, moment: str) -> ibis.expr.types.BooleanValue:
    """Whether a moment lies in the window of the person's assignment."""
    end = rows["assigned_at"] + ibis.interval(hours=24 * DAYS)
    return (rows[moment] > rows["assigned_at"]) & (rows[moment] <= end)


def by_few_rules(engine: ibis.BaseBackend) -> ibis.Table:
    """One row per person assigned, with the five metrics."""
    assigned = engine.table("assignments").select("patient_id", "arm", "assigned_at")
    made = assigned.join(engine.table("appointments"), "patient_id")
    booked = inside(made, "booked_at") & (made["status"] == "scheduled")
    started = inside(made, "starts_at") & (made["status"] == "attended")
    out = assigned.join(engine.table("consents"), "patient_id")
    back = assigned.join(engine.table("replies"), "patient_id")
    return with_metrics(
        assigned,
        visits(made, booked, started),
        out.filter(inside(out, "changed_at")),
        back.filter(inside(back, "received_at")),
    )


def by_all_rules(engine: ibis.BaseBackend) -> ibis.Table:
    """One row per person whose window has closed, in her first arm, with the five metrics as known by the day."""
    known = {
        name: engine.table(name).filter(ibis._[moment] < AS_OF)
        for name, moment in {
            "assignments": "assigned_at",
            "appointments": "known_at",
            "consents": "changed_at",
            "replies": "received_at",
        }.items()
    }
    rows = known["assignments"].filter(ibis._["experiment_id"] == "wording")
    first = ibis.row_number().over(ibis.window(group_by="patient_id", order_by=["assigned_at", "arm"])) == 0
    midnight = rows["assigned_at"].truncate("D")
    # A day of delay in recording, and the first day is whole only if it began with the assignment.
    days = (ibis.literal(AS_OF).epoch_seconds() - midnight.epoch_seconds()) // DAY - 1
    followed = days - (rows["assigned_at"] > midnight).cast("int64")
    assigned = rows.mutate(first=first, followed=followed).filter(
        ibis._["first"] & (ibis._["followed"] >= DAYS) & (ibis._["assigned_at"] < ENROLLMENT_ENDS)
    )
    assigned = assigned.select("patient_id", "arm", "assigned_at")
    made = assigned.join(known["appointments"], "patient_id")
    made = made.filter(inside(made, "booked_at") | inside(made, "starts_at"))
    versions = known["appointments"].group_by("appointment_id").agg(known_at=ibis._["known_at"].max())
    made = made.semi_join(versions, ["appointment_id", "known_at"])
    started = inside(made, "starts_at") & (made["status"] == "attended")
    out = assigned.join(known["consents"], "patient_id").filter(
        (ibis._["channel"] == "sms")
        & ((ibis._["purpose"] == "care") | (ibis._["scope"] == "all"))
        & (ibis._["status"] == "opt_out")
    )
    back = assigned.join(known["replies"], "patient_id")
    return with_metrics(
        assigned,
        visits(made, inside(made, "booked_at"), started),
        out.filter(inside(out, "changed_at")),
        back.filter(inside(back, "received_at")),
    )


def visits(
    made: ibis.Table, booked: ibis.expr.types.BooleanValue, started: ibis.expr.types.BooleanValue
) -> ibis.Table:
    """Bookings made and appointments attended, one row per person."""
    told = made.select("patient_id", booked=booked.cast("int64"), started=started.cast("int64"))
    return told.group_by("patient_id").agg(bookings=ibis._["booked"].sum(), attended=ibis._["started"].sum())


def with_metrics(assigned: ibis.Table, visited: ibis.Table, out: ibis.Table, back: ibis.Table) -> ibis.Table:
    """The five metrics of everybody assigned."""
    withdrawn = out.select("patient_id").distinct().mutate(opt_out=1)
    replied = back.group_by("patient_id").agg(replies=ibis._.count())
    joined = (
        assigned.left_join(visited, "patient_id")
        .left_join(withdrawn, "patient_id")
        .left_join(replied, "patient_id")
    )
    return joined.select(
        "arm",
        booking=(joined["bookings"] > 0).fill_null(False).cast("int64"),
        opt_out=joined["opt_out"].fill_null(0),
        bookings=joined["bookings"].fill_null(0),
        attended=joined["attended"].fill_null(0),
        replies=joined["replies"].fill_null(0),
    )


def main(project: Path, memory: str, rules: str) -> None:
    """Open the files, analyze, and answer."""
    begun = time.perf_counter()
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    engine.raw_sql(f"SET memory_limit = '{memory}'")
    engine.raw_sql(f"SET temp_directory = '{project / 'data' / 'tea'}'")
    for file in (project / "data" / "clinic").glob("*.parquet"):
        engine.read_parquet(str(file), table_name=file.stem)
    experiment = tt.Experiment({name: tt.Mean(name) for name in NAMES}, variant="arm")
    people = {"all": by_all_rules, "few": by_few_rules}[rules](engine)
    found = experiment.analyze(people, control="plain", all_variants=True)
    seconds = time.perf_counter() - begun
    means = {
        arm: {name: (result[name].control if arm == "plain" else result[name].treatment) for name in NAMES}
        for (control, treatment), result in found.items()
        if control == "plain"
        for arm in (control, treatment)
    }
    print(json.dumps([{"decided": seconds}, means]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
