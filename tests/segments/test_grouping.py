"""Groups are found where they were planted, and not where people differ along a continuum."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from workbench.segments.features import feature_frame
from workbench.segments.grouping import find_groups
from workbench.segments.people import declared_cohort, people_in_care


def correlated_gaussian(rng):
    covariance = np.full((4, 4), 0.6) + 0.4 * np.eye(4)
    return rng.multivariate_normal(np.zeros(4), covariance, 600)


def skewed_continuum(rng):
    """Gamma-Poisson counts: skewed, overdispersed, with ties, and of one continuum."""
    rate = rng.gamma(1.2, 2.0, 600)
    counts = rng.poisson(rate[:, None] * [1.0, 0.6, 1.5] * rng.gamma(2.0, 0.5, (600, 3)))
    return np.log(counts + 0.25)


def three_clouds(rng):
    centers = np.array([[0, 0, 0], [3, 0, -2], [0, 3, 2]])
    return centers[np.arange(600) % 3] + rng.standard_normal((600, 3))


@pytest.mark.parametrize("method", ["mixture", "k_means"])
@pytest.mark.parametrize("continuum", [correlated_gaussian, skewed_continuum])
def test_a_continuum_has_no_kinds(frame_of, settings_of, continuum, method):
    """How often kinds are claimed over many continua is measured in benchmarks/segmentation_recovery.md."""
    frame = frame_of(continuum(np.random.default_rng(1)))
    grouping = find_groups(frame, settings_of(method=method, groups_to=3, resamples=5, seed=101))
    assert grouping.kind != "kinds"


def test_halves_of_one_cloud_are_cuts_and_no_kinds(frame_of, settings_of):
    """They come back in every sample, and prove nothing."""
    frame = frame_of(correlated_gaussian(np.random.default_rng(1)))
    grouping = find_groups(frame, settings_of(method="k_means", groups_to=3, resamples=5, seed=101))
    assert grouping.kind == "cuts"
    assert min(grouping.chosen.stability) > 0.9
    assert not grouping.exists(grouping.chosen)
    np.testing.assert_array_equal(grouping.model.labels(frame), grouping.labels)


@pytest.mark.parametrize("method", ["mixture", "k_means"])
def test_planted_clouds_are_found(frame_of, settings_of, method):
    grouping = find_groups(frame_of(three_clouds(np.random.default_rng(1))), settings_of(method=method))
    assert grouping.kind == "kinds"
    assert grouping.chosen.groups == 3
    assert adjusted_rand_score(np.arange(600) % 3, grouping.labels) > 0.75


@pytest.mark.parametrize(("separation", "least", "most"), [(1.5, 0.6, 1.0), (0.0, None, None)])
def test_planted_types_of_patients(provider_folder, open_folder, settings_of, separation, least, most):
    settings = settings_of()
    folder = provider_folder(separation)
    people = people_in_care(open_folder(folder).known(settings.as_of, declared_cohort(settings)), settings)
    grouping = find_groups(feature_frame(people.rows, settings), settings)
    if least is None:
        assert grouping.kind != "kinds"
        return
    types = pd.read_parquet(folder / "truth_types.parquet").set_index("patient_id")["type"]
    agreement = adjusted_rand_score(types.loc[people.rows.patient_id], grouping.labels)
    assert least < agreement <= most


def test_the_same_seed_gives_the_same_groups(frame_of, settings_of):
    frame = frame_of(three_clouds(np.random.default_rng(2)))
    first, second = (find_groups(frame, settings_of(groups_to=3, resamples=5)) for _ in range(2))
    assert first.candidates == second.candidates
    np.testing.assert_array_equal(first.labels, second.labels)


def test_a_single_measure_makes_no_kinds(frame_of, settings_of):
    """Its continuum keeps its whole distribution, gaps included: one measure is cut, not grouped."""
    people = np.concatenate([np.zeros(200), np.full(200, 9.0)])[:, None] + np.linspace(0, 1, 400)[:, None]
    assert find_groups(frame_of(people), settings_of(groups_to=2)).kind == "cuts"


def test_groups_too_small_are_not_chosen(frame_of, settings_of):
    people = three_clouds(np.random.default_rng(3))
    settings = settings_of(groups_to=3, groups_from=3, smallest_group=0.4)
    grouping = find_groups(frame_of(people), settings)
    assert grouping.exists(grouping.candidates[0])
    assert grouping.is_stable(grouping.candidates[0])
    assert grouping.chosen is None
