"""Features of an appointment as they stood at its moment of prediction, made inside the engine.

Nothing enters that became known later: not the outcome, not a later state, not the outcome of an earlier visit
that was recorded late. A reminder is no feature: it is sent because of the lead, and after the moment.
"""

import ibis
import ibis.expr.types as ir

from workbench.no_show.at_risk.risk_set import CALLED_OFF, OUTCOMES
from workbench.no_show.decisions.sessions import OF_SESSIONS, with_session
from workbench.no_show.parameters import OF_PATIENTS, NoShow
from workbench.tables.exact_sum import exact_sum
from workbench.tables.known import KnownTables
from workbench.tables.seconds import seconds_of

NUMBERS = (
    "lead_days",
    "hour",
    "weekday",
    "booked_hour",
    "age",
    "past",
    "past_missed",
    "recent_missed",
    "last_missed",
    "days_since_last",
    "same_day_visits",
    "texts_allowed",
)
WORDS = ("type", "modality", "diagnosis_group", "treatment_phase")
STATES = ("diagnosis_group", "treatment_phase")
# Of two visits in a row the earlier counts this much of the later: habits change.
FADING = 0.7
# Told apart in the report, and learned from by no model.
ONLY_TOLD = ("sex", "language", "ethnicity", "disability", "payer", "clinic_id", "reminded")


def with_features(known: KnownTables, appointments: ir.Table, rows: ir.Table, settings: NoShow) -> ir.Table:
    """Features of each row, with patient (a number without meaning), day, no_show, outcome and what is told apart.

    Args:
        known: the tables as of the study's day.
        appointments: all appointments of those studied, from `studied_appointments`: the past of the rows.
        rows: the appointments to describe, from `described`.
        settings: the parameters.
    """
    rows = rows.mutate(
        patient=ibis.dense_rank().over(ibis.window(order_by="patient_id")),
        weekday=rows["wall"].day_of_week.index().cast("int64"),
        hour=_hour(known, rows["wall"]),
        booked_hour=rows["booked_wall"].hour().cast("float64"),
        **{name: ibis.null("string") for name in ("type", "modality") if name not in rows.columns},
    )
    rows = with_session(known, _with_person(known, rows, settings))
    for name in STATES:
        rows = _with_state(known, rows, name)
    rows = _with_consent(known, rows)
    rows = _with_history(appointments, rows, settings)
    rows = _with_same_day_visits(appointments, rows)
    rows = _with_reminder(known, rows)
    told = (*NUMBERS, *WORDS, *ONLY_TOLD, *OF_SESSIONS)
    return rows.select("patient", "day", "no_show", "outcome", *told, "appointment_id")


def _hour(known: KnownTables, wall: ir.TimestampValue) -> ir.FloatingValue:
    """The hour on the clinic's clock; nothing where the source records days alone."""
    if known.source.not_recorded.hour is not None:
        return ibis.null("float64")
    return wall.hour().cast("float64") + wall.minute() / 60


def _with_person(known: KnownTables, rows: ir.Table, settings: NoShow) -> ir.Table:
    """Adds age in the year of the appointment, and what groups of persons are told by; empty where not recorded."""
    told = [name for name in OF_PATIENTS if name in ("sex", "language") or name in settings.subgroups]
    columns = [name for name in ("birth_year", *told) if known.has("patients", name)]
    if columns:
        people = known.table("patients").select("patient_id", *columns)
        rows = rows.left_join(people, "patient_id").drop("patient_id_right")
    missing = {name: ibis.null("string") for name in OF_PATIENTS if name not in columns}
    age = (
        (rows["day"].year() - rows["birth_year"]).cast("float64")
        if "birth_year" in columns
        else ibis.null("float64")
    )
    return rows.mutate(age=age, **missing)


def _with_state(known: KnownTables, rows: ir.Table, column: str) -> ir.Table:
    """Adds the state that was valid, and known, at the moment of prediction."""
    if not known.has("patient_states", column):
        return rows.mutate(**{column: ibis.null("string")})
    return known.with_state(rows, "moment", column)


def _with_consent(known: KnownTables, rows: ir.Table) -> ir.Table:
    """Adds texts_allowed: 1 where the patient had agreed to texts for care by the moment, else 0.

    Under usual care a reminder may then follow: the risk is that under usual care, and no effect of texts.
    """
    if known.source.not_recorded.consent is not None or not known.has("consents", "status"):
        return rows.mutate(texts_allowed=ibis.null("float64"))
    rows = known.with_consent(rows, "moment", "care")
    return rows.mutate(texts_allowed=rows["consented"].cast("float64"))


