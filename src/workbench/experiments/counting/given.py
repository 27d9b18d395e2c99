"""An experiment's counts from numbers that are given, without tables behind them: of a plan, of a published table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.experiments.counting.before import NO_STRATA
from workbench.experiments.counting.cells import CELL_COLUMNS, ordered
from workbench.experiments.counting.counts import NO_CLUSTERS, NO_WEEKS, Disturbances, ExperimentCounts
from workbench.experiments.counting.units import NO_UNITS
from workbench.experiments.parameters import ABTest
from workbench.tables.cohort import Step


@dataclass(frozen=True)
class GivenArm:
    """An arm's people, those whose windows have closed, and how many of these had each event, by the metric's name.

    `days` says on which days the events of the primary came, and `segments` in which segments its people and events
    are, as (people, events); where they are not given, events come on day 0, and there are no segments.
    """

    enrolled: int
    closed: int
    events: Mapping[str, int]
    days: Mapping[int, int] = field(default_factory=dict)
    segments: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def given_counts(
    settings: ABTest, arms: Mapping[str, GivenArm], shares: Mapping[str, float] | None = None
) -> ExperimentCounts:
    """Counts of an experiment in one epoch, of metrics that are events.

    Args:
        settings: the parameters; events are those of its metrics, each of which every arm must give.
        arms: each arm's numbers, the control first.
        shares: each arm's designed share; equal ones unless given.
    """
    shares = shares or dict.fromkeys(arms, 1 / len(arms))
    rows = [row for arm, given in arms.items() for row in _rows(arm, given, settings)]
    allocation = [(0, arm, given.enrolled, shares[arm], np.nan) for arm, given in arms.items()]
    return ExperimentCounts(
        control=settings.control,
        primary=settings.primary,
        shares=shares,
        cells=ordered(pd.DataFrame(rows, columns=[*CELL_COLUMNS, "people"]), CELL_COLUMNS),
        allocation=pd.DataFrame(allocation, columns=["epoch", "arm", "people", "share", "triggered"]),
        flow=(Step("assigned", sum(given.enrolled for given in arms.values())),),
        weekly=NO_WEEKS,
        clusters=NO_CLUSTERS,
        units=NO_UNITS,
        strata=NO_STRATA,
        in_two_arms=0,
        disturbances=Disturbances(),
        through=None,
        shares_vary=False,
        not_recorded={},
        data_until=None,
    )


def _rows(arm: str, given: GivenArm, settings: ABTest) -> Iterable[tuple[object, ...]]:
    for metric in settings.metrics:
        window, events = metric.window_days, given.events[metric.name]
        own = metric is settings.primary
        whole: list[tuple[str | None, tuple[int, int]]] = [(None, (given.closed, events))]
        told = list(given.segments.items()) if own else []
        for segment, (people, having) in told or whole:
            days = given.days if own and given.days else {0: having}
            for day, on_day in days.items():
                yield metric.name, arm, segment, 0, window, float(day), np.nan, on_day
            yield metric.name, arm, segment, 0, window, np.nan, np.nan, people - having
        yield metric.name, arm, None, 0, 0, np.nan, np.nan, given.enrolled - given.closed
