"""The people of a segmentation, one row each inside the engine: who they are and what was known of them as of then.

Everybody in care, whether or not they agree to texts: groups describe patients, and lead to no message. What comes
back into memory is one row of counts per person, never an appointment or a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.refusal import Fault, Refused
from workbench.segments.parameters import Segmentation
from workbench.segments.use.channels import needed_for_channels, with_channels
from workbench.segments.use.outcomes import needed_for_outcomes, with_outcomes
from workbench.tables.cohort import Cohort, Step, Studied, emptied_by
from workbench.tables.exact_sum import exact_sum
from workbench.tables.known import KnownTables
from workbench.tables.schema import INSTRUMENT_SCORES

ARRIVED = ("delivered", "sent")
REMOTE = ("video", "phone")
CALLED_OFF = ("late_canceled", "canceled", "rescheduled")
# Other instruments say nothing of symptoms.
SYMPTOM_SCALES = {name: highest for name, (_, highest) in INSTRUMENT_SCORES.items()}
# A person new to the provider is taken to have been observed for this long, so that no rate explodes.
SHORTEST_WEEKS = 4.0


@dataclass(frozen=True)
class People:
    """Who is grouped, and the flow that led to them.

    `rows` has one row per person, sorted by patient_id: patient_id, consented, the columns of `profile_by`,
    weeks (observed within the lookback), and counts of what happened within it. `data_until` is the moment at
    which the newest appointment known was learned of.
    """

    rows: pd.DataFrame
    flow: tuple[Step, ...]
    data_until: datetime


def declared_cohort(settings: Segmentation) -> Cohort:
    """Everybody, adults unless minors are asked for; consent to texts is told of the groups and leaves nobody out."""
    return Cohort(settings.minors, goes_on_without=settings.goes_on_without, told_as="who are {}")


def needed_columns(settings: Segmentation, recorded: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Tables and columns a segmentation reads.

    Args:
        settings: the parameters.
        recorded: whether the source records "consent", "age" and "time".
    """
    needed: dict[str, tuple[str, ...]] = {
        "patients": (
            "patient_id",
            *(("birth_year",) if recorded["age"] else ()),
            "enrolled_at",
            "ended_at",
            "deceased_at",
        ),
        "appointments": (
            "appointment_id",
            "patient_id",
            "modality",
            "booked_at",
            "starts_at",
            "status",
            "canceled_by",
            "known_at",
        ),
        "messages": ("message_id", "patient_id", "kind", "sent_at", "status", "known_at"),
    }
    if settings.profile_by:
        needed["patient_states"] = ("patient_id", *settings.profile_by, "valid_from", "known_at")
    if recorded["consent"]:
        needed["consents"] = ("patient_id", "channel", "purpose", "scope", "status", "changed_at")
    if "engagement" in settings.features:
        needed["replies"] = ("patient_id", "received_at", "intent")
    if "surveys" in settings.features:
        needed["surveys"] = ("patient_id", "instrument", "score", "responded_at")
    for more in (needed_for_outcomes(settings), needed_for_channels(settings, recorded)):
        needed |= {table: _together(needed.get(table, ()), columns) for table, columns in more.items()}
    return needed


def _together(columns: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*columns, *more)))


def people_in_care(known: KnownTables, settings: Segmentation) -> People:
    """Count what is known of everybody in care as of `settings.grouped_as_of`, and what happened since.

    Raises:
        Refused: nobody is left in the cohort, or the source records no time.
    """
    later, known = known, known.earlier(settings.grouped_as_of)
    studied = _studied(known, settings)
    _refuse_empty(studied.flow, known, settings)
    people = studied.rows.filter(studied.rows["in_care"] & studied.rows["enough"]).drop("in_care", "enough")
    people = _with_texts(known, people, settings)
    if "engagement" in settings.features:
        people = _with_confirmations(known, people, settings)
    if "surveys" in settings.features:
        people = _with_symptoms(known, people, settings)
    people = known.with_consent(people, "at", settings.consent_purpose)
    for column in settings.profile_by:
        people = known.with_state(people, "at", column)
    people = with_outcomes(with_channels(people, known, settings), later, settings)
    rows = people.drop("at").order_by("patient_id").execute()
    newest = later.table("appointments")["known_at"].max().execute()
    return People(rows.reset_index(drop=True), studied.flow, newest.to_pydatetime())


def check_segmentation(known: KnownTables, settings: Segmentation) -> None:
    """Refuse what cannot be grouped, by cheap queries, before anything long starts."""
    known = known.earlier(settings.grouped_as_of)
    _refuse_empty(_studied(known, settings).flow, known, settings)


