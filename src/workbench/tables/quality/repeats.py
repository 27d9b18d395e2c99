"""Rows that stand in a table more than once: texts, appointments, assignments, and whole rows."""

from collections.abc import Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir

from workbench.tables.known import KnownTables
from workbench.tables.quality.rule import RowCheck
from workbench.tables.quality.texting import sent_texts
from workbench.tables.schema import TABLES

_STANDING = ("scheduled", "attended", "no_show")


def repeated(rows: ir.Table, keys: Sequence[str]) -> ir.Table:
    """The rows, concerned where an earlier one has the same keys: of n alike, n − 1 are."""
    window = ibis.window(group_by=list(keys), order_by=list(keys)[:1])
    marked = rows.mutate(concerned=ibis.row_number().over(window) > 0)
    person = {"person": "patient_id"} if "patient_id" in rows.columns else {}
    return marked.select("concerned", **person)


def _texts(known: KnownTables, taken_at: datetime) -> ir.Table:
    texts = sent_texts(known)
    minute = (texts["sent_at"].epoch_seconds() / 60).floor()
    return repeated(texts.mutate(minute=minute), ["patient_id", "template_id", "minute"])


def _appointments(known: KnownTables, taken_at: datetime) -> ir.Table:
    rows = known.table("appointments")
    return repeated(rows.filter(rows["status"].isin(_STANDING)), ["patient_id", "starts_at"])


def _assignments(known: KnownTables, taken_at: datetime) -> ir.Table:
    rows = known.table("assignments")
    epoch = ["epoch"] if "epoch" in rows.columns else []
    return repeated(rows, ["experiment_id", "patient_id", *epoch])


def _whole_rows(table: str) -> RowCheck:
    def rows(known: KnownTables, taken_at: datetime) -> ir.Table:
        read = known.table(table)
        return repeated(read, [column for column in TABLES[table].columns if column in read.columns])

    always = tuple(name for name, column in TABLES[table].columns.items() if column.required)
    return RowCheck(
        f"{table}_repeated",
        "repeats",
        "finding",
        table,
        "that repeat another row in every column",
        "Look for an export that was loaded twice.",
        "data_team",
        needs={table: always},
        rows=rows,
    )


REPEATS = (
    RowCheck(
        "messages_repeated",
        "repeats",
        "finding",
        "messages",
        "that repeat another to the same person, of the same template, in the same minute",
        "Have the platform send one text for what falls together.",
        "outreach",
        needs={"messages": ("patient_id", "template_id", "sent_at", "status")},
        rows=_texts,
    ),
    RowCheck(
        "appointments_at_the_same_start",
        "repeats",
        "finding",
        "appointments",
        "of a person who has another one at the same start",
        "Cancel one of the two, or correct their times.",
        "clinics",
        needs={"appointments": ("patient_id", "starts_at", "status")},
        rows=_appointments,
        recorded=("time", "hour"),
    ),
    RowCheck(
        "assignments_repeated",
        "repeats",
        "finding",
        "assignments",
        "of a person who is in the same experiment already",
        "Ask who drew the lists: nobody can be analyzed in two arms.",
        "outreach",
        needs={"assignments": ("experiment_id", "patient_id")},
        rows=_assignments,
    ),
    *(_whole_rows(table) for table in ("consents", "patient_states", "sessions")),
)
