"""The models beside the verdict: an experiment's counts brought into each one's cells, and fitted.

They inform and do not decide. Counts in, a frozen posterior out; None where a model was not asked for, or where the
experiment has not what it models.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from workbench.experiments.counting.counts import ExperimentCounts
from workbench.experiments.late.cure import CureFit, fit_cure
from workbench.experiments.late.delays import Delays, delays_of_arms
from workbench.experiments.late.forecast import LateOutcomes
from workbench.experiments.models.clusters import ClusterCells, ClusterPosterior, fit_clusters
from workbench.experiments.models.covariate import StandardizedPosterior, fit_standardized
from workbench.experiments.models.factors import FactorCells, FactorPosterior, fit_factors
from workbench.experiments.models.segments import SegmentCells, SegmentPosterior, fit_segments
from workbench.experiments.parameters import ABTest
from workbench.experiments.structure import levels_of, places_of

Report = Callable[[str], None] | None


def by_segment(counts: ExperimentCounts, settings: ABTest, report: Report = None) -> SegmentPosterior | None:
    """Effects by segment, partially pooled; None where there are not two, or the allocation was changed.

    People are pooled over epochs in all of these models, and arms that differ in time would be taken for what works.
    """
    if allocation_changed(counts):
        return None
    cells = _by_stratum(counts.segments, "segment", list(counts.shares))
    return fit_segments(cells, seed=settings.seed, report=report) if cells else None


def by_factor(counts: ExperimentCounts, settings: ABTest, report: Report = None) -> FactorPosterior | None:
    """Which part of the message did it; None where no factors are declared, or the allocation was changed."""
    if settings.factors is None or allocation_changed(counts):
        return None
    factors = levels_of(settings.factors, settings.control)
    people, events = (np.zeros([len(levels) for _, levels in factors], dtype=np.int64) for _ in range(2))
    places = places_of(settings.factors, settings.control)
    for arm in counts.arms:
        people[places[arm.arm]], events[places[arm.arm]] = arm.closed, arm.events
    cells = FactorCells(factors, people, events)
    return fit_factors(cells, seed=settings.seed, report=report, highest=counts.primary.sign > 0)


def by_covariate(
    counts: ExperimentCounts, settings: ABTest, report: Report = None
) -> StandardizedPosterior | None:
    """The difference standardized over what was known before; None where nothing is asked for, or it does not vary.

    None, too, where the allocation was changed.
    """
    if settings.covariate is None or allocation_changed(counts):
        return None
    cells = _by_stratum(counts.strata, "stratum", list(counts.shares))
    if cells is None:
        return None
    # Counted is what lies before the assignment, and nothing at it or after.
    return fit_standardized(
        cells, settings.covariate.of, days_after_assignment=0, seed=settings.seed, report=report
    )


def by_cluster(counts: ExperimentCounts, settings: ABTest, report: Report = None) -> ClusterPosterior | None:
    """The arms compared with members of a cluster taken for alike; None where hardly anybody shares one."""
    cells = counts.clusters
    if not (cells["size"] > 1).any():
        return None
    arms = list(counts.shares)
    columns = (cells[name].to_numpy(dtype=np.int64) for name in ("size", "events", "clusters"))
    arm = np.array([arms.index(name) for name in cells["arm"]], dtype=np.int64)
    return fit_clusters(ClusterCells(tuple(arms), arm, *columns), seed=settings.seed, report=report)


def by_cure(
    counts: ExperimentCounts, late: LateOutcomes | None, settings: ABTest, report: Report = None
) -> CureFit | None:
    """The rate within the window by a cure model; None where there is no forecast that it is held against."""
    if late is None or not late.told or not settings.cure_model:
        return None
    (report or (lambda _: None))("fitting the cure model")
    return fit_cure(delays_of(counts), settings.seed)


def delays_of(counts: ExperimentCounts) -> tuple[Delays, ...]:
    """People by days followed and delay of the primary, the control first."""
    cells = counts.cells[counts.cells["metric"] == counts.primary.name]
    return delays_of_arms(cells, list(counts.shares), counts.primary.window_days)


def allocation_changed(counts: ExperimentCounts) -> bool:
    """Whether the chances of the arms were changed on the way, so that pooled counts compare other times."""
    return counts.shares_vary or len(counts.measured_by_epoch(counts.primary)) > 1


def _by_stratum(cells: pd.DataFrame, by: str, arms: Sequence[str]) -> SegmentCells | None:
    """People and events by stratum and arm, the control first; None with fewer than two strata."""
    if cells[by].nunique() < 2:
        return None
    counted = [
        cells.pivot_table(index=by, columns="arm", values=values, fill_value=0, aggfunc="sum")
        .reindex(columns=list(arms), fill_value=0)
        .astype(np.int64)
        for values in ("people", "events")
    ]
    people, events = counted
    return SegmentCells(tuple(map(str, people.index)), tuple(arms), people.to_numpy(), events.to_numpy())
