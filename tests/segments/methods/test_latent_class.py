"""Latent classes: scored as stepmix scores them, and fitted to the likelihood that is published."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from stepmix.stepmix import StepMix

from workbench.segments.methods.fitting import fit_groups

# Role conflict: 216 people's answers to four situations, in the order ++++, +++-, ++-+, ... (Stouffer and Toby 1951, as
# tabled by Goodman, Biometrika 61, 1974, table 3). The data `values` of the R package poLCA.
ROLE_CONFLICT = (42, 23, 6, 25, 6, 24, 7, 38, 1, 4, 1, 6, 2, 9, 2, 20)


@pytest.fixture(scope="module")
def mixed(frame_of):
    """Two kinds of 400 people in two measures and two categorical ones, a tenth of everything not known."""
    rng = np.random.default_rng(1)
    kind = np.arange(400) % 2
    frame = frame_of(rng.standard_normal((400, 2)) + 2 * kind[:, None])
    codes = np.column_stack([rng.binomial(2, 0.2 + 0.6 * kind), rng.binomial(1, 0.8 - 0.6 * kind)])
    codes[rng.random(codes.shape) < 0.1] = -1
    frame.scaled[rng.random(frame.scaled.shape) < 0.1] = np.nan
    return replace(frame, categories=codes.astype(np.int64), words=(("a", "b", "c"), ("d", "e"))), kind


def test_scores_are_those_of_stepmix(mixed):
    """Stepmix is put at our parameters: without one round of EM it tells its own posterior of each person."""
    frame, _ = mixed
    model = fit_groups("latent_class", frame, 2, 1).model
    seen = np.column_stack([frame.scaled, np.where(frame.categories < 0, np.nan, frame.categories)])
    theirs = StepMix(
        2,
        measurement={
            "measures": {"model": "gaussian_diag_nan", "n_columns": 2},
            "categories": {
                "model": "categorical_nan",
                "n_columns": 2,
                "max_n_outcomes": 3,
                "total_outcomes": 5,
            },
        },
        random_state=1,
        abs_tol=1e-4,
        progress_bar=0,
    ).fit(seen)
    theirs.set_parameters(
        {
            "weights": model.weights,
            "measurement_in": 4,
            "measurement": {
                "measures": {"means": model.means, "covariances": model.variances},
                "categories": {"pis": model.shares.reshape(2, -1), "max_n_outcomes": 3, "total_outcomes": 5},
            },
        }
    )
    np.testing.assert_allclose(model.probabilities(frame), theirs.predict_proba(seen), atol=1e-10)
    assert model.log_likelihood(frame) / 400 == pytest.approx(theirs.score(seen), abs=1e-10)


def test_kinds_are_found_in_mixed_measures_with_gaps(mixed):
    frame, kind = mixed
    assert adjusted_rand_score(kind, fit_groups("latent_class", frame, 2, 1).labels) > 0.75


def test_of_whom_nothing_is_known_the_classes_shares_are_told(mixed):
    frame, _ = mixed
    model = fit_groups("latent_class", frame, 2, 1).model
    unknown = replace(
        frame, scaled=np.full_like(frame.scaled, np.nan), categories=np.full_like(frame.categories, -1)
    )
    np.testing.assert_allclose(model.probabilities(unknown)[0], model.weights)


def test_the_likelihood_is_the_published_one(coded_frame_of):
    """Two classes of the role conflict: -504.4677, as poLCA tells it (Linzer and Lewis, JSS 42(10), 2011)."""
    codes = np.repeat(list(product((0, 1), repeat=4)), ROLE_CONFLICT, axis=0)
    frame = coded_frame_of(codes)
    fitted = fit_groups("latent_class", frame, 2, 1)
    assert fitted.model.log_likelihood(frame) == pytest.approx(-504.4677, abs=0.001)
    # And Goodman's own: 28 % universalists, of whom each hardly ever answers the other way.
    assert min(fitted.model.weights) == pytest.approx(0.28, abs=0.005)


@pytest.mark.parametrize("place", [0, 1])
def test_a_category_that_nobody_fitted_had_tells_nothing_and_costs_nothing(mixed, place):
    """The yardstick is everybody's, and a model is fitted to some of them: a rare word may be in none of these."""
    frame, _ = mixed
    words = [list(each) for each in frame.words]
    words[place].append("rare")
    known = replace(frame, words=tuple(map(tuple, words)))
    fitted, usual = (fit_groups("latent_class", each, 2, 1) for each in (known, frame))
    assert fitted.fit == pytest.approx(usual.fit, abs=1e-9)
    np.testing.assert_allclose(fitted.model.probabilities(frame), usual.model.probabilities(frame), atol=1e-9)
    codes = frame.categories[:20].copy()
    codes[:, place] = len(words[place]) - 1
    unknown = codes.copy()
    unknown[:, place] = -1
    later = replace(frame, patient_ids=frame.patient_ids[:20], scaled=frame.scaled[:20], categories=codes)
    expected = fitted.model.probabilities(replace(later, categories=unknown))
    np.testing.assert_allclose(fitted.model.probabilities(later), expected, atol=1e-12)
    # And by a model that was kept before it had a place for the word.
    np.testing.assert_allclose(usual.model.probabilities(later), expected, atol=1e-9)
