import numpy as np

from workbench.segments.features import FEATURES
from workbench.segments.reading.profiles import propose_names


def test_names_come_from_what_sets_a_group_apart():
    means = [np.array([0.0, 1.5, 0.0]), np.array([-0.1, -0.9, -0.5]), np.array([0.1, -0.2, 0.1])]
    names = propose_names(FEATURES[:3], means)
    assert names == ["miss often", "seldom miss, seldom call off", "near the average"]


def test_no_name_is_given_twice():
    names = propose_names(FEATURES[:1], [np.array([0.9]), np.array([0.8]), np.array([-1.0])])
    assert names == ["come often", "come often (2)", "come seldom"]
