"""An experiment in counts: cohort flow, arms, segments, delays. What comes back into memory is counts, never rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import ibis.expr.types as ir
import pandas as pd

from workbench.experiments.parameters import ABTest
from workbench.experiments.people import (
    first_assignments,
    studied_people,
    untimed,
    with_what_they_did,
)
from workbench.refusal import Fault, Refused, nearest
from workbench.tables.cohort import Step, emptied_by
from workbench.tables.exact_sum import exact_sum
from workbench.tables.known import KnownTables

# A message names no more experiments than these; a source may have mapped something else there by mistake.
MOST_NAMED = 12


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
    experiment; `in_two_arms` counts people of the cohort assigned to more than one arm;
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
    arms = _arms_assigned(known, assigned, settings)
    studied = studied_people(known, assigned, settings)
    _refuse_empty(studied.flow, known, settings)
    enrolled = studied.rows.filter(studied.rows["enrolled"])
    # Kept inside the engine, so that the counts below share one pass over the tables.
    cohort = with_what_they_did(known, enrolled, settings).cache()
    closed = cohort.filter(cohort["closed"])
    shares = cohort.group_by("arm").agg(low=cohort["probability"].min(), high=cohort["probability"].max())
    spread = shares.mutate(gap=shares["high"] - shares["low"])["gap"].max().execute()
    return ExperimentCounts(
        control=settings.control,
        arms=_arms(cohort, arms, settings),
        flow=studied.flow,
        enrollment=() if untimed(known) else _enrollment(cohort),
        segments=_segments(closed, settings),
        delays=_NO_DELAYS if untimed(known) else _delays(closed),
        in_two_arms=int(cohort["in_two_arms"].cast("int64").sum().execute()),
        shares_vary=bool(spread > 1e-9),
        not_recorded=known.source.not_recorded.named(),
        data_until=None if untimed(known) else _data_until(known),
    )


def check_experiment(known: KnownTables, settings: ABTest) -> None:
    """Refuse an experiment that cannot be analyzed, by cheap queries, before anything long starts."""
    assigned = first_assignments(known, settings)
    _arms_assigned(known, assigned, settings)
    _refuse_empty(studied_people(known, assigned, settings).flow, known, settings)


_NO_DELAYS = pd.DataFrame({"arm": [], "day": [], "events": []})
_NO_SEGMENTS = pd.DataFrame({"segment": [], "arm": [], "people": [], "events": []})


def _arms_assigned(known: KnownTables, assigned: ir.Table, settings: ABTest) -> dict[str, float]:
    """The arms that anybody was assigned to, with their shares; refuses what is no experiment of arms."""
    where = f"experiment {settings.experiment}"
    if untimed(known) and settings.guardrail is not None:
        # Without times no opt-out lies inside a window, and none would look like safety.
        what = "the source records no time, so that nobody can tell who opted out within the window."
        raise Refused(Fault(f"{where}, guardrail", what, "Set guardrail to null."))
    found = assigned.group_by("arm").agg(share=_mean(assigned["probability"])).order_by("arm").execute()
    arms = list(found["arm"])
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
    return dict(zip(arms, found["share"], strict=True))


def _refuse_empty(flow: Sequence[Step], known: KnownTables, settings: ABTest) -> None:
    # Nobody with a closed window yet is no empty cohort: it is too early to say.
    emptied = emptied_by(flow[:-1])
    if emptied is not None:
        raise Refused(
            Fault(
                f"experiment {settings.experiment}",
                f'its cohort is empty as of {known.as_of}: nobody is left at the step "{emptied}".',
                "Correct the parameters or the data, or wait until people are enrolled.",
            )
        )


def _arms(cohort: ir.Table, shares: Mapping[str, float], settings: ABTest) -> tuple[ArmOutcome, ...]:
    """Every arm somebody was assigned to, also one of which nobody is left in the cohort."""
    closed = cohort["closed"]
    rows = (
        cohort.group_by("arm")
        .agg(
            share=_mean(cohort["probability"]),
            enrolled=cohort.count(),
            closed=closed.cast("int64").sum(),
            events=(closed & cohort["event"]).cast("int64").sum(),
            guardrail=(closed & cohort["guardrail"]).cast("int64").sum(),
        )
        .execute()
    )
    guarded = settings.guardrail is not None
    nobody = {arm: ArmOutcome(arm, share, 0, 0, 0, 0 if guarded else None) for arm, share in shares.items()}
    found = {
        row.arm: ArmOutcome(
            arm=row.arm,
            share=float(row.share),
            enrolled=int(row.enrolled),
            closed=int(row.closed),
            events=int(row.events),
            guardrail_events=int(row.guardrail) if guarded else None,
        )
        for row in rows.itertuples()
    }
    return tuple(sorted((nobody | found).values(), key=lambda arm: (arm.arm != settings.control, arm.arm)))


def _mean(probability: ir.FloatingColumn) -> ir.FloatingScalar:
    return exact_sum(probability, 15) / probability.count()


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
