"""An experiment in counts: a frozen view over the cells that its one pass gives. Counts, never rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.experiments.counting.before import covariate_cells, with_covariate
from workbench.experiments.counting.cells import arm_cells, cluster_cells, enrollment_cells, metric_cells
from workbench.experiments.counting.disturbances import tells_texts, with_disturbances
from workbench.experiments.counting.epochs import epochs_of
from workbench.experiments.counting.happened import BOOKED, THROUGH, with_metrics, with_stops
from workbench.experiments.counting.kept_groups import kept_groups
from workbench.experiments.counting.needs import MOST_NAMED, factor_faults, metric_faults
from workbench.experiments.counting.people import (
    first_assignments,
    studied_people,
    untimed,
    with_epoch,
    with_segment,
)
from workbench.experiments.counting.units import NO_UNITS, randomized_units
from workbench.experiments.metrics import Metric
from workbench.experiments.parameters import ABTest
from workbench.refusal import Fault, Refused, nearest
from workbench.tables.cohort import Step, Studied, emptied_by
from workbench.tables.exact_sum import exact_sum
from workbench.tables.kept_groups import KeptGroups
from workbench.tables.known import KnownTables

NO_WEEKS = pd.DataFrame({"week": [], "arm": [], "enrolled": [], "closed": [], "events": []})
NO_CLUSTERS = pd.DataFrame({"arm": [], "size": [], "events": [], "clusters": []})


@dataclass(frozen=True)
class ArmOutcome:
    """An arm's people and what they did: `enrolled` in the cohort, `closed` those whose window has closed."""

    arm: str
    share: float
    enrolled: int
    closed: int
    events: int


@dataclass(frozen=True)
class ArmMetric:
    """A metric in one arm, of the people whose window has closed.

    `people` counts them; `told` those with a value (an event, an answer, a day); `total` is the sum of their values,
    `squares` that of the squares, and `of` that of what a ratio is divided by.
    """

    arm: str
    people: int
    told: int
    total: float
    squares: float
    of: float


@dataclass(frozen=True)
class Enrollment:
    """People enrolled in the cohort in the week that starts on a day, and how many of their windows are closed."""

    week: date
    enrolled: int
    closed: int


@dataclass(frozen=True)
class Disturbances:
    """People of the cohort for whom the estimand may not hold; None where the source does not tell.

    `overlapping` were assigned in another experiment about the same time; `in_shared_clusters` share a cluster with
    others of their arm; `texted_before` got a text of the campaign before they were assigned.
    """

    overlapping: int | None = None
    in_shared_clusters: int | None = None
    texted_before: int | None = None


