"""What the hazard's draws say: the risk at each load, by settings and segments, and what a naive count would say."""

from dataclasses import dataclass

import numpy as np

from workbench.message_load.bands import EARLIER, KINDS, LOAD
from workbench.message_load.estimate import Estimate, exact_share
from workbench.message_load.exposure import OTHERS, Exposure, Reals
from workbench.message_load.hazard import WEAR, HazardDraws, hazard_data


@dataclass(frozen=True)
class LoadPoint:
    """A band of load.

    Attributes:
        band: its label.
        texts, opt_outs: counted.
        naive: opt-outs per text as counted, with the exact interval of a share.
        risk: opt-outs per text, were every text studied sent at this load to people who bore nothing before.
        ratio: this risk to that of a single text in seven days.
        expected: opt-outs to be expected of these texts, had they the risk of a single text.
    """

    band: str
    texts: int
    opt_outs: int
    naive: Estimate
    risk: Estimate
    ratio: Estimate
    expected: float


@dataclass(frozen=True)
class GroupRisk:
    """A kind, part of the day, or segment: its risk per text to the mean over all texts, other things alike.

    `by` and `place` are those of the margin that counts it.
    """

    by: str
    place: str
    label: str
    texts: int
    opt_outs: int
    ratio: Estimate


def interval(draws: Reals, level: float) -> Estimate:
    """Median and equal-tailed interval of draws."""
    low, middle, high = np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Estimate(float(middle), float(low), float(high))


def load_curve(exposure: Exposure, draws: HazardDraws, level: float) -> tuple[LoadPoint, ...]:
    """The risk of a text at each load, lowest first.

    Args:
        exposure: what the model was fed.
        draws: of `sample_hazard`.
        level: of the intervals.
    """
    load = draws.load()
    counts = [(exposure.texts[at].sum(), exposure.opt_outs[at].sum()) for at in _at_loads(exposure)]
    shares = np.array([texts for texts, _ in counts]) / exposure.texts.sum()
    # All else is centered on the texts there are, so that a load's effect is taken from its own mean.
    base = np.exp(draws.mu[:, None] + load - (load @ shares)[:, None])
    expected = _expected_as_single(exposure, draws)
    return tuple(
        LoadPoint(
            band=label,
            texts=int(texts),
            opt_outs=int(opt_outs),
            naive=exact_share(int(opt_outs), int(texts), level),
            risk=interval(base[:, place], level),
            ratio=interval(np.exp(load[:, place]), level),
            expected=float(expected[at].sum()),
        )
        for place, (label, (texts, opt_outs), at) in enumerate(
            zip(LOAD.labels, counts, _at_loads(exposure), strict=True)
        )
    )


def kept_up_ratio(draws: HazardDraws, texts: int, level: float) -> Estimate:
    """The risk at so many texts a week, kept up for four weeks, to that of one a week kept up as long."""
    now = draws.load()[:, LOAD.place_of(texts)]
    earlier = draws.earlier()
    before = earlier[:, EARLIER.place_of(3 * texts)] - earlier[:, EARLIER.place_of(3)]
    return interval(np.exp(now + before), level)


def frailty_left(exposure: Exposure, draws: HazardDraws) -> Reals:
    """(draws, states): the mean frailty of those who are still there in each state."""
    data = hazard_data(exposure)
    borne = np.exp(draws.mu[:, None] + draws.coefficients @ data["design_before"].T)
    borne *= np.exp(draws.coefficients @ data["design_load"].T) @ data["before"].T
    return 1 / (1 + draws.theta[:, None] * borne)


def by_kind(exposure: Exposure, draws: HazardDraws, level: float) -> tuple[GroupRisk, ...]:
    """Each kind that was sent, over its parts of the day."""
    return _by_setting(exposure, draws, level, "kind", KINDS)


def by_hour(
    exposure: Exposure, draws: HazardDraws, level: float, labels: tuple[str, ...]
) -> tuple[GroupRisk, ...]:
    """Each part of the day, over the kinds that were sent then."""
    return _by_setting(exposure, draws, level, "hour", labels)


def by_segment(exposure: Exposure, draws: HazardDraws, level: float) -> tuple[GroupRisk, ...]:
    """Each segment, other things alike; those put together for being many are none, and are left out."""
    of_segment = draws.coefficients[:, WEAR + 1 :]
    segment = exposure.states[:, -1]
    texts = np.bincount(segment, exposure.texts.sum(axis=1), of_segment.shape[1])
    opt_outs = np.bincount(segment, exposure.opt_outs.sum(axis=1), of_segment.shape[1])
    mean = np.log(np.exp(of_segment) @ (texts / texts.sum()))
    ratios = np.exp(of_segment - mean[:, None])
    return tuple(
        GroupRisk(
            "segment", word, word, int(texts[place]), int(opt_outs[place]), interval(ratios[:, place], level)
        )
        for place, word in enumerate(exposure.segments)
        if word != OTHERS
    )


def _by_setting(
    exposure: Exposure, draws: HazardDraws, level: float, by: str, labels: tuple[str, ...]
) -> tuple[GroupRisk, ...]:
    texts, opt_outs = exposure.texts.sum(axis=0), exposure.opt_outs.sum(axis=0)
    risk = np.exp(draws.settings)
    groups = []
    for place, label in enumerate(labels):
        own = np.where(exposure.settings[:, ("kind", "hour").index(by)] == place, texts, 0.0)
        if own.sum() > 0:
            mean = risk @ (own / own.sum())
            events = opt_outs[own > 0].sum()
            groups.append(GroupRisk(by, str(place), label, int(own.sum()), int(events), interval(mean, level)))
    return tuple(groups)


def _at_loads(exposure: Exposure) -> list[Reals]:
    return [exposure.states[:, 0] == place for place in range(len(LOAD))]


def _expected_as_single(exposure: Exposure, draws: HazardDraws) -> Reals:
    """(states,): opt-outs expected of each state's texts at the risk of a single text, by the posterior mean."""
    data = hazard_data(exposure)
    log_risk = draws.mu[:, None] + draws.coefficients @ data["design"].T
    log_risk -= draws.load()[:, exposure.states[:, 0]]
    met = np.exp(draws.settings) @ exposure.texts.T
    return np.asarray((np.exp(log_risk) * frailty_left(exposure, draws) * met).mean(axis=0))
