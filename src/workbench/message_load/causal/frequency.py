"""Arms of an experiment as counts: how often each was texted, and how many booked and opted out."""

from dataclasses import dataclass
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from workbench.message_load.causal.settings import CausalSettings
from workbench.refusal import Fault, Refused, nearest
from workbench.tables.cohort import Step, emptied_by
from workbench.tables.known import KnownTables
from workbench.tables.seconds import seconds_of

DAY = 86_400
# Days after the assignment in which texts are counted; no experiment on frequency was shorter.
SENT_WITHIN = 28
# What is read, by table.
NEEDED = {
    "assignments": ("experiment_id", "patient_id", "arm", "assigned_at"),
    "appointments": ("appointment_id", "patient_id", "booked_at", "known_at"),
    "messages": ("message_id", "patient_id", "kind", "sent_at", "status", "known_at"),
    "consents": ("patient_id", "channel", "purpose", "scope", "status", "changed_at"),
}


@dataclass(frozen=True)
class ArmCounts:
    """An arm: its people, texts a week sent to them while they had not opted out, and people by outcome.

    `booked`, `opted_out` and `both` count people within the window after their assignment.
    """

    arm: str
    people: int
    texts_a_week: float
    booked: int
    opted_out: int
    both: int


def refuse_unknown_experiment(known: KnownTables, experiment: str) -> None:
    """Refuse an experiment in which nobody was assigned by then."""
    rows = known.table("assignments")
    names = sorted(str(name) for name in rows.select("experiment_id").distinct().execute()["experiment_id"])
    if experiment not in names:
        what = f'nobody was assigned in "{experiment}" by then.{nearest(experiment, names)}'
        raise Refused(Fault("frequency_experiment", what, f"There are: {', '.join(names) or 'none'}."))


def frequency_arms(
    known: KnownTables, experiment: str, settings: CausalSettings, window_days: int = 35
) -> tuple[tuple[ArmCounts, ...], tuple[Step, ...]]:
    """The arms of an experiment by name, and the flow of its people, as first randomized.

    The cohort must ask for consent, which counts at the assignment. Only people whose window has closed are there.

    Raises:
        Refused: the experiment has nobody whose window has closed.
    """
    assigned = _assigned(known, experiment, window_days)
    consent = known.cohort.consent
    purpose = consent.purpose if consent else "care"
    if consent is not None and consent.at not in assigned.columns:
        assigned = assigned.mutate(**{consent.at: assigned["assigned_at"]})
    studied = known.studied(assigned, "assigned", after={"whose window has closed": "closed"})
    lost = emptied_by(studied.flow)
    if lost is not None:
        what = f'nobody is left after the step "{lost}".'
        raise Refused(Fault(f'experiment "{experiment}"', what, "Choose a later as_of, or another experiment."))
    rows = studied.rows
    people = rows.filter(rows["closed"]).select("patient_id", "arm", "assigned_at").cache()
    changes = known.consent_changes(purpose)
    outs = changes.filter(changes["status"] == "opt_out").select("patient_id", happened="changed_at")
    booked = known.table("appointments").select("patient_id", happened="booked_at")
    people = _with_first(people, outs, "out_after", window_days)
    people = _with_first(people, booked, "booked_after", window_days)
    return _counted(_with_texts(known, people, settings)), studied.flow


def _assigned(known: KnownTables, experiment: str, window_days: int) -> ir.Table:
    rows = known.table("assignments")
    rows = rows.filter(rows["experiment_id"] == experiment)
    first = ibis.window(group_by="patient_id", order_by=["assigned_at", "arm"])
    rows = rows.mutate(place=ibis.row_number().over(first))
    rows = rows.filter(rows["place"] == 0)
    closes = ibis.literal(known.moment - timedelta(days=window_days))
    return rows.select(
        "patient_id", "arm", "assigned_at", closed=(rows["assigned_at"] < closes).fill_null(False)
    )


def _with_first(people: ir.Table, events: ir.Table, name: str, window_days: int) -> ir.Table:
    """Adds the days from the assignment to the first event after it within the window; null where there was none."""
    pairs = people.select("patient_id", "assigned_at").inner_join(events, "patient_id")
    days = (seconds_of(pairs["happened"]) - seconds_of(pairs["assigned_at"])) / DAY
    pairs = pairs.mutate(days=days.cast("float64"))
    pairs = pairs.filter(pairs["days"] > 0, pairs["days"] <= window_days)
    first = pairs.group_by("patient_id").agg(**{name: pairs["days"].min()})
    return people.left_join(first, "patient_id").drop("patient_id_right")


def _with_texts(known: KnownTables, people: ir.Table, settings: CausalSettings) -> ir.Table:
    """Adds texts, sent within `SENT_WITHIN` days and before any opt-out, and days: how long that was."""
    days = ibis.least(people["out_after"].fill_null(float(SENT_WITHIN)), float(SENT_WITHIN))
    people = people.mutate(days=days)
    texts = known.table("messages")
    sent = texts.filter(texts["status"] != "canceled", texts["kind"].isin(list(settings.kinds)))
    pairs = people.select("patient_id", "assigned_at", "days").inner_join(
        sent.select("patient_id", "sent_at"), "patient_id"
    )
    after = (seconds_of(pairs["sent_at"]) - seconds_of(pairs["assigned_at"])) / DAY
    pairs = pairs.filter(after > 0, after <= pairs["days"])
    counts = pairs.group_by("patient_id").agg(texts=pairs.count())
    joined = people.left_join(counts, "patient_id").drop("patient_id_right")
    return joined.mutate(texts=joined["texts"].fill_null(0))


def _counted(people: ir.Table) -> tuple[ArmCounts, ...]:
    booked, out = people["booked_after"].notnull(), people["out_after"].notnull()
    # Whole thousandths of a day, so that every engine gives the same sum.
    thousandths = (people["days"] * 1_000).round().cast("int64")
    cells = people.group_by("arm").agg(
        people=people.count(),
        texts=people["texts"].sum(),
        thousandths=thousandths.sum(),
        booked=booked.cast("int64").sum(),
        opted_out=out.cast("int64").sum(),
        both=(booked & out).cast("int64").sum(),
    )
    found = cells.execute().sort_values("arm")
    return tuple(
        ArmCounts(
            arm=str(row.arm),
            people=int(row.people),
            texts_a_week=7_000 * float(row.texts) / float(row.thousandths),
            booked=int(row.booked),
            opted_out=int(row.opted_out),
            both=int(row.both),
        )
        for row in found.itertuples()
    )
