"""Times in order: nothing ends before it begins, is recorded before it happens, or lies in the future."""

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

from workbench.tables.known import KnownTables
from workbench.tables.quality.reading import each_row, typed_columns
from workbench.tables.quality.references import with_texts
from workbench.tables.quality.rule import Actor, RowCheck, Told

# What has happened once it stands in a table; appointments may start, and sessions lie, in the future.
_PAST = {
    "patients": ("enrolled_at", "ended_at", "deceased_at"),
    "patient_states": ("valid_from", "known_at"),
    "consents": ("changed_at",),
    "messages": ("sent_at", "known_at"),
    "replies": ("received_at",),
    "assignments": ("assigned_at",),
    "appointments": ("booked_at", "known_at"),
    "surveys": ("responded_at",),
}


def _order(
    name: str,
    table: str,
    columns: tuple[str, ...],
    breach: str,
    mend: str,
    concerned: Told,
    actor: Actor = "data_team",
) -> RowCheck:
    return RowCheck(
        name,
        "time_order",
        "finding",
        table,
        breach,
        mend,
        actor,
        needs={table: columns},
        rows=each_row(table),
        concerned=concerned,
    )


def _booked_after_start(rows: ir.Table, known: KnownTables, taken_at: datetime) -> ir.Value:
    start = rows["starts_at"]
    if known.source.not_recorded.hour is not None:
        # An appointment without an hour begins with its day, and may be booked until that is over.
        start = start + ibis.interval(days=1)
    return rows["booked_at"] > start


def _before_its_text(table: str, at: str, breach: str) -> RowCheck:
    needs: Mapping[str, tuple[str, ...]] = {
        table: ("patient_id", "message_id", at),
        "messages": ("message_id", "sent_at"),
    }
    mend = "Look at the clocks and time zones of the two exports."
    return RowCheck(
        f"{table}_before_their_texts",
        "time_order",
        "finding",
        table,
        breach,
        mend,
        "data_team",
        needs=needs,
        rows=with_texts(table),
        concerned=lambda rows, *_: rows[at] < rows["text_sent_at"],
    )


def _in_the_future(table: str) -> RowCheck:
    def concerned(rows: ir.Table, known: KnownTables, taken_at: datetime) -> ir.Value:
        late = ibis.literal(taken_at)
        past = typed_columns(known, table, _PAST[table])
        return ibis.or_(*((rows[column] > late).fill_null(False) for column in past))

    return RowCheck(
        f"{table}_in_the_future",
        "time_order",
        "finding",
        table,
        "dated later than the tables were looked at",
        "Look at the clock and the time zone of the export.",
        "data_team",
        needs={table: ("patient_id",)},
        rows=each_row(table),
        concerned=concerned,
    )


TIME_ORDER = (
    _order(
        "patients_left_before_enrolled",
        "patients",
        ("enrolled_at", "ended_at"),
        "recorded as discharged before they enrolled",
        "Correct the dates in the records.",
        lambda rows, *_: rows["ended_at"] < rows["enrolled_at"],
        "clinics",
    ),
    _order(
        "patients_died_before_enrolled",
        "patients",
        ("enrolled_at", "deceased_at"),
        "recorded as deceased before they enrolled",
        "Correct the dates in the records.",
        lambda rows, *_: rows["deceased_at"] < rows["enrolled_at"],
        "clinics",
    ),
    _order(
        "appointments_booked_after_start",
        "appointments",
        ("booked_at", "starts_at"),
        "booked after they began",
        "Look at how walk-ins and corrections are entered; leads of these appointments are negative.",
        _booked_after_start,
    ),
    _order(
        "appointments_known_before_booked",
        "appointments",
        ("booked_at", "known_at"),
        "recorded before they were booked",
        "Look at the clock and the time zone of the export.",
        lambda rows, *_: rows["known_at"] < rows["booked_at"],
    ),
    _order(
        "outcomes_before_start",
        "appointments",
        ("starts_at", "status", "known_at"),
        "with an outcome that was recorded before they began",
        "Find out who enters outcomes ahead, since a model would learn from them what it cannot know.",
        lambda rows, *_: rows["status"].isin(["attended", "no_show"]) & (rows["known_at"] < rows["starts_at"]),
        "clinics",
    ),
    _order(
        "messages_known_before_sent",
        "messages",
        ("sent_at", "known_at"),
        "whose receipt was recorded before they were sent",
        "Look at the clock and the time zone of the export.",
        lambda rows, *_: rows["known_at"] < rows["sent_at"],
    ),
    _before_its_text("replies", "received_at", "received before the text they answer was sent"),
    _before_its_text("surveys", "responded_at", "given before the text that asked for them was sent"),
    _order(
        "states_known_before_valid",
        "patient_states",
        ("valid_from", "known_at"),
        "entered before they became valid",
        "Nothing where they were planned; else look at which of the two dates is exported as which.",
        lambda rows, *_: rows["known_at"] < rows["valid_from"],
    ),
    _order(
        "sessions_end_before_start",
        "sessions",
        ("starts_at", "ends_at"),
        "that end when they begin, or before",
        "Correct the schedule.",
        lambda rows, *_: rows["ends_at"] <= rows["starts_at"],
        "clinics",
    ),
    *(_in_the_future(table) for table in _PAST),
)
