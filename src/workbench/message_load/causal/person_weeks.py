"""Person-weeks: who was followed from when on, what each was sent in a week, and what was known before it began.

Weeks are counted from the moment a person agreed to texts. A person is followed from the first of her weeks that begins
within the time studied and after a text had reached her, up to her first opt-out, her discharge, or the last week
that is wholly past. All is counted inside the engine; rows come back for at most so many people, drawn by lot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.message_load.causal.settings import CausalSettings
from workbench.refusal import Fault, Refused
from workbench.tables.cohort import NeededConsent, Purpose, Step, Studied, emptied_by
from workbench.tables.known import KnownTables
from workbench.tables.seconds import seconds_of

WEEK = 7 * 86_400
# Weeks before each week whose replies, bookings and missed visits are counted.
HISTORY = 26
ARRIVED = ("delivered", "sent")
CALLED_OFF = ("late_canceled", "canceled", "rescheduled")
STATES = ("diagnosis_group", "treatment_phase")
NOT_RECORDED = "not recorded"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
# What is read, by table.
NEEDED = {
    "patients": ("patient_id", "ended_at", "deceased_at"),
    "consents": ("patient_id", "channel", "purpose", "scope", "status", "changed_at"),
    "messages": ("message_id", "patient_id", "kind", "sent_at", "status", "known_at"),
    "replies": ("patient_id", "received_at"),
    "appointments": ("appointment_id", "patient_id", "booked_at", "starts_at", "status", "known_at"),
    "patient_states": ("patient_id", *STATES, "valid_from", "known_at"),
}


@dataclass(frozen=True)
class PersonWeeks:
    """The person-weeks, and the flow of people that leads to them.

    `rows` has one row per person and week, sorted: patient (a number without meaning) and week (from 0, without gaps);
    since_consent (weeks); texts (within the week and before any opt-out in it), opted_out, opted_out_after (share of
    the week gone by then; 1 where there was none), booked (any appointment, within the week) and left (discharged or
    deceased within it, before any opt-out), all but one 0 or 1; and what was known before the week began: texts_1 to
    texts_3 (one to three weeks before), replied, had_booked and missed (in the week before, 0 or 1), replies,
    bookings and misses (in the 25 weeks before that), expected (whether a visit stood in the book for
    the week), and `STATES`.
    """

    rows: pd.DataFrame
    flow: tuple[Step, ...]


def person_weeks(known: KnownTables, settings: CausalSettings) -> PersonWeeks:
    """The person-weeks of at most `settings.people` people, as known by `known.as_of`.

    The cohort must ask for consent; the moment at which it counts is that from which on a person is followed.

    Raises:
        Refused: the source records no times or no consent, or nobody is left.
    """
    studied = _followed(known, _consent_needed(known), settings)
    lost = emptied_by(studied.flow)
    if lost is not None:
        mend = "Choose a later as_of, or more weeks."
        raise Refused(
            Fault(f"message load as of {known.as_of}", f'nobody is left after the step "{lost}".', mend)
        )
    people = _drawn(studied.rows, settings).cache()
    weeks = _with_events(known, _grid(people, settings), people, settings)
    weeks = _described(weeks).cache()
    for column in STATES:
        weeks = known.with_state(weeks, "at", column)
    found = weeks.mutate(**{column: weeks[column].fill_null(NOT_RECORDED) for column in STATES}).drop(
        "at", "patient_id"
    )
    rows = found.order_by("patient", "week").execute().reset_index(drop=True)
    # Engines number in whole numbers of different widths.
    rows = rows.astype(dict.fromkeys(rows.select_dtypes("integer"), "int64"))
    return PersonWeeks(rows, studied.flow)


def _consent_needed(known: KnownTables) -> NeededConsent:
    missing, consent = known.source.not_recorded, known.cohort.consent
    unrecorded = [
        name for name, absent in (("time", missing.time), ("consent", missing.consent)) if absent is not None
    ]
    if consent is None or unrecorded:
        raise Refused(
            *(
                Fault(
                    f'source "{known.source.title}"',
                    f"it does not record {name}, without which no week is known to end in an opt-out.",
                    "Choose a source that does.",
                )
                for name in unrecorded or ["consent"]
            )
        )
    return consent


def _followed(known: KnownTables, consent: NeededConsent, settings: CausalSettings) -> Studied:
    """People who agreed to texts, one row each, with entered_at, weeks_before, out_at and left_at; and their flow."""
    # Kept inside the engine wherever rows are read twice below, which would double with each link of the chain.
    people = _with_first_text(known, _agreed(known, settings, consent.purpose).cache()).cache()
    start = ibis.literal(known.moment - timedelta(weeks=settings.weeks))
    begins = ibis.greatest(start, people["first_text_at"])
    before = ((seconds_of(begins) - seconds_of(people["agreed_at"])) / WEEK).ceil().cast("int64")
    people = people.mutate(weeks_before=before)
    entered = people["agreed_at"] + (people["weeks_before"] * 7).as_interval("D")
    people = people.mutate(entered_at=entered, texted=people["first_text_at"].notnull())
    people = _with_opt_out(known, people.cache(), consent.purpose)
    whole = (ibis.literal(int(known.moment.timestamp())) - seconds_of(people["entered_at"])) / WEEK
    people = people.mutate(
        in_care=(people["left_at"] > people["entered_at"]).fill_null(False),
        long_enough=(whole >= 1).fill_null(False),
        whole_weeks=whole.floor().cast("int64").fill_null(0),
    )
    if consent.at not in people.columns:
        people = people.mutate(**{consent.at: people["entered_at"]})
    studied = known.studied(
        people,
        "agreed to texts",
        {"texted after that": "texted", "in care when follow-up begins": "in_care"},
        {"followed for at least a week": "long_enough"},
    )
    rows = studied.rows
    rows = rows.filter(rows["texted"] & rows["in_care"] & rows["long_enough"])
    kept = rows.select("patient_id", "entered_at", "weeks_before", "whole_weeks", "out_at", "left_at")
    return Studied(kept, studied.flow)


def _agreed(known: KnownTables, settings: CausalSettings, purpose: Purpose) -> ir.Table:
    """patient_id, left_at and agreed_at: the consent that held when the time studied began, else the first in it."""
    start = ibis.literal(known.moment - timedelta(weeks=settings.weeks))
    patients = known.table("patients")
    never = ibis.literal(_NEVER)
    left = ibis.least(patients["ended_at"].fill_null(never), patients["deceased_at"].fill_null(never))
    everyone = known.with_consent(patients.select("patient_id", left_at=left, start=start), "start", purpose)
    changes = known.consent_changes(purpose)
    agreed = changes.filter(changes["status"] == "opt_in")
    at = agreed["changed_at"]
    agreed = agreed.group_by("patient_id").agg(
        last_before=at.max(where=at <= start), first_within=at.min(where=at > start)
    )
    joined = everyone.inner_join(agreed, "patient_id")
    when = joined["consented"].ifelse(joined["last_before"], joined["first_within"])
    people = joined.select("patient_id", "left_at", agreed_at=when)
    return people.filter(people["agreed_at"].notnull())


def _with_first_text(known: KnownTables, people: ir.Table) -> ir.Table:
    """Adds first_text_at: when the first text of any kind reached the person after she had agreed."""
    texts = known.table("messages")
    texts = texts.filter(texts["status"].isin(ARRIVED)).select("patient_id", "sent_at")
    pairs = people.select("patient_id", "agreed_at").inner_join(texts, "patient_id")
    pairs = pairs.filter(pairs["sent_at"] >= pairs["agreed_at"])
    first = pairs.group_by("patient_id").agg(first_text_at=pairs["sent_at"].min())
    return people.left_join(first, "patient_id").drop("patient_id_right")


def _with_opt_out(known: KnownTables, people: ir.Table, purpose: Purpose) -> ir.Table:
    """Adds out_at: the first opt-out after follow-up began; far off where there was none."""
    changes = known.consent_changes(purpose)
    outs = changes.filter(changes["status"] == "opt_out").select("patient_id", "changed_at")
    pairs = people.select("patient_id", "entered_at").inner_join(outs, "patient_id")
    pairs = pairs.filter(pairs["changed_at"] > pairs["entered_at"])
    first = pairs.group_by("patient_id").agg(out_at=pairs["changed_at"].min())
    joined = people.left_join(first, "patient_id").drop("patient_id_right")
    return joined.mutate(out_at=joined["out_at"].fill_null(ibis.literal(_NEVER)))


@ibis.udf.scalar.builtin(name="md5")
def _md5(text: str) -> str:  # type: ignore[empty-body]
    """The hash that DuckDB, PostgreSQL and Spark know by one name, in hexadecimal digits."""


def _drawn(people: ir.Table, settings: CausalSettings) -> ir.Table:
    """At most so many people by lot, with patient: a number that tells nothing of them."""
    lots = people.mutate(lot=_md5(ibis.literal(f"{settings.seed}:") + people["patient_id"]))
    lots = lots.order_by("lot", "patient_id").limit(settings.people)
    numbered = lots.mutate(patient=ibis.row_number().over(ibis.window(order_by=["lot", "patient_id"])))
    return numbered.mutate(patient=numbered["patient"].cast("int64")).drop("lot")


def _grid(people: ir.Table, settings: CausalSettings) -> ir.Table:
    """One row per person and week, from `HISTORY` weeks before follow-up to its last week."""
    numbers = ibis.range(-HISTORY, settings.weeks + 1).unnest().name("week").as_table()
    numbers = numbers.select(week=numbers["week"].cast("int64"))
    rows = people.cross_join(numbers)
    rows = rows.mutate(begins=seconds_of(rows["entered_at"]) + rows["week"] * WEEK)
    followed = rows["begins"] < ibis.least(seconds_of(rows["out_at"]), seconds_of(rows["left_at"]))
    # The week before may end in the very second in which the person opted out: it is her last.
    return rows.filter(rows["week"] < rows["whole_weeks"], followed)


def _with_events(known: KnownTables, grid: ir.Table, people: ir.Table, settings: CausalSettings) -> ir.Table:
    """Adds, for each week, how many texts, replies, bookings and missed visits there were, and visits expected."""
    entered = people.select("patient_id", "entered_at", "out_at")
    texts = known.table("messages")
    texts = texts.filter(texts["status"].isin(ARRIVED), texts["kind"].isin(list(settings.kinds)))
    visits = known.table("appointments")
    events = {
        "texts": texts.select("patient_id", happened="sent_at"),
        "replied_in": known.table("replies").select("patient_id", happened="received_at"),
        "booked_in": visits.select("patient_id", happened="booked_at"),
        # A missed visit counts from when it was known.
        "missed_in": visits.filter(visits["status"] == "no_show").select("patient_id", happened="known_at"),
    }
    grid = _joined(grid, _counted(entered, events))
    return _joined(grid, _expected(entered, visits))


def _counted(entered: ir.Table, events: Mapping[str, ir.Table]) -> ir.Table:
    """How many events of each kind fell into each week of each person; texts only before the opt-out."""
    every = ibis.union(*(rows.mutate(name=ibis.literal(name)) for name, rows in events.items()))
    pairs = entered.inner_join(every, "patient_id")
    pairs = pairs.filter((pairs["name"] != "texts") | (pairs["happened"] <= pairs["out_at"]))
    pairs = pairs.mutate(week=_week(pairs["happened"], pairs["entered_at"]))
    pairs = pairs.filter(pairs["week"] >= -HISTORY)
    return pairs.group_by("patient_id", "week").agg(
        **{name: (pairs["name"] == name).cast("int64").sum() for name in events}
    )


def _expected(entered: ir.Table, visits: ir.Table) -> ir.Table:
    """Whether a visit in a week stood in the book when the week began."""
    visits = visits.select("patient_id", "booked_at", "starts_at", "status", "known_at")
    pairs = entered.inner_join(visits, "patient_id")
    pairs = pairs.mutate(week=_week(pairs["starts_at"], pairs["entered_at"]))
    begins = seconds_of(pairs["entered_at"]) + pairs["week"] * WEEK
    off = pairs["status"].isin(CALLED_OFF) & (seconds_of(pairs["known_at"]) <= begins)
    pairs = pairs.filter(pairs["week"] >= 0, seconds_of(pairs["booked_at"]) < begins, ~off)
    return pairs.select("patient_id", "week").distinct().mutate(expected=ibis.literal(1, "int64"))


def _week(moment: ir.TimestampValue, entered: ir.TimestampValue) -> ir.IntegerValue:
    return ((seconds_of(moment) - seconds_of(entered)) / WEEK).floor().cast("int64")


def _joined(grid: ir.Table, counts: ir.Table) -> ir.Table:
    """The weeks with counts; where nothing happened they are 0."""
    names = [name for name in counts.columns if name not in ("patient_id", "week")]
    counts = counts.rename({"_patient": "patient_id", "_week": "week"})
    same = [grid["patient_id"] == counts["_patient"], grid["week"] == counts["_week"]]
    joined = grid.left_join(counts, same)
    return joined.select(*grid.columns, **{name: joined[name].fill_null(0) for name in names})


def _described(weeks: ir.Table) -> ir.Table:
    """The weeks of follow-up alone, with what happened in them and what was known before."""

    def of_past(name: str, first: int, last: int) -> ir.Value:
        window = ibis.window(group_by="patient_id", order_by="week", preceding=(last, first))
        return weeks[name].sum().over(window).fill_null(0).cast("int64")

    def whether(condition: ir.BooleanValue) -> ir.IntegerValue:
        return condition.cast("int64")

    out, left = seconds_of(weeks["out_at"]), seconds_of(weeks["left_at"])
    ends = weeks["begins"] + WEEK
    opted_out = (out < ends) & (out <= left)
    past = {f"texts_{ago}": of_past("texts", ago, ago) for ago in (1, 2, 3)}
    for last, before, source in (
        ("replied", "replies", "replied_in"),
        ("had_booked", "bookings", "booked_in"),
        ("missed", "misses", "missed_in"),
    ):
        past[last] = whether(of_past(source, 1, 1) > 0)
        past[before] = of_past(source, 2, HISTORY)
    rows = weeks.select(
        "patient_id",
        "patient",
        "week",
        "expected",
        to_come=weeks["whole_weeks"] - weeks["week"],
        at=weeks["entered_at"] + (weeks["week"] * 7).as_interval("D"),
        since_consent=weeks["weeks_before"] + weeks["week"],
        texts=weeks["texts"],
        opted_out=whether(opted_out),
        opted_out_after=opted_out.ifelse((out - weeks["begins"]) / WEEK, 1.0).cast("float64"),
        booked=whether(weeks["booked_in"] > 0),
        left=whether((left < ends) & ~opted_out),
        **past,
    )
    return rows.filter(rows["week"] >= 0)
