"""An experiment in counts: cohort flow, arms, segments, delays. What comes back into memory is counts, never rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import ibis.expr.types as ir
import pandas as pd

from workbench.experiments.parameters import ABTest
from workbench.experiments.people import eligible_people, experiment_people, first_assignments, untimed
from workbench.refusal import Fault, Refused, nearest
from workbench.tables.known import KnownTables

CLOSED = "whose window has closed"
# A message names no more experiments than these; a source may have mapped something else there by mistake.
MOST_NAMED = 12


@dataclass(frozen=True)
class Step:
    """One step of the cohort flow and how many people are left after it."""

    label: str
    people: int


@dataclass(frozen=True)
class ArmOutcome:
    """An arm's people and what they did: `enrolled` in the cohort, `closed` those whose window has closed."""

    arm: str
    share: float
    enrolled: int
    closed: int
    events: int
    guardrail_events: int | None


@dataclass(frozen=True)
class Enrollment:
    """People enrolled in the cohort in the week that starts on a day, and how many of their windows are closed."""

    week: date
    enrolled: int
    closed: int


@dataclass(frozen=True)
class ExperimentCounts:
    """All an A/B analysis knows of its data: counts.

    `segments` has one row per segment and arm with columns segment, arm, people, events (closed windows alone);
    `delays` one row per arm and whole day since assignment with columns arm, day, events; both empty where they
    are not asked for or not recorded. `shares_vary` says that the arms' probabilities changed within the
    experiment; `in_two_arms` counts people assigned to more than one arm;
    `not_recorded` is what the source does not record, each with its sentence.
    """

    control: str
    arms: tuple[ArmOutcome, ...]
    flow: tuple[Step, ...]
    enrollment: tuple[Enrollment, ...]
    segments: pd.DataFrame
    delays: pd.DataFrame
    in_two_arms: int
    shares_vary: bool
    not_recorded: Mapping[str, str]
    data_until: datetime | None

    @property
    def maturity(self) -> float:
        """Share of the enrolled whose window has closed."""
        enrolled = sum(arm.enrolled for arm in self.arms)
        return sum(arm.closed for arm in self.arms) / enrolled if enrolled else 0.0


