"""Metrics of every kind, and composite events, give the same cells on every engine."""

import pandas as pd

from workbench.experiments.counting.counts import count_experiment
from workbench.experiments.counting.people import declared_cohort
from workbench.experiments.estimand import IntercurrentEvents
from workbench.experiments.metrics import (
    USUAL_METRICS,
    CountMetric,
    DurationMetric,
    EventMetric,
    RatioMetric,
    ScoreMetric,
)
from workbench.experiments.structure import Covariate

METRICS = (
    *USUAL_METRICS,
    *(EventMetric(kind="event", of=of) for of in ("opt_in", "reply", "attendance", "discharge")),
    *(CountMetric(kind="count", of=of) for of in ("bookings", "attended", "replies", "texts")),
    *(RatioMetric(kind="ratio", of=of) for of in ("attended_of_started", "replies_per_text")),
    ScoreMetric(kind="score", of="PHQ-9", window_days=60),
    DurationMetric(kind="duration", of="days_to_booking"),
)
ENDING = IntercurrentEvents(opt_out="composite", discharge="composite")


def counted(tables, settings):
    """The experiment counted from these tables."""
    return count_experiment(tables.known(settings.as_of, declared_cohort(settings)), settings)


def same(expected, found) -> None:
    """Whether two counts are the same."""
    for name in ("cells", "allocation", "weekly", "clusters", "strata", "through"):
        pd.testing.assert_frame_equal(getattr(expected, name), getattr(found, name), rtol=0, atol=1e-9)
    assert expected.disturbances == found.disturbances


def test_metrics_of_every_kind_have_the_same_cells(engine, tables_in, settings_of):
    before = Covariate(of="replies_before", days=365)
    changes = {"metrics": METRICS, "segment_by": None, "covariate": before}
    settings = settings_of("ab_test").model_copy(update=changes)
    expected = counted(tables_in("duckdb"), settings)
    same(expected, counted(engine, settings))
    assert len(expected.strata) > 2
    assert set(expected.cells["metric"]) == {metric.name for metric in METRICS}
    assert all(any(arm.told for arm in expected.measured(metric)) for metric in METRICS[:2])


def test_composite_events_end_what_counts_alike(engine, tables_in, settings_of):
    before = Covariate(of="bookings_before", days=365)
    settings = settings_of("ab_test").model_copy(update={"segment_by": None, "covariate": before})
    ended = settings.model_copy(update={"intercurrent_events": ENDING})
    same(counted(tables_in("duckdb"), ended), counted(engine, ended))
