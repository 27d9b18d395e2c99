"""The hazard of opting out per text: a discrete-time model on cells, with pooling and with frailty.

A person of frailty Z (mean 1, variance theta) opts out after a text with chance 1 − exp(−Z h); h depends on the text
and on what the person bore. Who is still there after bearing H = Σ h has a frailty of mean 1 / (1 + theta H), by a
gamma frailty's closed form (Vaupel, Manton and Stallard 1979), so that texts meet the less frail the later they come.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray

from workbench.message_load.bands import EARLIER, LOAD, TENURE
from workbench.message_load.exposure import SEGMENTS, Exposure, Reals
from workbench.sampling.diagnostics import Diagnostics
from workbench.sampling.nuts import CompiledModel, Effort, Report, compile_model, sample

EFFORT = Effort(draws=2500, tune=1000, target_accept=0.97, correlated=True)
# The coefficients of a state, in order: steps of load, of earlier load and of time since consent; wear; segments.
LOAD_STEPS = slice(0, len(LOAD) - 1)
EARLIER_STEPS = slice(LOAD_STEPS.stop, LOAD_STEPS.stop + len(EARLIER) - 1)
TENURE_STEPS = slice(EARLIER_STEPS.stop, EARLIER_STEPS.stop + len(TENURE) - 1)
WEAR = TENURE_STEPS.stop
OF_SEGMENT = slice(WEAR + 1, WEAR + 1 + SEGMENTS)
COEFFICIENTS = OF_SEGMENT.stop
_PRIOR_SD = np.array([0.5] * WEAR + [0.3])


@dataclass(frozen=True)
class HazardDraws:
    """Draws of the model, one row each, and how well the sampler did.

    Attributes:
        mu: (draws,), log of about the mean risk of a text, to those who bore nothing before.
        coefficients: (draws, `COEFFICIENTS`), of centered states.
        settings: (draws, settings), log of each setting's risk over the mean over the texts there are.
        theta: (draws,), variance of frailty.
        diagnostics: of the sampler.
    """

    mu: Reals
    coefficients: Reals
    settings: Reals
    theta: Reals
    diagnostics: Diagnostics

    def load(self) -> Reals:
        """(draws, bands): log ratio of the risk in each band of load to that of a single text in seven days."""
        return _levels(self.coefficients[:, LOAD_STEPS])

    def earlier(self) -> Reals:
        """(draws, bands): the same for the texts 8 to 28 days before, against none."""
        return _levels(self.coefficients[:, EARLIER_STEPS])

    def tenure(self) -> Reals:
        """(draws, bands): the same for the time since the consent, against its first four weeks."""
        return _levels(self.coefficients[:, TENURE_STEPS])


def hazard_model(states: int, settings: int) -> pm.Model:
    """The model, with its counts as data so that one compilation serves every study of that shape.

    log h = mu + load + earlier + tenure + wear log(1 + n) + segment + setting, n the texts before; the first band of
    load, earlier load and tenure is 0, each further one a step from the one before it. Settings (a campaign of a
    kind, at a part of the day) and segments are pooled. wear is how texts come to weigh more, or less, by their
    number alone. Everything but mu is centered over the texts there are, so that exp(mu) is about the mean risk.

    With m = h / (1 + theta H), a text's chance is 1 − exp(−m): the complementary log-log link. The log likelihood
    Σ y log(1 − exp(−m)) − (n − y) m is y log m − (n − y / 2) m up to m², and m is below a hundredth.

    mu ~ Normal(−5, 1.5), steps ~ Normal(0, 0.5), wear ~ Normal(0, 0.3), theta ~ Gamma(2, 2), spreads ~
    Gamma(2, 4); what is pooled is standard normal times its spread.
    """
    with pm.Model() as model:
        texts = pm.Data("texts", np.ones((states, settings)))
        by_state = pm.Data("by_state", np.zeros(states))
        by_setting = pm.Data("by_setting", np.zeros(settings))
        setting_share = pm.Data("setting_share", np.full(settings, 1 / settings))
        design = pm.Data("design", np.zeros((states, COEFFICIENTS)))
        design_before = pm.Data("design_before", np.zeros((states, COEFFICIENTS)))
        design_load = pm.Data("design_load", np.zeros((len(LOAD), COEFFICIENTS)))
        before = pm.Data("before", np.zeros((states, len(LOAD))))
        mu = pm.Normal("mu", -5.0, 1.5)
        steps = pm.Normal("steps", 0.0, _PRIOR_SD, shape=WEAR + 1)
        theta = pm.Gamma("theta", 2.0, 2.0)
        spread = pm.Gamma("spread", 2.0, 4.0, shape=2)
        segment = spread[0] * pm.Normal("segment_z", 0.0, 1.0, shape=SEGMENTS)
        setting = spread[1] * pm.Normal("setting_z", 0.0, 1.0, shape=settings)
        setting = setting - pt.log(pt.dot(setting_share, pt.exp(setting)))
        coefficients = pt.concatenate([steps, segment])
        # What was borne: earlier texts, each by its own load, at the usual settings.
        borne = pt.exp(mu + pt.dot(design_before, coefficients))
        borne = borne * pt.dot(before, pt.exp(pt.dot(design_load, coefficients)))
        log_hazard = mu + pt.dot(design, coefficients) - pt.log1p(theta * borne)
        expected = pt.dot(pt.exp(log_hazard), pt.dot(texts, pt.exp(setting)))
        pm.Potential("opt_outs", pt.dot(by_state, log_hazard) + pt.dot(by_setting, setting) - expected)
    return model


@cache
def compiled_hazard(states: int, settings: int) -> CompiledModel:
    """The model of a shape made ready to sample; compiled once in a process."""
    return compile_model(hazard_model(states, settings))


def hazard_data(exposure: Exposure) -> dict[str, Reals]:
    """The model's data: exposures with half a text less for each opt-out, sums of opt-outs, and designs."""
    texts, opt_outs = exposure.texts, exposure.opt_outs
    design = design_of(exposure)
    means = texts.sum(axis=1) @ design / texts.sum()
    design_before, design_load = np.zeros_like(design), np.zeros((len(LOAD), COEFFICIENTS))
    design_before[:, WEAR] = exposure.log_before - means[WEAR]
    design_before[:, OF_SEGMENT] = design[:, OF_SEGMENT] - means[OF_SEGMENT]
    design_load[:, LOAD_STEPS] = _reached(np.arange(len(LOAD)), len(LOAD)) - means[LOAD_STEPS]
    return {
        "texts": texts - opt_outs / 2,
        "by_state": opt_outs.sum(axis=1),
        "by_setting": opt_outs.sum(axis=0),
        "setting_share": texts.sum(axis=0) / texts.sum(),
        "design": design - means,
        "design_before": design_before,
        "design_load": design_load,
        "before": exposure.before,
    }


