"""Rows that stand in a table more than once: texts, appointments, assignments, and whole rows."""

from collections.abc import Sequence

import ibis.expr.types as ir

from workbench.tables.known import KnownTables
from workbench.tables.quality.reading import of_people
from workbench.tables.quality.rule import RowCheck
from workbench.tables.quality.texting import sent_texts
from workbench.tables.schema import TABLES

_STANDING = ("scheduled", "attended", "no_show")


def repeated(rows: ir.Table, keys: Sequence[str]) -> ir.Table:
    """The rows by their keys, and how many are `alike`; patient_id is one of the keys where rows are of people."""
    return of_people(rows.group_by(list(keys)).agg(alike=rows.count()))


def _texts(known: KnownTables) -> ir.Table:
    texts = sent_texts(known)
    minute = (texts["sent_at"].epoch_seconds() / 60).floor()
    return repeated(texts.mutate(minute=minute), ["patient_id", "template_id", "minute"])


def _appointments(known: KnownTables) -> ir.Table:
    rows = known.table("appointments")
    return repeated(rows.filter(rows["status"].isin(_STANDING)), ["patient_id", "starts_at"])


def _assignments(known: KnownTables) -> ir.Table:
    rows = known.table("assignments")
    epoch = ["epoch"] if "epoch" in rows.columns else []
    return repeated(rows, ["experiment_id", "patient_id", *epoch])


def _alike(rows: ir.Table, *_: object) -> ir.Value:
    return rows["alike"]


def _again(rows: ir.Table, *_: object) -> ir.Value:
    """Of n alike, n − 1 repeat another."""
    return rows["alike"] - 1


def _whole_rows(table: str) -> RowCheck:
    def rows(known: KnownTables) -> ir.Table:
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
        looked_at=_alike,
        concerned=_again,
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
        looked_at=_alike,
        concerned=_again,
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
        looked_at=_alike,
        concerned=_again,
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
        looked_at=_alike,
        concerned=_again,
    ),
    *(_whole_rows(table) for table in ("consents", "patient_states", "sessions")),
)
