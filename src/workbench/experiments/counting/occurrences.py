"""What can happen to a person, and where canonical tables tell of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from workbench.experiments.metrics import Metric

_ANSWER = "answer"


@dataclass(frozen=True)
class Occurrence:
    """Rows of a table that tell of something: `moment` names the column of when, `holds` keeps the rows that do.

    `columns` are those that `holds` reads.
    """

    table: str
    moment: str
    columns: tuple[str, ...] = ()
    holds: Callable[[ir.Table], ir.BooleanValue] | None = None


def _one_of(column: str, *words: str) -> Callable[[ir.Table], ir.BooleanValue]:
    return lambda rows: rows[column].isin(words)


OCCURRENCES: Mapping[str, Occurrence] = {
    "booking": Occurrence("appointments", "booked_at"),
    "attended": Occurrence("appointments", "starts_at", ("status",), _one_of("status", "attended")),
    "started": Occurrence("appointments", "starts_at", ("status",), _one_of("status", "attended", "no_show")),
    "opt_out": Occurrence("consents", "changed_at", ("status",), _one_of("status", "opt_out")),
    "opt_in": Occurrence("consents", "changed_at", ("status",), _one_of("status", "opt_in")),
    "reply": Occurrence("replies", "received_at"),
    "text": Occurrence("messages", "sent_at", ("status",), _one_of("status", "delivered", "sent")),
    "discharge": Occurrence("patients", "ended_at"),
    "death": Occurrence("patients", "deceased_at"),
    _ANSWER: Occurrence("surveys", "responded_at", ("instrument", "score")),
}
_MEASURED: Mapping[str, tuple[str, ...]] = {
    "booking": ("booking",),
    "bookings": ("booking",),
    "days_to_booking": ("booking",),
    "opt_out": ("opt_out",),
    "opt_in": ("opt_in",),
    "reply": ("reply",),
    "replies": ("reply",),
    "attendance": ("attended",),
    "attended": ("attended",),
    "texts": ("text",),
    "discharge": ("discharge",),
    "attended_of_started": ("attended", "started"),
    "replies_per_text": ("reply", "text"),
}


def measured_by(metric: Metric) -> tuple[Occurrence, ...]:
    """What a metric is measured by: one thing; of a ratio two, of which the second is divided by."""
    names = (_ANSWER,) if metric.kind == "score" else _MEASURED[metric.of]
    return tuple(OCCURRENCES[name] for name in names)
