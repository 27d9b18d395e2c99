"""The canonical tables, declared once: columns, types, vocabularies and keys.

Times are UTC with time zone. No names, phone numbers, addresses or free text are stored here. A source need
not have every table, nor every column that may be empty.
"""

from collections.abc import Iterable

import ibis.expr.datatypes as dt
import pandera.ibis as pa

# part2 is a consent basis under 42 CFR Part 2, with the channel "record": it is about records, not about texts.
PURPOSES = ("care", "marketing", "survey", "part2")
CONSENT_SCOPES = ("this_kind", "all")
CONSENT_STATUSES = ("opt_in", "opt_out")
CONSENT_SOURCES = ("intake_prompt", "web", "staff", "keyword", "platform_block", "guardian")
MESSAGE_KINDS = ("reminder", "medication", "re_engagement", "survey", "education", "consent_prompt")
TONES = ("formal", "empathetic", "motivational", "neutral")
PERSONALIZATIONS = ("generic", "personalized")
MESSAGE_STATUSES = ("delivered", "sent", "undelivered", "failed", "canceled", "pending")
REPLY_INTENTS = ("confirm", "reschedule", "cancel", "question", "stop", "distress", "other")
APPOINTMENT_STATUSES = ("scheduled", "attended", "no_show", "late_canceled", "canceled", "rescheduled")

# Lowest and highest score of each symptom scale; other instruments are not judged.
INSTRUMENT_SCORES = {"PHQ-9": (0, 27), "GAD-7": (0, 21)}

TEXT = dt.String()
TIME = dt.Timestamp(timezone="UTC")
WHOLE = dt.Int64()
NUMBER = dt.Float64()
TRUTH = dt.Boolean()


def _needed(kind: dt.DataType, words: Iterable[str] | None = None) -> pa.Column:
    return pa.Column(kind, checks=_vocabulary(words), nullable=False)


def _optional(kind: dt.DataType, words: Iterable[str] | None = None) -> pa.Column:
    return pa.Column(kind, checks=_vocabulary(words), nullable=True, required=False)


def _vocabulary(words: Iterable[str] | None) -> pa.Check | None:
    return pa.Check.isin(list(words), name="vocabulary") if words else None