def _with_history(appointments: ir.Table, rows: ir.Table, settings: NoShow) -> ir.Table:
    """Adds what was known of the patient's earlier visits: how many, missed of them, the last one, and when."""
    done = appointments.filter(appointments["status"].isin(OUTCOMES))
    done = done.select(
        "patient_id", earlier_at=done["starts_at"], earlier_missed=done["no_show"], recorded_at=done["known_at"]
    )
    pairs = rows.select("appointment_id", "patient_id", "moment").join(done, "patient_id")
    since = pairs["moment"] - ibis.interval(days=settings.history_days)
    pairs = pairs.filter((pairs["recorded_at"] <= pairs["moment"]) & (pairs["earlier_at"] >= since))
    newest = ibis.window(
        group_by="appointment_id", order_by=[ibis.desc("earlier_at"), ibis.desc("earlier_missed")]
    )
    pairs = pairs.mutate(place=ibis.row_number().over(newest))
    pairs = pairs.mutate(weight=ibis.literal(FADING) ** pairs["place"])
    past = pairs.group_by("appointment_id", "moment").agg(
        past=pairs.count().cast("float64"),
        past_missed=pairs["earlier_missed"].sum().cast("float64"),
        recent_missed=exact_sum(pairs["weight"] * pairs["earlier_missed"], 15) / exact_sum(pairs["weight"], 15),
        last_at=pairs["earlier_at"].max(),
        # Two visits at one moment: the missed one counts as the last.
        last_missed=pairs["earlier_missed"].sum(where=pairs["place"] == 0).cast("float64"),
    )
    past = past.select(
        "appointment_id",
        "past",
        "past_missed",
        "recent_missed",
        "last_missed",
        days_since_last=(seconds_of(past["moment"]) - seconds_of(past["last_at"])) / 86_400,
    )
    rows = rows.left_join(past, "appointment_id").drop("appointment_id_right")
    return rows.mutate(past=rows["past"].fill_null(0.0), past_missed=rows["past_missed"].fill_null(0.0))


def _with_same_day_visits(appointments: ir.Table, rows: ir.Table) -> ir.Table:
    """Adds how many visits of the patient on that day stood in the book at the moment, this one among them."""
    others = appointments.select(
        "patient_id",
        "day",
        other_booked=appointments["booked_at"],
        other_off=appointments["status"].isin(CALLED_OFF),
        other_known=appointments["known_at"],
    )
    pairs = rows.select("appointment_id", "patient_id", "day", "moment").join(others, ["patient_id", "day"])
    off = pairs["other_off"] & (pairs["other_known"] <= pairs["moment"])
    pairs = pairs.filter((pairs["other_booked"] <= pairs["moment"]) & ~off)
    counted = pairs.group_by("appointment_id").agg(same_day_visits=pairs.count().cast("float64"))
    return rows.left_join(counted, "appointment_id").drop("appointment_id_right")


def _with_reminder(known: KnownTables, rows: ir.Table) -> ir.Table:
    """Adds whether a reminder was sent, to be told and never learned from; empty where it is not recorded."""
    if "reminded" in rows.columns:
        return rows.mutate(reminded=rows["reminded"].cast("float64"))
    if not known.has("messages", "kind"):
        return rows.mutate(reminded=ibis.null("float64"))
    texts = known.table("messages")
    texts = texts.filter((texts["kind"] == "reminder") & (texts["status"] == "delivered"))
    texts = texts.select("patient_id", "sent_at")
    pairs = rows.select("appointment_id", "patient_id", "booked_at", "starts_at").join(texts, "patient_id")
    # A log of messages does not say which appointment a reminder was about: one in the three days before it.
    near = pairs["starts_at"] - ibis.interval(days=3)
    pairs = pairs.filter(
        (pairs["sent_at"] > pairs["booked_at"])
        & (pairs["sent_at"] > near)
        & (pairs["sent_at"] < pairs["starts_at"])
    )
    reminded = pairs.select("appointment_id").distinct().mutate(reminded=ibis.literal(1.0))
    rows = rows.left_join(reminded, "appointment_id").drop("appointment_id_right")
    return rows.mutate(reminded=rows["reminded"].fill_null(0.0))
