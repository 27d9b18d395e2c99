"""The texts at risk, one row each inside the engine: whoever agreed and got one may opt out after it.

The risk of a text is that of opting out after it, before the next, within the hours that the parameters allow.
Followed is the first consent of each adult, from its first text to the opt-out or to the end of what is known.
"""

from collections.abc import Mapping
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from workbench.message_load.bands import (
    BEFORE,
    DAY,
    EARLIER,
    HOURS,
    KINDS,
    LOAD,
    NOT_RECORDED,
    TENURE,
    place_in,
)
from workbench.message_load.causal import frequency, person_weeks
from workbench.message_load.consents import answers_a_text, consent_stories, whole_seconds
from workbench.message_load.parameters import MessageLoad
from workbench.refusal import Fault, Refused
from workbench.tables.cohort import Cohort, NeededConsent, Step, Studied, emptied_by
from workbench.tables.kept_segments import referred
from workbench.tables.known import KnownTables
from workbench.tables.local_time import wall_of

ARRIVED = ("delivered", "sent")
QUARTER_HOUR = 900
READ_WHERE_THERE = {
    "consents": ("source",),
    "patients": ("time_zone",),
    "messages": ("campaign_id",),
}


def declared_cohort(settings: MessageLoad) -> Cohort:
    """Adults who had agreed to texts at each text, whatever became of the consent afterwards."""
    consent = NeededConsent(settings.consent_purpose, "sent_at", "the text")
    return Cohort(settings.minors, consent, settings.goes_on_without, told_as="to {}")