def needed_columns(settings: ABTest, recorded: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Tables and columns an A/B analysis reads.

    Args:
        settings: the parameters.
        recorded: whether the source records "consent", "age" and "time".
    """
    timed = recorded["time"]
    needed: dict[str, tuple[str, ...]] = {
        "assignments": (
            "experiment_id",
            "patient_id",
            "arm",
            "probability",
            *(("assigned_at",) if timed else ()),
        ),
        "appointments": ("appointment_id", "patient_id", *(("booked_at",) if timed else ())),
    }
    if recorded["age"]:
        needed["patients"] = ("patient_id", "birth_year")
    if recorded["consent"] or settings.guardrail == "opt_out":
        needed["consents"] = ("patient_id", "channel", "purpose", "scope", "status", "changed_at")
    if settings.segment_by == "stratum":
        needed["assignments"] = (*needed["assignments"], "stratum")
    elif settings.segment_by:
        needed["patient_states"] = ("patient_id", settings.segment_by, "valid_from", "known_at")
    return needed


def count_experiment(known: KnownTables, settings: ABTest) -> ExperimentCounts:
    """Count the experiment as of `known.as_of`.

    Raises:
        Refused: no such experiment, one arm, an unknown control, nobody left in the cohort, or a guardrail that
            cannot be told without time.
    """
    assigned = first_assignments(known, settings)
    _refuse_unusable(known, assigned, settings)
    # Kept inside the engine, so that the counts below share one pass over the tables.
    people = experiment_people(known, assigned, settings).cache()
    flow = _flow(people, known, settings)
    _refuse_empty(flow, known, settings)
    in_cohort = people["enrolled"] & people["of_age"] & people["consented"]
    cohort = people.filter(in_cohort)
    closed = cohort.filter(cohort["closed"])
    shares = people.group_by("arm").agg(low=people["probability"].min(), high=people["probability"].max())
    spread = shares.mutate(gap=shares["high"] - shares["low"])["gap"].max().execute()
    return ExperimentCounts(
        control=settings.control,
        arms=_arms(people, in_cohort, settings),
        flow=flow,
        enrollment=() if untimed(known) else _enrollment(cohort),
        segments=_segments(closed, settings),
        delays=_NO_DELAYS if untimed(known) else _delays(closed),
        in_two_arms=int(people["in_two_arms"].cast("int64").sum().execute()),
        shares_vary=bool(spread > 1e-9),
        not_recorded=known.source.not_recorded.named(),
        data_until=None if untimed(known) else _data_until(known),
    )


def check_experiment(known: KnownTables, settings: ABTest) -> None:
    """Refuse an experiment that cannot be analyzed, by cheap queries, before anything long starts."""
    assigned = first_assignments(known, settings)
    _refuse_unusable(known, assigned, settings)
    _refuse_empty(_flow(eligible_people(known, assigned, settings), known, settings), known, settings)


_NO_DELAYS = pd.DataFrame({"arm": [], "day": [], "events": []})
_NO_SEGMENTS = pd.DataFrame({"segment": [], "arm": [], "people": [], "events": []})


def _refuse_unusable(known: KnownTables, assigned: ir.Table, settings: ABTest) -> None:
    where = f"experiment {settings.experiment}"
    if untimed(known) and settings.guardrail is not None:
        # Without times no opt-out lies inside a window, and none would look like safety.
        what = "the source records no time, so that nobody can tell who opted out within the window."
        raise Refused(Fault(f"{where}, guardrail", what, "Set guardrail to null."))
    arms = sorted(assigned["arm"].name("arm").as_table().distinct().execute()["arm"])
    if not arms:
        ids = known.table("assignments")[["experiment_id"]].distinct().execute()["experiment_id"]
        names = sorted(ids)
        what = f"nobody had been assigned to it by {known.as_of}.{nearest(settings.experiment, names)}"
        told = ", ".join(names[:MOST_NAMED]) or "none"
        more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
        raise Refused(Fault(where, what, f"Experiments known by then: {told}{more}."))
    if len(arms) == 1:
        raise Refused(
            Fault(
                where,
                f'it has one arm, "{arms[0]}".',
                "An analysis compares two arms or more; bring all of them.",
            )
        )
    if settings.control not in arms:
        what = f'its control "{settings.control}" is none of its arms.{nearest(settings.control, arms)}'
        raise Refused(Fault(where, what, f"Its arms: {', '.join(arms)}."))


def _refuse_empty(flow: Sequence[Step], known: KnownTables, settings: ABTest) -> None:
    # Nobody with a closed window yet is no empty cohort: it is too early to say.
    emptied = next((step for step in flow[:-1] if step.people == 0), None)
    if emptied is not None:
        raise Refused(
            Fault(
                f"experiment {settings.experiment}",
                f'its cohort is empty as of {known.as_of}: nobody is left at the step "{emptied.label}".',
                "Correct the parameters or the data, or wait until people are enrolled.",
            )
        )


def _flow(people: ir.Table, known: KnownTables, settings: ABTest) -> tuple[Step, ...]:
    missing = known.source.not_recorded.named()
    kept = people["patient_id"].notnull()
    steps = {"assigned": kept}
    if "time" not in missing:
        kept = kept & people["enrolled"]
        steps["enrolled by the planned end"] = kept
    if "age" not in missing and settings.minors != "include":
        kept = kept & people["of_age"]
        steps[{"exclude": "adults", "only": "minors"}[settings.minors]] = kept
    if "consent" not in missing:
        kept = kept & people["consented"]
        steps["with consent at assignment"] = kept
    steps[CLOSED] = kept & people["closed"]
    counts = people.agg(
        **{f"n{i}": kept.cast("int64").sum() for i, kept in enumerate(steps.values())}
    ).execute()
    return tuple(Step(label, int(counts[f"n{i}"].iloc[0] or 0)) for i, label in enumerate(steps))


def _arms(people: ir.Table, in_cohort: ir.BooleanValue, settings: ABTest) -> tuple[ArmOutcome, ...]:
    """Every arm somebody was assigned to, also one of which nobody is left in the cohort."""
    closed = in_cohort & people["closed"]
    rows = (
        people.group_by("arm")
        .agg(
            share=people["probability"].mean(),
            enrolled=in_cohort.cast("int64").sum(),
            closed=closed.cast("int64").sum(),
            events=(closed & people["event"]).cast("int64").sum(),
            guardrail=(closed & people["guardrail"]).cast("int64").sum(),
        )
        .order_by("arm")
        .execute()
    )
    guarded = settings.guardrail is not None
    arms = [
        ArmOutcome(
            arm=row.arm,
            share=float(row.share),
            enrolled=int(row.enrolled),
            closed=int(row.closed),
            events=int(row.events),
            guardrail_events=int(row.guardrail) if guarded else None,
        )
        for row in rows.itertuples()
    ]
    return tuple(sorted(arms, key=lambda arm: arm.arm != settings.control))


def _segments(closed: ir.Table, settings: ABTest) -> pd.DataFrame:
    if settings.segment_by is None:
        return _NO_SEGMENTS
    known = closed.mutate(segment=closed["segment"].fill_null("not recorded"))
    cells = known.group_by("segment", "arm").agg(
        people=known.count(), events=known["event"].cast("int64").sum()
    )
    return cells.order_by("segment", "arm").execute()


def _delays(closed: ir.Table) -> pd.DataFrame:
    booked = closed.filter(closed["event"]).rename(day="delay")
    return booked.group_by("arm", "day").agg(events=booked.count()).order_by("arm", "day").execute()


def _enrollment(cohort: ir.Table) -> tuple[Enrollment, ...]:
    weeks = cohort.mutate(week=cohort["assigned_at"].truncate("W").date())
    counted = weeks.group_by("week").agg(enrolled=weeks.count(), closed=weeks["closed"].cast("int64").sum())
    rows = counted.order_by("week").execute()
    return tuple(
        Enrollment(pd.Timestamp(row.week).date(), int(row.enrolled), int(row.closed))
        for row in rows.itertuples()
    )


def _data_until(known: KnownTables) -> datetime | None:
    """The newest moment at which anything the study reads became known, before as_of."""
    times = [
        known.table(table)[column].max().execute()
        for table, column in (("assignments", "assigned_at"), ("appointments", "booked_at"))
    ]
    found = [pd.Timestamp(moment).to_pydatetime() for moment in times if not pd.isna(moment)]
    return max(found) if found else None
