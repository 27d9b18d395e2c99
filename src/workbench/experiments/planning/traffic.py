"""A clinic's traffic in counts: who could take part now, how many come in a week, and how past texts went.

What comes back into memory is counts, never rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from workbench.experiments.planning.base_rate import BaseRate
from workbench.experiments.planning.duration import Supply
from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.planning.people import STATE_COLUMNS, eligible_people, overlapping, with_phase
from workbench.refusal import Fault, Refused
from workbench.tables.cohort import Step, emptied_by
from workbench.tables.known import KnownTables
from workbench.tables.quality.texting import sent_texts
from workbench.tables.texting import NEEDED

NOT_RECORDED = "not recorded"
READ_WHERE_THERE = {"assignments": ("experiment_id", "patient_id", "assigned_at")}


@dataclass(frozen=True)
class Segment:
    """Eligible people of a segment, and those among them who were not eligible some weeks before."""

    label: str
    people: int
    arrived: int


@dataclass(frozen=True)
class Clusters:
    """How the eligible fall into clusters: how many there are, and the sum of the squares of their sizes."""

    number: int
    squares: int


@dataclass(frozen=True)
class Traffic:
    """All a plan knows of its data: counts.

    `segments` add up to the eligible, `arrived` to those who came in the weeks counted; `texted` are people who had a
    text of the kind that is planned, once each, whose window has closed, and `booked` and `opted_out` those among them
    with the event within it. `elsewhere` counts eligible people in another running experiment, kept or not;
    `clusters` is None where each person is by themselves.
    """

    flow: tuple[Step, ...]
    segments: tuple[Segment, ...]
    arrived: int
    elsewhere: int
    texted: int
    booked: int
    opted_out: int
    clusters: Clusters | None
    not_recorded: Mapping[str, str]

    @property
    def eligible(self) -> int:
        """People who could be randomized as of the day."""
        return self.flow[-1].left

    def supply(self, plan: ExperimentPlan) -> Supply:
        """Those there are, and those who come in a week."""
        return Supply(self.eligible, self.arrived / plan.arrival_weeks)

    def outcome(self, plan: ExperimentPlan) -> BaseRate:
        """The outcome's rate under control."""
        return BaseRate(self.texted, self.booked, plan.base_rate)

    def guardrail(self, plan: ExperimentPlan) -> BaseRate:
        """The guardrail's rate under control."""
        return BaseRate(self.texted, self.opted_out, plan.guardrail_rate)

    def design_effect(self, plan: ExperimentPlan) -> float:
        """By how much clusters lessen what people tell: 1 + (m - 1) correlation, m the mean size that people live in.

        For clusters of unequal size m is the mean over people of their cluster's size (Eldridge, Ashby and Kerry 2006).
        """
        if self.clusters is None or self.eligible == 0:
            return 1.0
        size = self.clusters.squares / self.eligible
        return 1 + max(size - 1, 0.0) * plan.cluster_correlation


