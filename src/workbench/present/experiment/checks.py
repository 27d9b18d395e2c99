"""What an A/B analysis rests on, in sentences: every gate, and what is noted without being judged."""

from datetime import timedelta

from workbench.experiments.analysis import Analysis
from workbench.experiments.effects import ArmEffect
from workbench.experiments.exact.ramped import MOST_EPOCHS
from workbench.experiments.fading import Fading
from workbench.experiments.verdict import (
    SAMPLE_RATIO_ALPHA,
    TEXTED_BEFORE_SHARE,
    TWO_ARMS_SHARE,
    ExperimentVerdict,
    Gate,
)
from workbench.present import numbers
from workbench.present.disclosure import PROFILES
from workbench.present.experiment.forecasts import forecast_checks
from workbench.present.experiment.model_checks import model_checks, sampler_in_words
from workbench.present.experiment.words import fading_in_words, planned_day, probability
from workbench.present.kept_groups import fixed_beforehand
from workbench.present.result import Check

# The p value below which data are a surprise to the prior.
CONFLICT = 0.01

_GATE_NAMES = {
    "sample_ratio": "Arms as large as they should be",
    "one_arm_each": "One arm for each person",
    "triggered_ratio": "Texted people as many as they should be",
    "texted_after": "No text before the assignment",
    "allocation": "Chances of the arms known",
    "maturity": "Outcomes complete",
    "sampler": "Sampler of the model by segment",
}


def checks_in_words(analysis: Analysis, verdict: ExperimentVerdict) -> list[Check]:
    """Every gate as a check, then what is noted without being judged."""
    checks = [
        Check(name=_GATE_NAMES[gate.name], passed=gate.passed, detail=gate_in_words(gate, analysis))
        for gate in verdict.gates
    ]
    if analysis.prior_checks:
        lowest, *_, highest = (probability(p) for p in sorted(check.better for check in analysis.prior_checks))
        told = lowest if lowest == highest else f"{lowest} to {highest}"
        checks.append(
            Check(
                name="Other priors",
                passed=None,
                detail=f"Under a skeptical and a wide prior the probability of being better is {told}.",
            )
        )
    checks += [_faded(found) for found in analysis.fading if found.fades]
    checks += forecast_checks(analysis)
    checks += model_checks(analysis)
    checks += [_conflict(effect) for effect in analysis.effects if _is_drawn_in(analysis, effect)]
    checks += _data_end(analysis)
    if analysis.counts.groups is not None:
        checks.append(fixed_beforehand(analysis.counts.groups, "the first assignment"))
    for missing, why in analysis.settings.goes_on_without.items():
        detail = (
            f"{analysis.counts.not_recorded.get(missing, '')} The study goes on: {why[:1].lower()}{why[1:]}"
        )
        checks.append(
            Check(name=f"{missing.replace('_', '-').capitalize()} not recorded", passed=None, detail=detail)
        )
    if not analysis.settings.guardrails:
        checks.append(
            Check(
                name="No guardrail",
                passed=None,
                detail="None was declared, so that harm is not watched.",
            )
        )
    return checks


def _faded(found: Fading) -> Check:
    return Check(
        name=f"Effect of “{found.arm}” lasting",
        passed=None,
        detail=f"{fading_in_words(found)} An effect of novelty would do this.",
    )


def _is_drawn_in(analysis: Analysis, effect: ArmEffect) -> bool:
    """Whether a normal prior draws an effect toward none that the data say is large."""
    conflict = effect.prior_conflict
    return analysis.settings.prior_tails == "normal" and conflict is not None and conflict < CONFLICT


def _conflict(effect: ArmEffect) -> Check:
    return Check(
        name=f"Prior and data of “{effect.arm}” disagree",
        passed=None,
        detail="So large an effect is a surprise to the prior, which draws it toward none: the effect is larger than "
        "it is told here, and its interval may miss it. With prior_tails: heavy it would stand.",
    )


def _data_end(analysis: Analysis) -> list[Check]:
    """Whether windows that count as closed end after the newest row, so that their outcomes may be missing."""
    counts, settings = analysis.counts, analysis.settings
    if counts.data_until is None:
        return []
    covered = counts.data_until.date() - timedelta(days=counts.primary.window_days)
    closed = sum(week.closed for week in counts.enrollment)
    late = sum(week.closed for week in counts.enrollment if week.week > covered)
    if late <= PROFILES[settings.disclosure].few:
        return []
    share = numbers.percent(late / closed, 0)
    detail = (
        f"The newest row is of {numbers.day(counts.data_until.date())}, and {share} of the windows of "
        f"{counts.primary.window_days} days that should be over end after it: their outcomes may be missing."
    )
    return [
        Check(name="Data up to the end of the windows", passed=None if late < closed else False, detail=detail)
    ]


def gate_in_words(gate: Gate, analysis: Analysis) -> str:
    """What a gate found, in one sentence."""
    counts, settings = analysis.counts, analysis.settings
    match gate.name:
        case "sample_ratio":
            fits = "fit" if gate.passed else "do not fit"
            p = analysis.ratio.p_value
            told = f"p {numbers.number(p, 3)}" if p >= 0.001 else "p below 0.001"
            of = "sizes of the arms" if counts.units.empty else "numbers of clusters in the arms"
            return f"The {of} {fits} the design ({told}, valid at every look; alarm at {SAMPLE_RATIO_ALPHA})."
        case "one_arm_each":
            size = "No more" if gate.passed else "More"
            return (
                f"{size} than {numbers.percent(TWO_ARMS_SHARE, 0)} of the people were assigned to a second arm; "
                "they are counted in their first."
            )
        case "triggered_ratio":
            fits = "fit" if gate.passed else "do not fit"
            return (
                f"Those whom the campaign sent a text {fits} the design as well; alarm at {SAMPLE_RATIO_ALPHA}."
            )
        case "texted_after":
            size = "No more" if gate.passed else "More"
            return (
                f"{size} than {numbers.percent(TEXTED_BEFORE_SHARE, 0)} of the people had got a text of the campaign "
                "before they were assigned."
            )
        case "allocation":
            epochs = len(counts.measured_by_epoch(counts.primary))
            if not gate.passed:
                return (
                    "The chances of the arms varied in a way that tells no spells of one allocation, or more than "
                    f"{MOST_EPOCHS} of them, so that the arms differ in time or in people too."
                )
            if epochs > 1:
                return (
                    f"The chances of the arms were changed on the way: each of the {epochs} spells of one allocation "
                    "is compared within itself, with a base rate of its own."
                )
            return "Everybody had the same chances of being assigned to each arm."
        case "maturity":
            told = (
                f"{numbers.percent(counts.maturity, 0)} of the people enrolled have completed their "
                f"{settings.primary.window_days} days"
            )
            if analysis.at_planned_look:
                return f"{told}; {numbers.percent(settings.required_maturity, 0)} are required at the planned look."
            return f"{told}; the planned look is on {planned_day(analysis)}."
        case "sampler":
            diagnostics = analysis.segments.diagnostics if analysis.segments else None
            if diagnostics is None:
                raise ValueError("there is no sampler to tell of")
            return sampler_in_words(diagnostics)