def design_of(exposure: Exposure) -> Reals:
    """(states, `COEFFICIENTS`): the steps each state has taken, log(1 + texts before), and its segment."""
    load, earlier, _, tenure, segment = exposure.states.T
    steps = ((load, len(LOAD)), (earlier, len(EARLIER)), (tenure, len(TENURE)))
    return np.hstack(
        [
            *(_reached(places, bands) for places, bands in steps),
            np.log1p(exposure.number_before)[:, None],
            np.eye(SEGMENTS)[segment],
        ]
    )


def sample_hazard(
    exposure: Exposure, seed: int, effort: Effort = EFFORT, report: Report | None = None
) -> HazardDraws:
    """Sample the hazard's posterior.

    Args:
        exposure: of `exposure_of`.
        seed: the same seed and exposure give the same draws.
        effort: how much to sample.
        report: told what is being done, for long work.
    """
    (report or (lambda _: None))("preparing the model of opting out per text")
    data = hazard_data(exposure)
    draws = sample(compiled_hazard(*exposure.texts.shape), data, seed, effort, report)
    spread = draws.of("spread")
    settings = spread[:, 1:] * draws.of("setting_z")
    settings = settings - np.log(np.exp(settings) @ data["setting_share"])[:, None]
    coefficients = np.hstack([draws.of("steps"), spread[:, :1] * draws.of("segment_z")])
    return HazardDraws(draws.of("mu"), coefficients, settings, draws.of("theta"), draws.diagnostics)


def _reached(places: NDArray[np.int64], bands: int) -> Reals:
    """(n, bands - 1): which steps up from the first band each place has taken."""
    return (places[:, None] >= np.arange(1, bands)).astype(np.float64)


def _levels(steps: Reals) -> Reals:
    return np.hstack([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)])