def needed_columns(plan: ExperimentPlan, recorded: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Tables and columns a plan reads.

    Args:
        plan: the parameters.
        recorded: whether the source records "consent", "age" and "time".
    """
    patients = ["patient_id", "birth_year", "enrolled_at", *NEEDED["patients"]]
    states = {
        column for column in (plan.segment_by, plan.cluster_by, *plan.stratify_by) if column in STATE_COLUMNS
    }
    if plan.treatment_phases:
        states.add("treatment_phase")
    if plan.cluster_by == "household_id":
        patients.append("household_id")
    needed: dict[str, tuple[str, ...]] = {
        "patients": tuple(patients),
        "consents": ("patient_id", *NEEDED["consents"]),
        "messages": ("message_id", "patient_id", "kind", "status", "sent_at"),
        "appointments": ("appointment_id", "patient_id", "booked_at"),
    }
    if states:
        needed["patient_states"] = ("patient_id", *sorted(states), "valid_from", "known_at")
    return needed


def count_traffic(known: KnownTables, plan: ExperimentPlan) -> Traffic:
    """Count a clinic's traffic as of `known.as_of`.

    Raises:
        Refused: nobody could take part, or the past tells no base rate and the parameters give none.
    """
    known = known.for_many_queries()
    studied = eligible_people(known, plan)
    _refuse_nobody(studied.flow, known)
    people = _with_arrival(known, studied.rows, plan).cache()
    texted, booked, opted_out = _past(known, plan)
    _refuse_no_past(texted, plan)
    return Traffic(
        flow=studied.flow,
        segments=_segments(known, people, plan),
        arrived=int(people.filter(people["arrived"]).count().execute()),
        elsewhere=overlapping(studied, plan),
        texted=texted,
        booked=booked,
        opted_out=opted_out,
        clusters=_clusters(known, people, plan),
        not_recorded=known.source.not_recorded.named(),
    )


def check_plan(known: KnownTables, plan: ExperimentPlan) -> None:
    """Refuse a plan that cannot be made, by cheap queries, before anything long starts."""
    _refuse_nobody(eligible_people(known, plan).flow, known)
    _refuse_no_past(_texted(known, plan).count().execute(), plan)


def with_columns(known: KnownTables, people: ir.Table, columns: tuple[str, ...]) -> ir.Table:
    """Adds columns of the state that was known at the people's moment, `at`; of patients, household_id."""
    for column in columns:
        if column == "household_id":
            homes = known.table("patients").select(who="patient_id", household_id="household_id")
            joined = people.left_join(homes, people["patient_id"] == homes["who"])
            people = joined.select(*people.columns, "household_id")
        else:
            people = known.with_state(people, "at", column)
    return people


def _with_arrival(known: KnownTables, people: ir.Table, plan: ExperimentPlan) -> ir.Table:
    """Adds arrived: whether the person was not yet there, or in no phase asked for, some weeks before."""
    before = known.moment - timedelta(weeks=plan.arrival_weeks)
    patients = known.table("patients").select(who="patient_id", enrolled="enrolled_at")
    joined = people.left_join(patients, people["patient_id"] == patients["who"])
    joined = joined.select(
        "patient_id",
        "at",
        there=joined["enrolled"] < ibis.literal(before),
        before=ibis.literal(before),
    )
    phased = with_phase(known, joined, plan, "before", "was_in_phase")
    return phased.select(
        "patient_id", "at", arrived=~(phased["there"].fill_null(True) & phased["was_in_phase"])
    )


def _segments(known: KnownTables, people: ir.Table, plan: ExperimentPlan) -> tuple[Segment, ...]:
    if plan.segment_by is None or plan.segment_by == "stratum":
        return ()
    grouped = known.with_state(people, "at", plan.segment_by)
    grouped = grouped.mutate(label=grouped[plan.segment_by].fill_null(NOT_RECORDED))
    cells = grouped.group_by("label").agg(
        people=grouped.count(), arrived=grouped["arrived"].cast("int64").sum()
    )
    rows = cells.order_by("label").execute().itertuples()
    return tuple(Segment(str(row.label), int(row.people), int(row.arrived)) for row in rows)


def _clusters(known: KnownTables, people: ir.Table, plan: ExperimentPlan) -> Clusters | None:
    if plan.cluster_by is None:
        return None
    rows = with_columns(known, people.select("patient_id", "at"), (plan.cluster_by,))
    # Who is in no known cluster is one of their own.
    rows = rows.mutate(cluster=rows[plan.cluster_by].fill_null(rows["patient_id"]))
    sizes = rows.group_by("cluster").agg(size=rows.count())
    found = sizes.agg(number=sizes.count(), squares=(sizes["size"] * sizes["size"]).sum()).execute().iloc[0]
    return Clusters(int(found["number"]), int(found["squares"]))


def _past(known: KnownTables, plan: ExperimentPlan) -> tuple[int, int, int]:
    """People texted, and those among them who booked, and who withdrew, within the window."""
    people = _texted(known, plan).cache()
    booked, out = _bookings(known, people, plan), _withdrawals(known, people, plan)
    joined = people.left_join(booked, people["patient_id"] == booked["booker"])
    joined = joined.left_join(out, joined["patient_id"] == out["withdrawer"])
    counts = joined.agg(
        texted=joined.count(), booked=joined["booker"].count(), opted_out=joined["withdrawer"].count()
    )
    found = counts.execute().iloc[0]
    return int(found["texted"]), int(found["booked"]), int(found["opted_out"])


def _texted(known: KnownTables, plan: ExperimentPlan) -> ir.Table:
    """People of the cohort who had a text of the kind with consent, one row each: the first whose window has closed."""
    wait = timedelta(days=plan.window_days + plan.recording_lag_days)
    until = known.moment - wait
    texts = sent_texts(known)
    texts = texts.filter(
        texts["kind"] == plan.message_kind,
        texts["sent_at"] >= ibis.literal(until - timedelta(days=plan.lookback_days)),
        texts["sent_at"] <= ibis.literal(until),
    )
    first = texts.group_by("patient_id").agg(sent_at=texts["sent_at"].min())
    # Of those who may not be studied none is counted: age is the cohort's, consent that of the text's own moment.
    studied = known.studied(first, "texted").rows
    agreed = known.with_consent(studied, "sent_at", plan.consent_purpose)
    agreed = with_phase(known, agreed.filter(agreed["consented"]), plan, "sent_at", "in_phase")
    return agreed.filter(agreed["in_phase"]).select("patient_id", "sent_at")


def _bookings(known: KnownTables, people: ir.Table, plan: ExperimentPlan) -> ir.Table:
    def in_window(appointments: ir.Table) -> ir.Table:
        made = people.join(appointments, "patient_id")
        return made.filter(_inside(made["booked_at"], made["sent_at"], plan))

    made = known.matching("appointments", ("patient_id", "booked_at"), in_window)
    return made.select(booker="patient_id").distinct()


def _withdrawals(known: KnownTables, people: ir.Table, plan: ExperimentPlan) -> ir.Table:
    changes = known.consent_changes(plan.consent_purpose)
    out = people.join(
        changes.filter(changes["status"] == "opt_out").select("patient_id", "changed_at"), "patient_id"
    )
    return (
        out.filter(_inside(out["changed_at"], out["sent_at"], plan)).select(withdrawer="patient_id").distinct()
    )


def _inside(moment: ir.TimestampValue, sent_at: ir.TimestampValue, plan: ExperimentPlan) -> ir.BooleanValue:
    return (moment > sent_at) & (moment <= sent_at + ibis.interval(days=plan.window_days))


def _refuse_nobody(flow: tuple[Step, ...], known: KnownTables) -> None:
    emptied = emptied_by(flow)
    if emptied is not None:
        what = f'nobody could take part as of {known.as_of}: nobody is left at the step "{emptied}".'
        raise Refused(Fault("plan", what, "Correct the parameters or the data."))


def _refuse_no_past(texted: int, plan: ExperimentPlan) -> None:
    if texted == 0 and (plan.base_rate is None or plan.guardrail_rate is None):
        what = f"no {plan.message_kind} text of the time looked back to tells a base rate."
        raise Refused(Fault("plan", what, "Give base_rate and guardrail_rate, or another message_kind."))
