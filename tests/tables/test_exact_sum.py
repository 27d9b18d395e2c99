"""A sum does not depend on the order of its rows, which sums of floating-point numbers do."""

import ibis
import numpy as np
import pytest

from workbench.tables.exact_sum import exact_sum


def summed(values, decimals):
    rows = ibis.memtable({"x": values})
    return rows.agg(total=exact_sum(rows["x"], decimals)).execute()["total"].iloc[0]


def test_the_order_of_rows_does_not_matter():
    values = 0.7 ** np.random.default_rng(0).integers(1, 60, 500)
    orders = [np.random.default_rng(seed).permutation(values) for seed in range(20)]
    assert len({float(np.cumsum(order)[-1]) for order in orders}) > 1
    assert len({summed(order, 16) for order in orders}) == 1
    assert summed(values, 16) == pytest.approx(values.sum(), rel=1e-12)


def test_numbers_are_rounded_to_the_decimals_asked_for():
    assert summed([0.1234, 0.1234], 3) == 0.246


def test_nothing_at_all_has_no_sum():
    rows = ibis.memtable({"x": [1.0]})
    none = rows.filter(rows["x"] > 1)
    assert np.isnan(none.agg(total=exact_sum(none["x"], 3)).execute()["total"].iloc[0])
