"""Epochs of allocation: told by the source, or found where arms' chances change for good."""

import pandas as pd
import pytest

from workbench.experiments.counting.counts import count_experiment

DAY = pd.Timedelta(days=1)


def assigned(tables, rows):
    """People assigned on days of March, from (day, arm, probability[, recorded epoch])."""
    for day, arm, probability, *epoch in rows:
        at = str(pd.Timestamp("2026-03-01 12:00") + day * DAY)
        tables.person(arm, at, probability=probability, epoch=epoch[0] if epoch else None)


def shares(counts):
    """For each epoch, the arms' people and designed shares."""
    found = {}
    for row in counts.allocation.itertuples():
        found.setdefault(row.epoch, {})[row.arm] = (row.people, row.share)
    return found


def test_one_allocation_is_one_epoch(tables, parameters):
    assigned(tables, [(0, "plain", 0.5), (1, "warm", 0.5)])
    counts = count_experiment(tables.known(), parameters())
    assert shares(counts) == {0: {"plain": (1, 0.5), "warm": (1, 0.5)}}
    assert not counts.shares_vary


def test_epochs_the_source_records_are_put_in_the_order_of_time(tables, parameters):
    assigned(tables, [(0, "plain", 0.9, 7), (1, "warm", 0.1, 7), (5, "plain", 0.5, 3), (6, "warm", 0.5, 3)])
    counts = count_experiment(tables.known(), parameters())
    assert shares(counts) == {
        0: {"plain": (1, 0.9), "warm": (1, 0.1)},
        1: {"plain": (1, 0.5), "warm": (1, 0.5)},
    }
    assert not counts.shares_vary


def test_a_ramp_that_is_not_recorded_is_found_by_its_chances(tables, parameters):
    """Each arm shows the change at its own first assignment after it; these are one change."""
    assigned(
        tables,
        [
            (0, "plain", 0.9),
            (1, "warm", 0.1),
            (2, "plain", 0.9),
            (4, "warm", 0.3),
            (5, "plain", 0.7),
            (8, "plain", 0.5),
            (9, "warm", 0.5),
        ],
    )
    found = shares(count_experiment(tables.known(), parameters()))
    assert found == {
        0: {"plain": (2, 0.9), "warm": (1, 0.1)},
        1: {"plain": (1, 0.7), "warm": (1, 0.3)},
        2: {"plain": (1, 0.5), "warm": (1, 0.5)},
    }


def test_an_arm_whose_chance_stays_follows_the_others(tables, parameters):
    assigned(
        tables,
        [
            (0, "plain", 0.2),
            (1, "warm", 0.4),
            (2, "cold", 0.4),
            (5, "warm", 0.6),
            (6, "plain", 0.2),
            (7, "cold", 0.2),
        ],
    )
    found = shares(count_experiment(tables.known(), parameters()))
    assert [set(arms) for arms in found.values()] == [{"plain", "warm", "cold"}] * 2


@pytest.mark.parametrize("rows", [
    [(0, "plain", 0.9), (1, "warm", 0.1), (2, "plain", 0.5), (3, "plain", 0.9), (4, "warm", 0.5)],
    [(0, "plain", 0.5), (0, "plain", 0.3), (0, "warm", 0.5), (0, "warm", 0.7)],
])  # fmt: skip
def test_chances_mixed_in_time_tell_no_epochs(tables, parameters, rows):
    assigned(tables, rows)
    counts = count_experiment(tables.known(), parameters())
    assert set(counts.allocation["epoch"]) == {0}
    assert counts.shares_vary


def test_cells_are_told_by_epoch(tables, parameters):
    assigned(tables, [(0, "plain", 0.9), (1, "warm", 0.1), (5, "plain", 0.5), (6, "warm", 0.5)])
    cells = count_experiment(tables.known(), parameters()).cells
    assert cells.groupby(["metric", "epoch", "arm"])["people"].sum().tolist() == [1] * 8
