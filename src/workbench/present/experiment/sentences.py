"""The verdict of an A/B analysis in sentences: headline, reasons, the facts a decision needs, checks in words."""

import math
from datetime import timedelta

from workbench.experiments.analysis import Analysis
from workbench.experiments.effects import ArmEffect, GuardrailEffect
from workbench.experiments.exact.ramped import MOST_EPOCHS
from workbench.experiments.fading import Fading
from workbench.experiments.late.forecast import LateOutcomes
from workbench.experiments.metrics import Metric
from workbench.experiments.verdict import (
    SAMPLE_RATIO_ALPHA,
    SHOWN,
    TEXTED_BEFORE_SHARE,
    TWO_ARMS_SHARE,
    ExperimentVerdict,
    Gate,
    adopts_on_probability,
    needed_log_e,
    needed_probability,
)
from workbench.present import numbers
from workbench.present.disclosure import PROFILES
from workbench.present.result import Check, Fact, Verdict


def verdict_in_words(analysis: Analysis, verdict: ExperimentVerdict) -> Verdict:
    """Decision, headline, reasons and facts, as a report opens with them."""
    effect = next((effect for effect in analysis.effects if effect.arm == verdict.arm), None)
    return Verdict(
        decision=verdict.decision,
        headline=_headline(analysis, verdict, effect),
        reasons=_reasons(analysis, verdict, effect),
        facts=_facts(analysis, verdict, effect),
    )


def checks_in_words(analysis: Analysis, verdict: ExperimentVerdict) -> list[Check]:
    """Every gate as a check, then what is noted without being judged."""
    checks = [
        Check(name=_GATE_NAMES[gate.name], passed=gate.passed, detail=gate_in_words(gate, analysis))
        for gate in verdict.gates
    ]
    if analysis.prior_checks:
        lowest, *_, highest = (_probability(p) for p in sorted(check.better for check in analysis.prior_checks))
        told = lowest if lowest == highest else f"{lowest} to {highest}"
        checks.append(
            Check(
                name="Other priors",
                passed=None,
                detail=f"Under a skeptical and a wide prior the probability of being better is {told}.",
            )
        )
    checks += [_faded(found) for found in analysis.fading if found.fades]
    if analysis.late is not None and analysis.late.withheld:
        checks.append(_forecast_doubted(analysis.late))
    checks += [_conflict(effect) for effect in analysis.effects if _is_drawn_in(analysis, effect)]
    checks += _data_end(analysis)
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
        detail=f"{_fading_in_words(found)} An effect of novelty would do this.",
    )


def _fading_in_words(found: Fading) -> str:
    return (
        f"The effect of “{found.arm}” shrinks from week to week: of those enrolled in the last third of the weeks, per "
        f"1,000, it was {numbers.number(1000 * found.late.mean, signed=True)} "
        f"({numbers.interval(found.late.low, found.late.high, scale=1000)}), likelier too small to matter than not."
    )


def _clustered(analysis: Analysis, effect: ArmEffect) -> list[str]:
    """What is to be said where members of a cluster, taken for alike, leave an adopted effect open."""
    found = analysis.clusters
    if found is None:
        return []
    if effect.arm not in found.differences or not found.diagnostics.sound:
        return [
            "People share clusters, too few of them to say how alike their members are: it is less sure than told."
        ]
    told, sign = found.differences[effect.arm], analysis.settings.primary.sign
    if min(sign * told.low, sign * told.high) > 0:
        return []
    interval = numbers.interval(told.low, told.high, scale=1000)
    return [
        "People share clusters, whose members are alike: taken by cluster, the difference per 1,000 is "
        f"{numbers.number(1000 * told.mean, signed=True)} ({interval}), which does not exclude none."
    ]


_DOUBTS = {
    "extrapolated": "nobody, or hardly anybody, has been followed to the end of the window",
    "prior_conflict": "the delays contradict those of earlier campaigns",
    "unsteady": "people enrolled early and late come to their events otherwise",
}