# `unique` names the columns that together are a table's key; pandera holds it against the tables as a whole. Where
# the rows of a table are versions, it is their key and known_at: versions of one moment would have no order.
TABLES: dict[str, pa.DataFrameSchema] = {
    "patients": pa.DataFrameSchema(
        {
            "patient_id": _needed(TEXT),
            "birth_year": _optional(WHOLE),
            "sex": _optional(TEXT),
            "language": _optional(TEXT),
            # Told apart in a model's evaluation, and learned from by none.
            "ethnicity": _optional(TEXT),
            "disability": _optional(TEXT),
            "payer": _optional(TEXT),
            "time_zone": _optional(TEXT),
            # Who is randomized together with others: a pseudonym of the household.
            "household_id": _optional(TEXT),
            "enrolled_at": _optional(TIME),
            "ended_at": _optional(TIME),
            "deceased_at": _optional(TIME),
            "do_not_text": _optional(TRUTH),
            # From when on a version of a changed row was known; the first may have none.
            "known_at": _optional(TIME),
        },
        unique=["patient_id", "known_at"],
    ),
    "patient_states": pa.DataFrameSchema(
        {
            "patient_id": _needed(TEXT),
            "clinic_id": _optional(TEXT),
            "diagnosis_group": _optional(TEXT),
            "treatment_phase": _optional(TEXT),
            "therapy_type": _optional(TEXT),
            "valid_from": _needed(TIME),
            "known_at": _needed(TIME),
        }
    ),
    "consents": pa.DataFrameSchema(
        {
            "patient_id": _needed(TEXT),
            "channel": _needed(TEXT),
            "purpose": _needed(TEXT, PURPOSES),
            "scope": _needed(TEXT, CONSENT_SCOPES),
            "status": _needed(TEXT, CONSENT_STATUSES),
            "source": _optional(TEXT, CONSENT_SOURCES),
            "wording_version": _optional(TEXT),
            "changed_at": _needed(TIME),
        }
    ),
    "messages": pa.DataFrameSchema(
        {
            "message_id": _needed(TEXT),
            "patient_id": _needed(TEXT),
            "campaign_id": _optional(TEXT),
            "kind": _needed(TEXT, MESSAGE_KINDS),
            "template_id": _optional(TEXT),
            "tone": _optional(TEXT, TONES),
            "personalization": _optional(TEXT, PERSONALIZATIONS),
            "length": _optional(WHOLE),
            "cta": _optional(TEXT),
            "sent_at": _needed(TIME),
            "status": _needed(TEXT, MESSAGE_STATUSES),
            "error_code": _optional(TEXT),
            "known_at": _needed(TIME),
            "parts": _optional(WHOLE),
            "price": _optional(NUMBER),
        },
        unique=["message_id", "known_at"],
    ),
    "replies": pa.DataFrameSchema(
        {
            "reply_id": _needed(TEXT),
            "message_id": _optional(TEXT),
            "patient_id": _needed(TEXT),
            "received_at": _needed(TIME),
            "intent": _needed(TEXT, REPLY_INTENTS),
        },
        unique=["reply_id"],
    ),
    "assignments": pa.DataFrameSchema(
        {
            "experiment_id": _needed(TEXT),
            "patient_id": _needed(TEXT),
            "cluster_id": _optional(TEXT),
            "stratum": _optional(TEXT),
            "arm": _needed(TEXT),
            "probability": pa.Column(NUMBER, checks=pa.Check.in_range(0, 1, name="0 to 1"), nullable=False),
            "epoch": _optional(WHOLE),
            "assigned_at": _optional(TIME),
        }
    ),
    "appointments": pa.DataFrameSchema(
        {
            "appointment_id": _needed(TEXT),
            "patient_id": _needed(TEXT),
            "clinic_id": _optional(TEXT),
            "clinician_id": _optional(TEXT),
            "type": _optional(TEXT),
            "modality": _optional(TEXT),
            "booked_at": _optional(TIME),
            "starts_at": _optional(TIME),
            "duration_minutes": _optional(WHOLE),
            "status": _needed(TEXT, APPOINTMENT_STATUSES),
            "canceled_by": _optional(TEXT),
            "known_at": _optional(TIME),
            "message_id": _optional(TEXT),
            # Whether a reminder was sent; for sources that keep no log of messages.
            "reminded": _optional(TRUTH),
        },
        unique=["appointment_id", "known_at"],
    ),
    "sessions": pa.DataFrameSchema(
        {
            "clinic_id": _needed(TEXT),
            "clinician_id": _needed(TEXT),
            "starts_at": _needed(TIME),
            "ends_at": _needed(TIME),
            "capacity": _needed(WHOLE),
        }
    ),
    "surveys": pa.DataFrameSchema(
        {
            "response_id": _needed(TEXT),
            "patient_id": _needed(TEXT),
            "message_id": _optional(TEXT),
            "instrument": _needed(TEXT),
            "score": _needed(NUMBER),
            "responded_at": _needed(TIME),
        },
        unique=["response_id"],
    ),
    "clinics": pa.DataFrameSchema(
        {"clinic_id": _needed(TEXT), "time_zone": _needed(TEXT)}, unique=["clinic_id"]
    ),
}


def vocabulary_of(table: str, column: str) -> tuple[str, ...]:
    """The words allowed in a canonical column; none where any word is."""
    checks = TABLES[table].columns[column].checks
    return tuple(word for check in checks for word in (check.statistics or {}).get("allowed_values", ()))


def widened(kind: dt.DataType, table: str, column: str) -> dt.DataType:
    """The declared type where a column's own is a narrower form of it, else its own.

    Narrower are 32-bit numbers, whole numbers where any are declared, and times in microseconds.
    """
    declared = TABLES[table].columns[column].dtype.type
    if isinstance(kind, dt.Integer) and declared in (WHOLE, NUMBER):
        return declared
    if isinstance(kind, dt.Floating):
        return NUMBER
    if isinstance(kind, dt.Timestamp) and kind.timezone is not None:
        return TIME
    return kind


def is_of_type(kind: dt.DataType, table: str, column: str) -> bool:
    """Whether a column of this type holds what it is declared to hold."""
    return widened(kind, table, column) == TABLES[table].columns[column].dtype.type
