"""Texts of each person within the lookback, and what came of them: confirmations, answers, bookings."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from workbench.segments.counting.lookback import HOUR, count_of, elapsed, is_recent, log_sums, with_counts
from workbench.segments.features.engagement import (
    ANSWER_ASKED,
    BOOKING_ASKED,
    NO_ANSWER,
    is_over,
    is_response,
)
from workbench.segments.parameters import Segmentation
from workbench.tables.known import KnownTables

ARRIVED = ("delivered", "sent")
LATELY = timedelta(days=28)


def with_texts(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds texts, reminders and recent_texts (28 days): how many arrived, or were sent and not known lost."""
    rows = _arrived(known, settings)
    counts = rows.group_by("patient_id").agg(
        texts=rows.count(),
        reminders=count_of(rows["kind"] == ANSWER_ASKED),
        recent_texts=count_of(rows["sent_at"] >= ibis.literal(known.moment - LATELY)),
    )
    return with_counts(people, counts)


def with_confirmations(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds confirmed: reminders answered by a confirmation, at most as many as there were."""
    rows = known.table("replies")
    rows = rows.filter(is_recent(rows["received_at"], known, settings), rows["intent"] == "confirm")
    joined = with_counts(people, rows.group_by("patient_id").agg(confirmed=rows.count()))
    return joined.mutate(confirmed=ibis.least(joined["confirmed"], joined["reminders"]))


def with_responses(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds counts of the texts that were answered or booked through, and of those that asked for it.

    answered, with the sums log_reply_hours and log_reply_hours_squares over the first answers; booking_texts and
    booked; asked and responded, of which the engagement score is made. An answer counts that names its text, and was
    sent by the person who got it.
    """
    rows = _arrived(known, settings).select("message_id", "patient_id", "kind", "sent_at")
    rows = _with_first(rows, _answers(known), "answered_at")
    rows = _with_first(rows, _bookings(known), "booked_at")
    hours = rows["answered_at"].notnull().ifelse(elapsed(rows["sent_at"], rows["answered_at"], HOUR), None)
    asks_to_book = rows["kind"] == BOOKING_ASKED
    asked = rows["kind"].isin([ANSWER_ASKED, BOOKING_ASKED]) & is_over(rows, ibis.literal(known.moment))
    counts = rows.group_by("patient_id").agg(
        answered=count_of(rows["answered_at"].notnull()),
        **log_sums(hours, "log_reply_hours"),
        booking_texts=count_of(asks_to_book),
        booked=count_of(asks_to_book & rows["booked_at"].notnull()),
        asked=count_of(asked),
        responded=count_of(asked & is_response(rows)),
    )
    return with_counts(people, counts)


def _arrived(known: KnownTables, settings: Segmentation) -> ir.Table:
    rows = known.table("messages")
    return rows.filter(is_recent(rows["sent_at"], known, settings), rows["status"].isin(ARRIVED))


def _answers(known: KnownTables) -> ir.Table:
    rows = known.table("replies")
    rows = rows.filter(rows["message_id"].notnull(), rows["intent"] != NO_ANSWER)
    return rows.group_by("message_id", "patient_id").agg(first=rows["received_at"].min())


def _bookings(known: KnownTables) -> ir.Table:
    rows = known.table("appointments")
    rows = rows.filter(rows["message_id"].notnull())
    return rows.group_by("message_id", "patient_id").agg(first=rows["booked_at"].min())


def _with_first(texts: ir.Table, firsts: ir.Table, name: str) -> ir.Table:
    joined = texts.left_join(firsts, ["message_id", "patient_id"])
    return joined.select(*texts.columns, **{name: joined["first"]})
