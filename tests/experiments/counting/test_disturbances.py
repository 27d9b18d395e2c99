"""What would break the estimand: other experiments, shared clusters, texts before and after assignment."""

import numpy as np
import pandas as pd

from workbench.experiments.counting.counts import count_experiment
from workbench.experiments.metrics import USUAL_METRICS

START = pd.Timestamp("2026-03-02 09:00")
DAY = pd.Timedelta(days=1)


def after(days: float) -> str:
    return str(START + days * DAY)


def test_another_experiment_counts_where_it_is_near(tables, parameters):
    tables.person("plain")
    for days in (-14, 14, -15, 15):
        tables.assign(tables.person("warm"), "a", after(days), experiment="another")
    twice = tables.person("warm")
    for days in (-1, 1):
        tables.assign(twice, "a", after(days), experiment="another")
    tables.person("warm", experiment="another")
    assert count_experiment(tables.known(), parameters()).disturbances.overlapping == 3


def test_whoever_is_alone_in_a_cluster_shares_none(tables, parameters):
    for arm, cluster in (("plain", "a"), ("plain", "b"), ("plain", None), ("plain", None), ("warm", "a")):
        tables.person(arm, cluster=cluster)
    counts = count_experiment(tables.known(), parameters())
    assert counts.disturbances.in_shared_clusters == 0
    assert counts.clusters.empty


def test_clusters_are_told_by_size_and_events(tables, parameters):
    for arm, cluster, books in (
        ("plain", "a", True),
        ("plain", "a", True),
        ("plain", "b", False),
        ("plain", "b", True),
        ("plain", None, True),
        ("warm", "c", False),
        ("warm", "c", False),
        ("warm", "d", False),
        ("warm", "d", False),
    ):
        name = tables.person(arm, cluster=cluster)
        if books:
            tables.booking(name, after(2))
    counts = count_experiment(tables.known(), parameters())
    assert counts.disturbances.in_shared_clusters == 8
    rows = [tuple(row) for row in counts.clusters.itertuples(index=False)]
    assert rows == [("plain", 1, 1, 1), ("plain", 2, 1, 1), ("plain", 2, 2, 1), ("warm", 2, 0, 2)]


def test_texts_of_the_campaign_are_told_apart_by_when_they_went_out(tables, parameters):
    tables.person("plain")
    for days, status in (
        (1, "undelivered"),
        (14, "delivered"),
        (15, "delivered"),
        (2, "canceled"),
        (-1, "delivered"),
    ):
        tables.text(tables.person("warm"), after(days), status)
    both = tables.person("warm")
    tables.text(both, after(-1))
    tables.text(both, after(1))
    tables.text(tables.person("warm"), after(1), campaign="another")
    counts = count_experiment(tables.known(), parameters())
    triggered = counts.allocation.set_index("arm")["triggered"]
    assert triggered.to_dict() == {"plain": 0, "warm": 3}
    assert counts.disturbances.texted_before == 2
    named = count_experiment(tables.known(), parameters(campaign="another"))
    assert named.allocation.set_index("arm")["triggered"].to_dict() == {"plain": 0, "warm": 1}


def test_what_a_source_does_not_tell_is_not_zero(tables, parameters):
    tables.booking(tables.person("plain"), after(1))
    tables.person("warm")
    settings = parameters(
        enrollment_ends=None,
        metrics=USUAL_METRICS[:1],
        goes_on_without={"time": "It is over.", "consent": "All had agreed."},
    )
    counts = count_experiment(tables.known(untimed=True, consent="It has none."), settings)
    assert counts.disturbances.texted_before is None
    assert np.isnan(counts.allocation["triggered"]).all()
    assert counts.through is None


def test_bookings_through_a_text_are_described(tables, parameters):
    tables.person("plain")
    name = tables.person("warm")
    tables.booking(name, after(1), message="m1")
    tables.booking(name, after(2))
    tables.booking(name, after(20), message="m1")
    counts = count_experiment(tables.known(), parameters())
    assert counts.through.to_dict("records") == [
        {"arm": "plain", "bookings_made": 0, "bookings_through": 0},
        {"arm": "warm", "bookings_made": 2, "bookings_through": 1},
    ]


def test_weeks_are_told_by_arm_with_events(tables, parameters):
    tables.booking(tables.person("plain"), after(1))
    tables.person("warm")
    tables.person("warm", after(8))
    weekly = count_experiment(tables.known(), parameters()).weekly
    rows = [(row.arm, row.enrolled, row.closed, row.events) for row in weekly.itertuples()]
    assert rows == [("plain", 1, 1, 1), ("warm", 1, 1, 0), ("warm", 1, 1, 0)]
