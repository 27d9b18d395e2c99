"""Mean scores against Betas, triangles, moments, and draws."""

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import beta

from workbench.experiments.exact.conjugate import beta_rates
from workbench.experiments.exact.priors import DirichletPrior
from workbench.experiments.exact.quadrature import panels_between
from workbench.experiments.exact.rates import ArmCounts
from workbench.experiments.exact.scores import ArmScores, ScorePosterior, log_density
from workbench.refusal import Refused


def test_two_answers_are_a_rate():
    people = ((37, 3), (30, 8))
    scores = ScorePosterior(
        [ArmScores(arm, each) for arm, each in zip("ab", people, strict=True)], (2.0, 5.0), "a"
    )
    rates = beta_rates(
        [ArmCounts(arm, sum(each), each[1]) for arm, each in zip("ab", people, strict=True)], "a"
    )
    assert scores.probability_better("b") == pytest.approx(rates.probability_better("b"), abs=1e-11)
    assert scores.expected_loss("a") == pytest.approx(3 * rates.expected_loss("a"), rel=1e-10)
    assert scores.difference("b").low == pytest.approx(3 * rates.difference("b").low, abs=1e-10)
    assert scores.log_bayes_factor == pytest.approx(rates.log_bayes_factor, abs=1e-10)


@pytest.mark.parametrize("weights", [(3.0, 7.0), (4e5, 100.0), (1.0, 1_000.0)])
def test_the_density_of_two_answers_is_a_beta(weights):
    at = beta.ppf([1e-6, 0.2, 0.7, 1 - 1e-6], weights[1], weights[0])
    found = np.exp(log_density(at, np.array([0.0, 1.0]), np.array(weights)))
    assert found == pytest.approx(beta.pdf(at, weights[1], weights[0]), rel=1e-8)


def test_three_equally_likely_answers_are_a_triangle():
    at = np.array([1e-6, 0.3, 0.999, 1.2, 1.999])
    found = np.exp(log_density(at, np.array([0.0, 1.0, 2.0]), np.ones(3)))
    assert found == pytest.approx(np.minimum(at, 2 - at), rel=1e-10)


@pytest.mark.parametrize(
    "weights", [(3, 5, 9, 2, 7), (1, 1, 200, 1, 1), (0.5, 60, 0.5), (1e6, 2e6, 3e6, 1e6, 2e5), (2, 1, 50)]
)
def test_the_density_has_the_total_and_moments_of_a_dirichlet(weights):
    alpha, scores = np.array(weights, dtype=float), np.arange(len(weights)) - 1.0
    whole = alpha.astype(int) + 1
    posterior = ScorePosterior(
        [ArmScores("a", tuple(whole.tolist())), ArmScores("b", tuple(whole.tolist()))],
        scores,
        "a",
        DirichletPrior(tuple(alpha.tolist())),
    )
    alpha = alpha + whole
    mean = scores @ alpha / alpha.sum()
    sd = np.sqrt((scores - mean) ** 2 @ alpha / (alpha.sum() * (alpha.sum() + 1)))
    assert posterior.expectation("a") == pytest.approx(mean, abs=1e-10)
    assert posterior.spread("a") == pytest.approx(sd, rel=1e-8)
    assert posterior.probability_better("b") == pytest.approx(0.5, abs=1e-10)
    grid = panels_between(mean - 14 * sd, mean + 14 * sd, sd / 2)
    inside = (grid.nodes > scores[0]) & (grid.nodes < scores[-1])
    total = np.exp(log_density(grid.nodes[inside], scores, alpha)) @ grid.weights[inside]
    assert total == pytest.approx(1, abs=1e-6)


def test_three_arms_agree_with_draws():
    people = {"a": (10, 20, 30, 20, 10), "b": (8, 18, 30, 25, 12), "c": (0, 0, 40, 0, 0)}
    posterior = ScorePosterior([ArmScores(arm, each) for arm, each in people.items()], (1, 2, 3, 4, 5), "a")
    rng = np.random.default_rng(3)
    draws = np.stack(
        [rng.dirichlet(1.0 + np.array(each), 200_000) @ np.arange(1, 6) for each in people.values()]
    )
    margin = 5 * 0.5 / np.sqrt(200_000)
    best = np.bincount(draws.argmax(axis=0), minlength=3) / 200_000
    assert list(posterior.probability_best().values()) == pytest.approx(best, abs=margin)
    assert posterior.probability_better("b", "c") == pytest.approx((draws[1] > draws[2]).mean(), abs=margin)
    assert sum(posterior.probability_best().values()) == pytest.approx(1, abs=1e-10)


def test_one_answer_may_be_higher_than_another():
    posterior = ScorePosterior([ArmScores("a", (3, 1)), ArmScores("b", (1, 3))], (0, 1), "a")
    assert posterior.shares("a") == pytest.approx([4 / 6, 2 / 6])
    assert posterior.answer_higher("b") == pytest.approx((4 / 6 * 4 / 6, 2 * (4 / 6 * 2 / 6)))


def test_the_bayes_factor_is_that_of_multinomials():
    def evidence(people):
        alpha = 1.0 + np.array(people)
        return gammaln(alpha).sum() - gammaln(alpha.sum()) - (0 - gammaln(3.0))

    posterior = ScorePosterior([ArmScores("a", (3, 1, 4)), ArmScores("b", (1, 5, 9))], (0, 1, 2), "a")
    assert posterior.log_bayes_factor == pytest.approx(
        evidence((3, 1, 4)) + evidence((1, 5, 9)) - evidence((4, 6, 13))
    )


@pytest.mark.parametrize(
    ("arms", "scores", "prior", "told"),
    [
        ([ArmScores("a", (1, 2)), ArmScores("b", (0, 0))], (1, 2), None, "arm b: nobody has answered"),
        (
            [ArmScores("a", (1, 2)), ArmScores("b", (1, -1))],
            (1, 2),
            None,
            "arm b: its people are not whole numbers",
        ),
        (
            [ArmScores("a", (1, 2)), ArmScores("b", (1, 2, 3))],
            (1, 2),
            None,
            "arm b: it has another number of answers",
        ),
        ([ArmScores("a", (1, 2)), ArmScores("b", (1, 2))], (2, 1), None, "scores: they do not rise"),
        ([ArmScores("a", (1, 2)), ArmScores("b", (1, 2))], (1, float("nan")), None, "scores: they do not rise"),
        (
            [ArmScores("a", (1, 2)), ArmScores("b", (1, 2))],
            (1, 2),
            DirichletPrior((1.0, 1.0, 1.0)),
            "prior: it has another number of answers",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(arms, scores, prior, told):
    with pytest.raises(Refused, match=told):
        ScorePosterior(arms, scores, "a", prior)


def test_a_prior_of_shares_is_worth_people():
    assert DirichletPrior.from_shares((1, 2, 1), worth=8).weights == pytest.approx((2, 4, 2))