@dataclass(frozen=True)
class ExperimentCounts:
    """All an A/B analysis knows of its data: counts.

    Attributes:
        control: the arm that the others are compared with.
        primary: the metric that the verdict is about.
        shares: each arm's designed share, the control first; also of an arm of which nobody is in the cohort.
        cells: every metric as a histogram of people; see `metric_cells`.
        allocation: one row per epoch and arm with people, share (as designed), and triggered: those whom the campaign
            sent a text, NaN where the source does not tell.
        flow: of the cohort.
        weekly: people enrolled by week and arm, with columns week, arm, enrolled, closed, events; empty without times.
        clusters: how many clusters there are, by arm, size and events; empty where an arm's people share none.
        units: clusters by epoch and arm, where these were randomized and not people; see `randomized_units`.
        strata: people and events of the primary by arm and stratum of the covariate, of closed windows; empty where
            none is asked for.
        in_two_arms: people of the cohort who were assigned to more than one arm.
        disturbances: how many people the estimand may not hold for.
        through: bookings made, and those made through a text, by arm; None where the source does not tell.
        shares_vary: whether the arms' chances varied within an epoch, so that no epoch has one allocation.
        not_recorded: what the source does not record, each with its sentence.
        data_until: the newest moment at which anything of this became known; None where the source records no time.
        groups: the kept segments that the effect is told apart by; None where it is told apart by something else.
    """

    control: str
    primary: Metric
    shares: Mapping[str, float]
    cells: pd.DataFrame
    allocation: pd.DataFrame
    flow: tuple[Step, ...]
    weekly: pd.DataFrame
    clusters: pd.DataFrame
    units: pd.DataFrame
    strata: pd.DataFrame
    in_two_arms: int
    disturbances: Disturbances
    through: pd.DataFrame | None
    shares_vary: bool
    not_recorded: Mapping[str, str]
    data_until: datetime | None
    groups: KeptGroups | None = None

    @cached_property
    def arms(self) -> tuple[ArmOutcome, ...]:
        """Every arm in the primary outcome, the control first."""
        told = {found.arm: found for found in self.measured(self.primary)}
        enrolled = self._of(self.primary).groupby("arm")["people"].sum()
        return tuple(
            ArmOutcome(arm, share, int(enrolled.get(arm, 0)), told[arm].people, told[arm].told)
            for arm, share in self.shares.items()
        )

    def measured(self, metric: Metric) -> tuple[ArmMetric, ...]:
        """A metric in every arm, of the people whose window has closed, the control first."""
        return self._measured(self.closed(metric))

    def measured_by_epoch(self, metric: Metric) -> tuple[tuple[ArmMetric, ...], ...]:
        """The same for every epoch of one allocation in which somebody's window has closed, in the order of time."""
        return tuple(self._measured(cells) for _, cells in self.closed(metric).groupby("epoch"))

    def _measured(self, cells: pd.DataFrame) -> tuple[ArmMetric, ...]:
        people, value = cells["people"], cells["value"]
        sums = pd.DataFrame(
            {
                "people": people,
                "told": people.where(value.notna(), 0),
                "total": (people * value).fillna(0.0),
                "squares": (people * value**2).fillna(0.0),
                "of": (people * cells["of"]).fillna(0.0),
            }
        )
        summed = sums.groupby(cells["arm"]).sum().reindex(list(self.shares), fill_value=0)
        return tuple(
            ArmMetric(
                str(arm), int(row.people), int(row.told), float(row.total), float(row.squares), float(row.of)
            )
            for arm, row in zip(summed.index, summed.itertuples(index=False), strict=True)
        )

    def closed(self, metric: Metric) -> pd.DataFrame:
        """The cells of a metric that hold people whose window has closed."""
        cells = self._of(metric)
        return cells[cells["followed"] == metric.window_days]

    @cached_property
    def enrollment(self) -> tuple[Enrollment, ...]:
        """People enrolled by week, all arms together."""
        return tuple(
            Enrollment(week, int(arms["enrolled"].sum()), int(arms["closed"].sum()))
            for week, arms in self.weekly.groupby("week")
        )

    @cached_property
    def segments(self) -> pd.DataFrame:
        """People and events of the primary by segment and arm, of closed windows; empty where none are asked for."""
        closed = self.closed(self.primary).dropna(subset="segment")
        counted = closed.assign(events=closed["people"].where(closed["value"].notna(), 0))
        return counted.groupby(["segment", "arm"], as_index=False)[["people", "events"]].sum()

    @cached_property
    def delays(self) -> pd.DataFrame:
        """Events of the primary by arm and whole day since assignment, of closed windows; empty without times."""
        closed = self.closed(self.primary).dropna(subset="value")
        booked = closed.astype({"value": "int64"}).rename(columns={"value": "day", "people": "events"})
        days = booked.groupby(["arm", "day"], as_index=False)[["events"]].sum()
        return days if self.data_until is not None else days.iloc[:0]

    @property
    def maturity(self) -> float:
        """Share of the enrolled whose window has closed."""
        enrolled = sum(arm.enrolled for arm in self.arms)
        return sum(arm.closed for arm in self.arms) / enrolled if enrolled else 0.0

    def _of(self, metric: Metric) -> pd.DataFrame:
        return self.cells[self.cells["metric"] == metric.name]