def _forecast_doubted(late: LateOutcomes) -> Check:
    doubts = " and ".join(_DOUBTS[doubt] for doubt in late.doubts)
    return Check(
        name="Forecast of open windows",
        passed=None,
        detail=f"None is given: {doubts}.",
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
            return (
                f"The sizes of the arms {fits} the design ({told}, valid at every look; "
                f"alarm at {SAMPLE_RATIO_ALPHA})."
            )
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
            return f"{told}; the planned look is on {_planned(analysis)}."
        case "sampler":
            diagnostics = analysis.segments.diagnostics if analysis.segments else None
            if diagnostics is None:
                raise ValueError("there is no sampler to tell of")
            return (
                f"R-hat at most {numbers.number(diagnostics.r_hat, 3)}, effective draws at least "
                f"{numbers.count(int(min(diagnostics.ess_bulk, diagnostics.ess_tail)))}, "
                f"{diagnostics.divergences} divergences, E-BFMI at least {numbers.number(diagnostics.e_bfmi, 2)}."
            )


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


def spread_in_words(analysis: Analysis) -> str:
    """Whether the effect differs between segments, by the spread of its log odds ratio between them."""
    if analysis.segments is None:
        raise ValueError("there are no segments to tell of")
    told = []
    for arm, (mean, low, high) in analysis.segments.spread.items():
        told.append(f"“{arm}” {numbers.number(mean, 2)} ({numbers.interval(low, high, 2)})")
    return (
        "Segments borrow from each other: the fewer people one has, the closer it is drawn to the others. The "
        f"standard deviation of the log odds ratio between segments is {'; '.join(told)} (95 % credible); zero would "
        "mean one effect for all. A segment is no reason to treat it differently unless its interval parts from "
        "those of the others."
    )


def named_in_words(analysis: Analysis) -> str:
    """The segments whose effect has a sign that may be told."""
    if analysis.segments is None:
        raise ValueError("there are no segments to tell of")
    metric = analysis.settings.primary.name
    told = []
    for named in analysis.segments.named:
        parts = [
            f"{metric} {moved} in {_listed([segment.replace('_', ' ') for segment in segments])}"
            for moved, segments in (("rose", named.raised), ("fell", named.lowered))
            if segments
        ]
        if parts:
            rate = numbers.percent(named.false_sign_rate, 1)
            told.append(f"Under “{named.arm}” {' and '.join(parts)} (expected share of wrong signs {rate}).")
    return (
        " ".join(told)
        or "No segment is named: it is not credible that the effect differs between them by much."
    )


def _headline(analysis: Analysis, verdict: ExperimentVerdict, effect: ArmEffect | None) -> str:
    settings, control = analysis.settings, analysis.settings.control
    if verdict.decision == "invalid":
        return "The experiment cannot be read: what it rests on did not hold."
    if verdict.decision == "keep_collecting" or effect is None:
        look = f"; the planned look is on {_planned(analysis)}" if not analysis.at_planned_look else ""
        return (
            f"Too early to say: {numbers.percent(analysis.counts.maturity, 0)} of the people enrolled have completed "
            f"their {settings.primary.window_days} days{look}."
        )
    arm = f"“{effect.arm}”"
    match verdict.decision:
        case "adopt":
            return f"Use {arm}: it brought {_more(analysis, effect)}{_guardrail_clause(analysis, verdict, effect)}."
        case "harmful":
            return f"Do not use {arm}: {_harm(analysis, effect)}."
        case "equivalent":
            return f"{arm} and “{control}” do the same, within what matters; choose by cost and by what people prefer."
        case "reject":
            return f"Keep “{control}”: whatever {arm} adds to {settings.primary.name} is too small to matter."
        case _ if effect.better > needed_probability(analysis) and effect.matters > 0.5:
            return f"No answer: {arm} is probably better than “{control}”, but not surely the best choice."
        case _:
            return f"No answer: {arm} may be better than “{control}”, or make no difference; the experiment is over."


def _more(analysis: Analysis, effect: ArmEffect) -> str:
    settings = analysis.settings
    return (
        f"{numbers.number(1000 * effect.gain.mean)} {_better(analysis)} {settings.primary.name} per 1,000 "
        f"{settings.people_noun} within {settings.primary.window_days} days "
        f"({numbers.interval(effect.gain.low, effect.gain.high, scale=1000)})"
    )


def _better(analysis: Analysis) -> str:
    return "more" if analysis.settings.primary.sign > 0 else "fewer"


def _guardrail_clause(analysis: Analysis, verdict: ExperimentVerdict, effect: ArmEffect) -> str:
    guardrails = analysis.guardrails_of(effect.arm)
    if not guardrails:
        return ""
    if verdict.monitored:
        watched = _watched(analysis, effect.arm)
        return f"; whether {watched} stay within the margin is not shown yet, so watch them in the next stage"
    names = _listed([_no_worse(guardrail.metric) for guardrail in guardrails])
    return f", and {names} than the margin allows"


def _no_worse(metric: Metric) -> str:
    return f"no {'more' if metric.sign < 0 else 'fewer'} {metric.name}"


def _watched(analysis: Analysis, arm: str) -> str:
    """The guardrails of an arm of which it is not shown that they stay within the margin; all where all are."""
    guardrails = analysis.guardrails_of(arm)
    unshown = [guardrail.metric.name for guardrail in guardrails if guardrail.safe <= SHOWN]
    return _listed(unshown or [guardrail.metric.name for guardrail in guardrails])


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _worsened(metric: Metric) -> str:
    return f"{metric.name} {'rose' if metric.sign < 0 else 'fell'}"


def _harm(analysis: Analysis, effect: ArmEffect) -> str:
    guardrail, settings = analysis.guardrail_of(effect.arm), analysis.settings
    if guardrail is not None and guardrail.harm > effect.worse:
        return (
            f"{_worsened(guardrail.metric)} by {numbers.points(abs(guardrail.rise.mean))} "
            f"({_interval_of_harm(guardrail)}), "
            f"where {numbers.points(guardrail.metric.smallest_effect)} was the margin"
        )
    low, high = sorted(-settings.primary.sign * end for end in (effect.difference.low, effect.difference.high))
    moved = "fell" if settings.primary.sign > 0 else "rose"
    return (
        f"{settings.primary.name} {moved} by {numbers.number(-1000 * effect.gain.mean)} per 1,000 "
        f"({numbers.interval(low, high, scale=1000)})"
    )


def _interval_of_harm(guardrail: GuardrailEffect) -> str:
    low, high = sorted(-guardrail.metric.sign * end for end in (guardrail.rise.low, guardrail.rise.high))
    return numbers.interval(low, high, 1, scale=100)


def _reasons(analysis: Analysis, verdict: ExperimentVerdict, effect: ArmEffect | None) -> list[str]:
    failed = [gate for gate in verdict.gates if not gate.passed]
    if failed or effect is None:
        return [gate_in_words(gate, analysis) for gate in failed]
    smallest = numbers.number(1000 * analysis.settings.primary.smallest_effect)
    better = [
        _evidence(analysis, effect),
        f"The probability that it brings more than {smallest} {_better(analysis)} {analysis.settings.primary.name} per "
        f"1,000, the smallest effect that matters, is {_probability(effect.matters)}.",
    ]
    if verdict.decision == "adopt":
        faded = [found for found in analysis.fading if found.arm == effect.arm and found.fades]
        better += [_fading_in_words(found) for found in faded]
        better += _clustered(analysis, effect)
    guardrail = analysis.guardrail_of(effect.arm)
    if guardrail is None:
        return better
    harm = (
        f"The probability that {_worsened(guardrail.metric)} by more than "
        f"{numbers.points(guardrail.metric.smallest_effect)} is {_probability(guardrail.harm)}."
    )
    return [harm, *better] if verdict.decision == "harmful" else [*better, harm]


def _evidence(analysis: Analysis, effect: ArmEffect) -> str:
    if adopts_on_probability(analysis):
        return (
            f"The probability of being better than “{analysis.settings.control}” is "
            f"{_probability(effect.better)}; adoption takes more than "
            f"{numbers.percent(needed_probability(analysis))}{_of_which_look(analysis)}."
        )
    told = f"the e-value is {_e(effect.log_e)}; adoption takes {_e(needed_log_e(analysis))}."
    if analysis.settings.rule == "anytime":
        return f"Only evidence that is valid at every look counts: {told}"
    if analysis.look is not None:
        return (
            f"About {numbers.count(analysis.look.people)} people should have completed their days at this look, and "
            "have not: other looks than those planned void their thresholds, and only evidence that is valid at every "
            f"look counts: {told}"
        )
    if analysis.settings.rule == "planned":
        return "Adoption waits for the next of the looks that were planned."
    return f"Before the planned look only evidence that is valid at every look counts: {told}"


def _of_which_look(analysis: Analysis) -> str:
    look = analysis.look
    return f" at look {look.number} of {look.looks}" if look is not None and look.looks > 1 else ""


def _facts(analysis: Analysis, verdict: ExperimentVerdict, effect: ArmEffect | None) -> list[Fact]:
    settings = analysis.settings
    facts = [Fact(label="What to do", text=_to_do(analysis, verdict))]
    if effect is not None:
        facts.append(Fact(label="People", text=_people(analysis, verdict, effect)))
        facts.append(Fact(label="How sure", text=_how_sure(analysis, verdict, effect)))
    guardrail = analysis.guardrail_of(effect.arm) if effect else None
    if guardrail is not None:
        facts.append(
            Fact(
                label="Risk",
                text=" ".join(_risk(guardrail) for guardrail in analysis.guardrails_of(guardrail.arm)),
            )
        )
    elif not settings.guardrails:
        facts.append(Fact(label="Risk", text="No guardrail was declared: harm was not watched."))
    facts.append(Fact(label="Who must act", text=_who_must_act(analysis, verdict)))
    facts.append(Fact(label="What would change our mind", text=_change_of_mind(analysis, verdict)))
    return facts


def _risk(guardrail: GuardrailEffect) -> str:
    worst = guardrail.rise.high if guardrail.metric.sign < 0 else guardrail.rise.low
    return (
        f"{guardrail.metric.name.capitalize()}: {numbers.points(guardrail.rise.mean, signed=True)}, at most credible "
        f"worst {numbers.points(worst, signed=True)}; margin {numbers.points(guardrail.metric.smallest_effect)}."
    )


def _who_must_act(analysis: Analysis, verdict: ExperimentVerdict) -> str:
    match verdict.decision:
        case "keep_collecting":
            return "Nobody yet: the experiment goes on."
        case "invalid":
            return f"{analysis.settings.owner}: find out what went wrong."
        case _:
            return analysis.settings.who_must_act


def _to_do(analysis: Analysis, verdict: ExperimentVerdict) -> str:
    control = analysis.settings.control
    match verdict.decision:
        case "adopt" if verdict.monitored:
            watched = _watched(analysis, verdict.arm or "")
            return f"Use “{verdict.arm}” in a next stage, hold some people out, and watch {watched}."
        case "adopt":
            return f"Make “{verdict.arm}” the default, and hold some people out to see whether it lasts."
        case "harmful":
            return f"Stop “{verdict.arm}” and go on with “{control}”."
        case "reject" | "inconclusive":
            return f"Go on with “{control}”."
        case "equivalent":
            return "Choose by cost and by what people prefer."
        case "keep_collecting":
            return "Go on as planned; decide nothing yet."
        case _:
            return "Decide nothing on these data; find out what went wrong."


def _people(analysis: Analysis, verdict: ExperimentVerdict, effect: ArmEffect) -> str:
    """Numbers of whole arms and differences only."""
    settings = analysis.settings
    told = (
        f"{numbers.number(1000 * effect.difference.mean, signed=True)} {settings.primary.name} per 1,000 "
        f"{settings.people_noun} ({numbers.interval(effect.difference.low, effect.difference.high, scale=1000)}; "
        f"95 % credible)."
    )
    if verdict.decision != "adopt":
        return told
    doubted = numbers.number(1000 * settings.primary.sign * effect.skeptical.mean, signed=True)
    return (
        f"{told} A skeptic would count on {doubted}: what is adopted because it looked large is mostly smaller."
    )


def _how_sure(analysis: Analysis, verdict: ExperimentVerdict, effect: ArmEffect) -> str:
    guardrail = analysis.guardrail_of(effect.arm)
    match verdict.decision:
        case "harmful" if guardrail is not None and guardrail.harm > effect.worse:
            worsened = _worsened(guardrail.metric)
            return f"{_probability(guardrail.harm).capitalize()} that {worsened} by more than the margin."
        case "harmful":
            return f"{_probability(effect.worse).capitalize()} that it does harm."
        case "equivalent":
            return f"{_probability(effect.equivalent).capitalize()} that the difference is too small to matter."
        case "reject":
            return f"{_probability(1 - effect.matters).capitalize()} that it adds less than what matters."
        case _:
            settings = analysis.settings
            chance = (
                1 / settings.needed_evidence if settings.rule == "anytime" else 1 - settings.adopt_probability
            )
            error = numbers.percent(chance, 0)
            return (
                f"{_probability(effect.better).capitalize()} that it is better. The rule is made to adopt something "
                f"useless in no more than about {error} of experiments."
            )


def _change_of_mind(analysis: Analysis, verdict: ExperimentVerdict) -> str:
    settings = analysis.settings
    match verdict.decision:
        case "adopt":
            watch = "".join(
                f"{metric.name} more than {numbers.points(metric.smallest_effect)} "
                f"{'above' if metric.sign < 0 else 'below'} the held-out, or "
                for metric in settings.guardrails
            )
            return (
                f"{watch}full clinics, where texted {settings.people_noun} take the others' slots.".capitalize()
            )
        case "keep_collecting":
            return _awaited(analysis)
        case "invalid":
            return "A repetition of the experiment in which every check passes."
        case _:
            return "A larger experiment, or one among other people."


def _awaited(analysis: Analysis) -> str:
    if not analysis.effects:
        return "Outcomes: nobody's window has closed in some arm yet."
    if analysis.at_planned_look:
        return "The outcomes that are still missing."
    return f"The planned look, or very strong evidence before it (an e-value of {_e(needed_log_e(analysis))})."


def _planned(analysis: Analysis) -> str:
    return numbers.day(analysis.planned_look) if analysis.planned_look else "the end"


def _probability(value: float) -> str:
    """A probability in a sentence: "99.6 %", "more than 99.9 %"."""
    return numbers.probability(value).replace("> ", "more than ").replace("< ", "less than ")


def _e(log_e: float) -> str:
    """An e-value in a form people read: three figures at most, never beyond a million."""
    if log_e > math.log(1e6):
        return "more than 1,000,000"
    value = math.exp(log_e)
    return numbers.number(value, 0 if value >= 10 else 2)
