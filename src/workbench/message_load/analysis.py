"""The analysis of message load: from counts to the risk per text. A frozen result out."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.message_load.bands import HOUR_LABELS
from workbench.message_load.counts import LoadCounts
from workbench.message_load.curve import (
    GroupRisk,
    LoadPoint,
    by_hour,
    by_kind,
    by_segment,
    interval,
    kept_up_ratio,
    load_curve,
)
from workbench.message_load.estimate import Estimate
from workbench.message_load.exposure import exposure_of
from workbench.message_load.hazard import EFFORT, WEAR, sample_hazard
from workbench.message_load.parameters import MessageLoad
from workbench.sampling.diagnostics import Diagnostics
from workbench.sampling.nuts import Effort


@dataclass(frozen=True)
class Risk:
    """The risk of opting out per text, by the model.

    Attributes:
        curve: by band of load, lowest first.
        kept_up: the ratio at the high load where the three weeks before were alike, against one text a week.
        kinds, hours, segments: each to the mean over all texts.
        frailty: its variance between people; 0 means that all are alike.
        wear: the power of the number of texts so far by which a text's risk grows, or fades.
        diagnostics: of the sampler.
    """

    curve: tuple[LoadPoint, ...]
    kept_up: Estimate
    kinds: tuple[GroupRisk, ...]
    hours: tuple[GroupRisk, ...]
    segments: tuple[GroupRisk, ...]
    frailty: Estimate
    wear: Estimate
    diagnostics: Diagnostics


@dataclass(frozen=True)
class Analysis:
    """What was found about message load; `risk` is None where there are too few opt-outs to fit anything."""

    counts: LoadCounts
    settings: MessageLoad
    risk: Risk | None


def analyze(
    counts: LoadCounts,
    settings: MessageLoad,
    report: Callable[[str], None] | None = None,
    effort: Effort = EFFORT,
) -> Analysis:
    """Estimate the risk of opting out per text.

    Args:
        counts: of `load_counts`.
        settings: the parameters.
        report: told what is being done, for this takes a while.
        effort: how much to sample.
    """
    if counts.answered < settings.fewest_opt_outs:
        return Analysis(counts, settings, None)
    return Analysis(counts, settings, estimate_risk(counts, settings, report, effort))


def estimate_risk(
    counts: LoadCounts,
    settings: MessageLoad,
    report: Callable[[str], None] | None = None,
    effort: Effort = EFFORT,
) -> Risk:
    """The risk per text, however many opt-outs there are; see `analyze`."""
    exposure = exposure_of(counts.cells)
    draws = sample_hazard(exposure, settings.seed, effort, report)
    level = settings.level
    return Risk(
        curve=load_curve(exposure, draws, level),
        kept_up=kept_up_ratio(draws, settings.high_load, level),
        kinds=by_kind(exposure, draws, level),
        hours=by_hour(exposure, draws, level, HOUR_LABELS),
        segments=by_segment(exposure, draws, level),
        frailty=interval(draws.theta, level),
        wear=interval(draws.coefficients[:, WEAR], level),
        diagnostics=draws.diagnostics,
    )