def count_experiment(known: KnownTables, settings: ABTest) -> ExperimentCounts:
    """Count the experiment as of `known.as_of`.

    Raises:
        Refused: no such experiment, one arm, an unknown control, nobody left in the cohort, or a metric that the
            source cannot tell of.
    """
    arms, studied = _arms_and_people(known, settings)
    groups = kept_groups(known, first_assignments(known, settings), settings)
    _refuse_empty(studied.flow, known, settings)
    people = _told_people(known, studied.rows.filter(studied.rows["enrolled"]), settings)
    allocated = arm_cells(people)
    by_arm = allocated.groupby("arm")
    shared = int(allocated["in_shared_cluster"].sum())
    return ExperimentCounts(
        control=settings.control,
        primary=settings.primary,
        shares=_shares(allocated, arms, settings),
        cells=metric_cells(people, settings),
        allocation=_allocation(allocated, known),
        flow=studied.flow,
        weekly=NO_WEEKS if untimed(known) else enrollment_cells(people, settings),
        clusters=cluster_cells(people, settings) if shared else NO_CLUSTERS,
        units=randomized_units(people) if shared else NO_UNITS,
        strata=covariate_cells(people, settings),
        in_two_arms=int(allocated["in_two_arms"].sum()),
        disturbances=Disturbances(
            overlapping=int(allocated["overlapping"].sum()),
            in_shared_clusters=shared if known.has("assignments", "cluster_id") else None,
            texted_before=int(allocated["texted_before"].sum()) if tells_texts(known) else None,
        ),
        through=by_arm[[BOOKED, THROUGH]].sum().reset_index() if THROUGH in allocated else None,
        shares_vary=bool((allocated["highest"] - allocated["lowest"]).max() > 1e-9),
        not_recorded=known.source.not_recorded.named(),
        data_until=None if untimed(known) else _data_until(known),
        groups=groups,
    )


def check_experiment(known: KnownTables, settings: ABTest) -> None:
    """Refuse an experiment that cannot be analyzed, by cheap queries, before anything long starts."""
    assigned = first_assignments(known, settings)
    _arms_assigned(known, assigned, settings)
    kept_groups(known, assigned, settings)
    _refuse_empty(studied_people(known, assigned, settings).flow, known, settings)


def _arms_and_people(known: KnownTables, settings: ABTest) -> tuple[dict[str, float], Studied]:
    """The arms with their shares, and who of the people assigned may be studied."""
    # Kept inside the engine, so that what follows shares one pass over the table; until all of it has been read.
    assigned = first_assignments(known, settings).cache()
    arms = _arms_assigned(known, assigned, settings)
    return arms, studied_people(known, with_epoch(assigned, epochs_of(assigned)), settings)


def _told_people(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """The cohort with segment, metrics and disturbances, kept inside the engine for the queries that count it."""
    people = with_covariate(known, with_segment(known, people, settings), settings)
    people = with_stops(known, people, settings)
    told = with_metrics(known, people, settings)
    told = with_disturbances(known, told, people, settings)
    # Whom the rows are of is asked no more, unless people are counted by cluster.
    spent = {"recorded_epoch", "stratum", "assigned_at", "stops_at"}
    if not known.has("assignments", "cluster_id"):
        spent |= {"patient_id", "cluster_id"}
    return told.select(*(name for name in told.columns if name not in spent)).cache()


def _arms_assigned(known: KnownTables, assigned: ir.Table, settings: ABTest) -> dict[str, float]:
    """The arms that anybody was assigned to, with their shares; refuses what is no experiment of arms."""
    where = f"experiment {settings.experiment}"
    faults = tuple(metric_faults(known, settings))
    if faults:
        raise Refused(*faults)
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
    factors = tuple(factor_faults(arms, settings))
    if factors:
        raise Refused(*factors)
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


def _shares(allocated: pd.DataFrame, assigned: Mapping[str, float], settings: ABTest) -> dict[str, float]:
    """The designed share of every arm somebody was assigned to, also one of which nobody is left in the cohort."""
    sums = allocated.groupby("arm")[["probability", "people"]].sum()
    shares = {
        arm: float(sums.at[arm, "probability"] / sums.at[arm, "people"]) if arm in sums.index else share
        for arm, share in assigned.items()
    }
    order = sorted(shares, key=lambda arm: (arm != settings.control, arm))
    return {arm: shares[arm] for arm in order}


def _allocation(allocated: pd.DataFrame, known: KnownTables) -> pd.DataFrame:
    triggered = allocated["triggered"].astype("float64") if tells_texts(known) else float("nan")
    share = allocated["probability"] / allocated["people"]
    return allocated[["epoch", "arm", "people"]].assign(share=share, triggered=triggered)


def _data_until(known: KnownTables) -> datetime | None:
    """The newest moment at which anything the study reads became known, before as_of."""
    appointments = known.versions("appointments")
    # Of every version: which is the newest need not be known, and none is known before it was written down.
    booked = appointments.select(at=ibis.least(appointments["booked_at"], appointments["known_at"]))
    newest = known.table("assignments").select(at="assigned_at").union(booked)["at"].max().execute()
    return None if pd.isna(newest) else pd.Timestamp(newest).to_pydatetime()