def _studied(known: KnownTables, settings: Segmentation) -> Studied:
    """Everybody who may be studied, with in_care, weeks, enough and counts of appointments; and the flow."""
    if known.source.not_recorded.time is not None:
        raise Refused(
            Fault(
                f'source "{known.source.title}"',
                "it records no times, so that nothing can be told of the time before as_of.",
                "Choose a source that records when things happened.",
            )
        )
    since = ibis.literal(known.moment - timedelta(days=settings.lookback_days))
    patients = known.table("patients")
    begins = ibis.greatest(patients["enrolled_at"].fill_null(since), since)
    seconds = ibis.literal(known.moment).epoch_seconds() - begins.epoch_seconds()
    everyone = patients.select(
        "patient_id",
        at=ibis.literal(known.moment),
        in_care=patients["ended_at"].isnull() & patients["deceased_at"].isnull(),
        weeks=ibis.greatest(seconds / (7 * 86_400.0), SHORTEST_WEEKS),
    )
    everyone = _with_appointments(known, everyone, settings)
    return known.studied(
        everyone.mutate(enough=everyone["due"] >= settings.least_appointments),
        f"{settings.people_noun.capitalize()} known by then",
        {"in care: neither discharged nor deceased": "in_care"},
        {
            f"with at least {settings.least_appointments} appointments due in the {settings.lookback_days} days "
            "before": "enough"
        },
    )


def _refuse_empty(flow: tuple[Step, ...], known: KnownTables, settings: Segmentation) -> None:
    if flow[-1].left > settings.groups_to:
        return
    lost = emptied_by(flow)
    what = (
        f'nobody is left after the step "{lost}".'
        if lost
        else f"fewer people are left than the {settings.groups_to} groups that are tried."
    )
    mend = "Choose a later as_of, a longer lookback_days, or a smaller least_appointments."
    raise Refused(Fault(f"cohort as of {known.as_of}", what, mend))


def _with_appointments(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds due, kept, missed, called_off and remote, counts of appointments within the lookback, and sums of logs.

    log_days_ahead sums the logarithms of one plus the days between booking and appointment, and
    log_days_ahead_squares their squares.

    An appointment the clinic called off tells nothing of the patient, and one whose outcome was not yet known
    tells nothing yet.
    """
    rows = known.table("appointments")
    by_clinic = (rows["canceled_by"] == "clinic").fill_null(False)
    rows = rows.filter(_recent(rows["starts_at"], known, settings), rows["status"] != "scheduled", ~by_clinic)
    seconds = rows["starts_at"].epoch_seconds() - rows["booked_at"].epoch_seconds()
    log_days = (ibis.greatest(seconds / 86_400.0, 0.0) + 1).ln().fill_null(0.0)
    counts = rows.group_by("patient_id").agg(
        due=rows.count(),
        kept=rows["status"].isin(["attended", "no_show"]).cast("int64").sum(),
        missed=(rows["status"] == "no_show").cast("int64").sum(),
        called_off=rows["status"].isin(CALLED_OFF).cast("int64").sum(),
        remote=rows["modality"].isin(REMOTE).fill_null(False).cast("int64").sum(),
        log_days_ahead=exact_sum(log_days, 12),
        log_days_ahead_squares=exact_sum(log_days * log_days, 12),
    )
    return _joined(people, counts)


def _with_texts(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds texts and reminders: how many reached the phone within the lookback, or were sent and not known lost."""
    rows = known.table("messages")
    rows = rows.filter(_recent(rows["sent_at"], known, settings), rows["status"].isin(ARRIVED))
    counts = rows.group_by("patient_id").agg(
        texts=rows.count(), reminders=(rows["kind"] == "reminder").cast("int64").sum()
    )
    return _joined(people, counts)


def _with_confirmations(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds confirmed: reminders answered by a confirmation, at most as many as there were."""
    rows = known.table("replies")
    rows = rows.filter(_recent(rows["received_at"], known, settings), rows["intent"] == "confirm")
    joined = _joined(people, rows.group_by("patient_id").agg(confirmed=rows.count()))
    return joined.mutate(confirmed=ibis.least(joined["confirmed"], joined["reminders"]))


def _with_symptoms(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds answers and symptoms: answers on symptom scales, and the sum of their scores as shares of the scale."""
    rows = known.table("surveys")
    rows = rows.filter(
        _recent(rows["responded_at"], known, settings), rows["instrument"].isin(list(SYMPTOM_SCALES))
    )
    highest = ibis.cases(*((rows["instrument"] == name, float(most)) for name, most in SYMPTOM_SCALES.items()))
    shares = rows.select("patient_id", share=rows["score"] / highest)
    counts = shares.group_by("patient_id").agg(answers=shares.count(), symptoms=exact_sum(shares["share"], 12))
    return _joined(people, counts)


def _joined(people: ir.Table, counts: ir.Table) -> ir.Table:
    """The people with their counts; who has none counts zero."""
    joined = people.left_join(counts, "patient_id").drop("patient_id_right")
    new = [name for name in counts.columns if name != "patient_id"]
    return joined.mutate(**{name: joined[name].fill_null(0) for name in new})


def _recent(moment: ir.TimestampValue, known: KnownTables, settings: Segmentation) -> ir.BooleanValue:
    since = known.moment - timedelta(days=settings.lookback_days)
    return (moment >= ibis.literal(since)) & (moment < ibis.literal(known.moment))
