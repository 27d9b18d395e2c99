"""Times in order: nothing ends before it begins, is recorded before it happens, or lies in the future."""

from collections.abc import Callable, Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

from workbench.tables.known import KnownTables
from workbench.tables.quality.reading import typed_columns
from workbench.tables.quality.rule import Actor, RowCheck

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

Concerned = Callable[[ir.Table, KnownTables], ir.BooleanValue]


def _order(
    name: str,
    table: str,
    columns: tuple[str, ...],
    breach: str,
    mend: str,
    concerned: Concerned,
    actor: Actor = "data_team",
) -> RowCheck:
    def rows(known: KnownTables, taken_at: datetime) -> ir.Table:
        read = known.table(table)
        person = {"person": "patient_id"} if "patient_id" in read.columns else {}
        return read.select(concerned=concerned(read, known), **person)

    return RowCheck(
        name, "time_order", "finding", table, breach, mend, actor, needs={table: columns}, rows=rows
    )


def _booked_after_start(rows: ir.Table, known: KnownTables) -> ir.BooleanValue:
    start = rows["starts_at"]
    if known.source.not_recorded.hour is not None:
        # An appointment without an hour begins with its day, and may be booked until that is over.
        start = start + ibis.interval(days=1)
    return rows["booked_at"] > start


def _before_its_text(table: str, at: str, breach: str) -> RowCheck:
    def rows(known: KnownTables, taken_at: datetime) -> ir.Table:
        texts = known.table("messages").select(text="message_id", sent_at="sent_at")
        named = known.table(table).select("message_id", person="patient_id", at=at)
        joined = named.left_join(texts, named["message_id"] == texts["text"])
        return joined.select("person", concerned=joined["at"] < joined["sent_at"])

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
        rows=rows,
    )


def _in_the_future(table: str) -> RowCheck:
    def rows(known: KnownTables, taken_at: datetime) -> ir.Table:
        read = known.table(table)
        late = ibis.literal(taken_at)
        past = typed_columns(known, table, _PAST[table])
        concerned = ibis.or_(*((read[column] > late).fill_null(False) for column in past))
        return read.select(concerned=concerned, person="patient_id")

    return RowCheck(
        f"{table}_in_the_future",
        "time_order",
        "finding",
        table,
        "dated later than the tables were looked at",
        "Look at the clock and the time zone of the export.",
        "data_team",
        needs={table: ("patient_id",)},
        rows=rows,
    )


TIME_ORDER = (
    _order(
        "patients_left_before_enrolled",
        "patients",
        ("enrolled_at", "ended_at"),
        "recorded as discharged before they enrolled",
        "Correct the dates in the records.",
        lambda rows, known: rows["ended_at"] < rows["enrolled_at"],
        "clinics",
    ),
    _order(
        "patients_died_before_enrolled",
        "patients",
        ("enrolled_at", "deceased_at"),
        "recorded as deceased before they enrolled",
        "Correct the dates in the records.",
        lambda rows, known: rows["deceased_at"] < rows["enrolled_at"],
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
        lambda rows, known: rows["known_at"] < rows["booked_at"],
    ),
    _order(
        "outcomes_before_start",
        "appointments",
        ("starts_at", "status", "known_at"),
        "with an outcome that was recorded before they began",
        "Find out who enters outcomes ahead, since a model would learn from them what it cannot know.",
        lambda rows, known: (
            rows["status"].isin(["attended", "no_show"]) & (rows["known_at"] < rows["starts_at"])
        ),
        "clinics",
    ),
    _order(
        "messages_known_before_sent",
        "messages",
        ("sent_at", "known_at"),
        "whose receipt was recorded before they were sent",
        "Look at the clock and the time zone of the export.",
        lambda rows, known: rows["known_at"] < rows["sent_at"],
    ),
    _before_its_text("replies", "received_at", "received before the text they answer was sent"),
    _before_its_text("surveys", "responded_at", "given before the text that asked for them was sent"),
    _order(
        "states_known_before_valid",
        "patient_states",
        ("valid_from", "known_at"),
        "entered before they became valid",
        "Nothing where they were planned; else look at which of the two dates is exported as which.",
        lambda rows, known: rows["known_at"] < rows["valid_from"],
    ),
    _order(
        "sessions_end_before_start",
        "sessions",
        ("starts_at", "ends_at"),
        "that end when they begin, or before",
        "Correct the schedule.",
        lambda rows, known: rows["ends_at"] <= rows["starts_at"],
        "clinics",
    ),
    *(_in_the_future(table) for table in _PAST),
)
