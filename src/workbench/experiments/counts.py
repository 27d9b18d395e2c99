"""An experiment in counts: cohort flow, arms, segments, delays. What comes back into memory is counts, never rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import ibis
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
    # Kept inside the engine, so that what follows shares one pass over the table.
    assigned = first_assignments(known, settings).cache()
    arms = _arms_assigned(known, assigned, settings)
    studied = studied_people(known, assigned, settings)
    _refuse_empty(studied.flow, known, settings)
    cohort = _cells(with_what_they_did(known, studied.rows.filter(studied.rows["enrolled"]), settings))
    closed = cohort[cohort["closed"]]
    by_arm = cohort.groupby("arm")
    return ExperimentCounts(
        control=settings.control,
        arms=_arms(cohort, arms, settings),
        flow=studied.flow,
        enrollment=() if untimed(known) else _enrollment(cohort),
        segments=_segments(closed, settings),
        delays=_NO_DELAYS if untimed(known) else _delays(closed),
        in_two_arms=_having("in_two_arms", cohort),
        shares_vary=bool((by_arm["highest"].max() - by_arm["lowest"].min()).max() > 1e-9),
        not_recorded=known.source.not_recorded.named(),
        data_until=None if untimed(known) else _data_until(known),
    )


def check_experiment(known: KnownTables, settings: ABTest) -> None:
    """Refuse an experiment that cannot be analyzed, by cheap queries, before anything long starts."""
    assigned = first_assignments(known, settings)
    _arms_assigned(known, assigned, settings)
    _refuse_empty(studied_people(known, assigned, settings).flow, known, settings)


_KINDS = ("arm", "closed", "week", "segment", "delay", "event", "guardrail", "in_two_arms")
_NO_DELAYS = pd.DataFrame({"arm": [], "day": [], "events": []})
_NO_SEGMENTS = pd.DataFrame({"segment": [], "arm": [], "people": [], "events": []})


def _arms_assigned(known: KnownTables, assigned: ir.Table, settings: ABTest) -> dict[str, float]:
    """The arms that anybody was assigned to, with their shares; refuses what is no experiment of arms."""
    where = f"experiment {settings.experiment}"
    if untimed(known) and settings.guardrail is not None:
        # Without times no opt-out lies inside a window, and none would look like safety.
        what = "the source records no time, so that nobody can tell who opted out within the window."
        raise Refused(Fault(f"{where}, guardrail", what, "Set guardrail to null."))
    share = exact_sum(assigned["probability"], 15) / assigned.count()
    found = assigned.group_by("arm").agg(share=share).order_by("arm").execute()
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


def _cells(people: ir.Table) -> pd.DataFrame:
    """How many people there are of each kind, and their probabilities of assignment: all that leaves the engine.

    Columns: those of `_KINDS`, people, probability (the sum), lowest, highest; rows in one order.
    """
    people = people.mutate(week=people["assigned_at"].truncate("W").date())
    cells = people.group_by(_KINDS).agg(
        people=people.count(),
        probability=exact_sum(people["probability"], 15),
        lowest=people["probability"].min(),
        highest=people["probability"].max(),
    )
    return cells.order_by(_KINDS).execute()


def _arms(cohort: pd.DataFrame, shares: Mapping[str, float], settings: ABTest) -> tuple[ArmOutcome, ...]:
    """Every arm somebody was assigned to, also one of which nobody is left in the cohort."""
    guarded = settings.guardrail is not None
    arms = []
    for arm, share in shares.items():
        enrolled = cohort[cohort["arm"] == arm]
        closed = enrolled[enrolled["closed"]]
        people = int(enrolled["people"].sum())
        arms.append(
            ArmOutcome(
                arm=arm,
                share=float(enrolled["probability"].sum()) / people if people else share,
                enrolled=people,
                closed=int(closed["people"].sum()),
                events=_having("event", closed),
                guardrail_events=_having("guardrail", closed) if guarded else None,
            )
        )
    return tuple(sorted(arms, key=lambda arm: (arm.arm != settings.control, arm.arm)))


def _having(what: str, cells: pd.DataFrame) -> int:
    """How many people did something, or had something done to them."""
    return int(cells.loc[cells[what].astype(bool), "people"].sum())


def _segments(closed: pd.DataFrame, settings: ABTest) -> pd.DataFrame:
    if settings.segment_by is None:
        return _NO_SEGMENTS
    known = closed.assign(
        segment=closed["segment"].fillna("not recorded"), events=closed["people"].where(closed["event"], 0)
    )
    return known.groupby(["segment", "arm"], as_index=False)[["people", "events"]].sum()


def _delays(closed: pd.DataFrame) -> pd.DataFrame:
    booked = (
        closed[closed["event"]].astype({"delay": "int64"}).rename(columns={"delay": "day", "people": "events"})
    )
    return booked.groupby(["arm", "day"], as_index=False)[["events"]].sum()


def _enrollment(cohort: pd.DataFrame) -> tuple[Enrollment, ...]:
    return tuple(
        Enrollment(pd.Timestamp(week).date(), int(enrolled["people"].sum()), _having("closed", enrolled))
        for week, enrolled in cohort.groupby("week")
    )


def _data_until(known: KnownTables) -> datetime | None:
    """The newest moment at which anything the study reads became known, before as_of."""
    appointments = known.versions("appointments")
    # Of every version: which is the newest need not be known, and none is known before it was written down.
    booked = appointments.select(at=ibis.least(appointments["booked_at"], appointments["known_at"]))
    newest = known.table("assignments").select(at="assigned_at").union(booked)["at"].max().execute()
    return None if pd.isna(newest) else pd.Timestamp(newest).to_pydatetime()