def needed_columns(settings: MessageLoad, recorded: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Tables and columns the study reads.

    Args:
        settings: the parameters.
        recorded: whether the source records "consent", "age" and "time".
    """
    age = ("birth_year",) if recorded["age"] else ()
    needed: dict[str, tuple[str, ...]] = {
        "patients": ("patient_id", "ended_at", "deceased_at", *age),
        "consents": ("patient_id", "channel", "purpose", "scope", "status", "changed_at"),
        "messages": ("message_id", "patient_id", "kind", "sent_at", "status", "known_at"),
    }
    if referred(settings.segment_by) is None:
        needed["patient_states"] = ("patient_id", settings.segment_by, "valid_from", "known_at")
    parts = [person_weeks.NEEDED, *([frequency.NEEDED] if settings.frequency_experiment else [])]
    for table, columns in (each for part in parts for each in part.items()):
        needed[table] = tuple(dict.fromkeys((*needed.get(table, ()), *columns)))
    if settings.reasons_from is not None:
        needed["surveys"] = ("patient_id", "instrument", "score", "responded_at")
    return needed


def studied_texts(known: KnownTables, settings: MessageLoad) -> Studied:
    """Every text to people who may be studied, and the flow of texts.

    The rows have message_id, patient_id, sent_at, second (of sending), kind, campaign, load and earlier (texts of the
    last 7 days, and 8 to 28 before), began, ended, route, reason; in_story, in_days.
    """
    _refuse_unrecorded(known)
    stories = consent_stories(known, settings)
    rows = _arrived(known).left_join(stories, "patient_id").drop("patient_id_right")
    goes_on = rows["ended"].isnull() | (rows["second"] < rows["ended"])
    since = known.moment - timedelta(days=settings.lookback_days)
    until = known.moment - timedelta(hours=settings.attribution_hours)
    rows = rows.mutate(
        in_story=((rows["second"] >= rows["began"]) & goes_on).fill_null(False),
        in_days=(rows["sent_at"] >= ibis.literal(since)) & (rows["sent_at"] <= ibis.literal(until)),
    )
    return known.studied(
        rows,
        "Texts that arrived, but for prompts",
        after={
            "before a first opt-out": "in_story",
            f"sent in the {settings.lookback_days} days studied": "in_days",
        },
    )


def at_risk(texts: ir.Table, settings: MessageLoad) -> ir.Table:
    """The texts of each first consent, with what came before each and whether an opt-out answered it.

    Adds: place (0 for a person's first text), last (whether it is the newest), opted_out, tenure (days since the
    consent), and for each band of load before_0, before_1, …: earlier texts of this consent in that band.
    """
    rows = texts.filter(texts["in_story"])
    order = ["second", "message_id"]
    person = ibis.window(group_by="patient_id", order_by=order)
    so_far = ibis.cumulative_window(group_by="patient_id", order_by=order)
    newest = ibis.window(group_by="patient_id", order_by=[ibis.desc(name) for name in order])
    band = LOAD.of(rows["load"])
    within = {place: (band == place).cast("int64") for place in range(len(LOAD))}
    rows = rows.mutate(
        place=ibis.row_number().over(person).cast("int64"),
        last=ibis.row_number().over(newest) == 0,
        tenure=((rows["second"] - rows["began"]) / DAY).floor().cast("int64"),
        **{f"before_{place}": (one.sum().over(so_far) - one).cast("int64") for place, one in within.items()},
    )
    return rows.mutate(opted_out=(rows["last"] & answers_a_text(rows, settings)).cast("int64"))


def with_hour(known: KnownTables, texts: ir.Table) -> ir.Table:
    """Adds hour on the patient's clock; nothing where it is not recorded, or not where the patient lives."""
    if known.source.not_recorded.hour is not None or not known.has("patients", "time_zone"):
        return texts.mutate(hour=ibis.null("int64"))
    zones = known.table("patients").select("patient_id", "time_zone")
    rows = texts.left_join(zones, "patient_id").drop("patient_id_right")
    rows = rows.mutate(quarter=(rows["second"] / QUARTER_HOUR).floor().cast("int64"))
    # Engines are slow at clocks: one is asked once for each quarter of an hour, within which no zone changes the hour.
    clock = rows.group_by("time_zone", "quarter").agg(sent_at=rows["sent_at"].min())
    hour = wall_of(clock["sent_at"], clock["time_zone"]).hour().cast("int64")
    clock = clock.select("time_zone", "quarter", hour=hour)
    told = rows.left_join(clock, ["time_zone", "quarter"])
    return told.select(*texts.columns, hour=told["hour"])


def in_bands(rows: ir.Table) -> ir.Table:
    """The texts with each exposure as the place of its band: load, earlier, before, tenure, kind and hour."""
    hour = HOURS.of(rows["hour"])
    return rows.mutate(
        load=LOAD.of(rows["load"]),
        earlier=EARLIER.of(rows["earlier"]),
        before=BEFORE.of(rows["place"]),
        tenure=TENURE.of(rows["tenure"]),
        kind=place_in(KINDS, rows["kind"]),
        hour=rows["hour"].isnull().ifelse(len(HOURS), hour).cast("int64"),
    )


def refuse_empty(flow: tuple[Step, ...], known: KnownTables) -> None:
    """Refuse a study of no text at all."""
    emptied = emptied_by(flow)
    if emptied is not None:
        what = f'no text is left at the step "{emptied}".'
        raise Refused(
            Fault(f"texts as of {known.as_of}", what, "Choose a later as_of or a longer lookback_days.")
        )


def _refuse_unrecorded(known: KnownTables) -> None:
    missing = known.source.not_recorded
    lacking = [name for name in ("consent", "time") if getattr(missing, name) is not None]
    faults = [
        Fault(
            f'source "{known.source.title}"',
            f"it does not record {name}, without which nobody can tell after which text a person opted out.",
            "Choose a source that does.",
        )
        for name in lacking
    ]
    if faults:
        raise Refused(*faults)


def _arrived(known: KnownTables) -> ir.Table:
    """The texts that arrived, with how many did in the seven days up to each and in the three weeks before those."""
    rows = known.table("messages")
    rows = rows.filter(rows["status"].isin(ARRIVED))
    campaign = rows["campaign_id"] if known.has("messages", "campaign_id") else ibis.null("string")
    rows = rows.select(
        "message_id",
        "patient_id",
        "kind",
        "sent_at",
        campaign=campaign.fill_null(NOT_RECORDED),
        second=whole_seconds(rows["sent_at"]),
    )
    counted = {
        name: rows.count().over(
            ibis.range_window(preceding=days * DAY - 1, following=0, group_by="patient_id", order_by="second")
        )
        for name, days in (("load", 7), ("in_28_days", 28))
    }
    rows = rows.mutate(**counted)
    rows = rows.mutate(load=rows["load"].cast("int64"), earlier=rows["in_28_days"].cast("int64") - rows["load"])
    return rows.filter(rows["kind"].isin(KINDS)).drop("in_28_days")
