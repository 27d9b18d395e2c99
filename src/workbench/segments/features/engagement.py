"""The engagement score, defined here and nowhere else.

Of the texts that ask for something and arrived (reminders ask for an answer, re-engagement texts for a booking), the
share that the patient responded to within seven days: by an answer other than STOP, or by booking an appointment
through the text. One number so holds whether somebody answers, how soon, and whether appointments come of it. Texts
whose seven days are not over do not count yet.

Like every share it is drawn toward everybody's by how few texts it rests on: score = (responded + m p) / (asked + m),
p everybody's share and m the weight of shrinkage, both frozen at the refit; see `measuring`.
"""

from datetime import timedelta

import ibis.expr.types as ir

from workbench.segments.features.feature import Feature

ANSWER_ASKED, BOOKING_ASKED = "reminder", "re_engagement"
RESPONSE_DAYS = 7
# To stop texts is no engagement with them.
NO_ANSWER = "stop"

ENGAGEMENT = Feature(
    "engagement",
    "engagement",
    "responded",
    "asked",
    "Engagement score",
    f"share of the reminders and re-engagement texts responded to within {RESPONSE_DAYS} days, by an answer other than "
    "STOP or by booking through the text",
    "share",
    "share",
    "respond to texts",
    "seldom respond to texts",
    core=False,
)


def is_over(texts: ir.Table, moment: ir.TimestampValue) -> ir.BooleanValue:
    """Whether the days within which a response counts had passed by a moment."""
    return moment.epoch_seconds() - texts["sent_at"].epoch_seconds() >= _seconds()


def is_response(texts: ir.Table) -> ir.BooleanValue:
    """Whether a text was responded to in time.

    Args:
        texts: with sent_at, and the moments of the first answer and the first booking, null where there is none.
    """
    return _in_time(texts, "answered_at") | _in_time(texts, "booked_at")


def _in_time(texts: ir.Table, column: str) -> ir.BooleanValue:
    passed = texts[column].epoch_seconds() - texts["sent_at"].epoch_seconds()
    return (passed < _seconds()).fill_null(False)


def _seconds() -> int:
    return int(timedelta(days=RESPONSE_DAYS).total_seconds())
