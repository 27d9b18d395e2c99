"""The verdict of an A/B analysis in sentences: headline, reasons, the facts a decision needs, checks in words."""

import math

from workbench.experiments.analysis import Analysis
from workbench.experiments.effects import ArmEffect, GuardrailEffect
from workbench.experiments.metrics import Metric
from workbench.experiments.verdict import (
    SHOWN,
    ExperimentVerdict,
    adopts_on_probability,
    needed_log_e,
    needed_probability,
    sure_by_cluster,
)
from workbench.present import numbers
from workbench.present.experiment.checks import gate_in_words
from workbench.present.experiment.words import fading_in_words, listed, planned_day, probability
from workbench.present.result import Fact, Verdict


def verdict_in_words(analysis: Analysis, verdict: ExperimentVerdict) -> Verdict:
    """Decision, headline, reasons and facts, as a report opens with them."""
    effect = next((effect for effect in analysis.effects if effect.arm == verdict.arm), None)
    return Verdict(
        decision=verdict.decision,
        headline=_headline(analysis, verdict, effect),
        reasons=_reasons(analysis, verdict, effect),
        facts=_facts(analysis, verdict, effect),
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


def _randomized_by_cluster(analysis: Analysis, effect: ArmEffect) -> list[str]:
    """Why an effect that people would show is not called so where clusters were randomized."""
    found = analysis.clusters
    if not analysis.at_planned_look:
        return [
            "Clusters were randomized, and not people: such an experiment adopts at its planned look alone."
        ]
    if found is None or found.withheld is not None:
        return [
            "Clusters were randomized, and not people, and they are too few to say how alike their members are."
        ]
    plain = found.plain[effect.arm]
    interval = numbers.interval(plain.low, plain.high, scale=1000)
    return [
        "Clusters were randomized, and not people: taken by cluster, the difference per 1,000 is "
        f"{numbers.number(1000 * plain.mean, signed=True)} ({interval})."
    ]


def _headline(analysis: Analysis, verdict: ExperimentVerdict, effect: ArmEffect | None) -> str:
    settings, control = analysis.settings, analysis.settings.control
    if verdict.decision == "invalid":
        return "The experiment cannot be read: what it rests on did not hold."
    if verdict.decision == "keep_collecting" or effect is None:
        look = f"; the planned look is on {planned_day(analysis)}" if not analysis.at_planned_look else ""
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
        case _ if not sure_by_cluster(effect, analysis) and effect.better > needed_probability(analysis):
            return f"No answer: taken by cluster, as it was randomized, {arm} is not surely better than “{control}”."
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
    names = listed([_no_worse(guardrail.metric) for guardrail in guardrails])
    return f", and {names} than the margin allows"


def _no_worse(metric: Metric) -> str:
    return f"no {'more' if metric.sign < 0 else 'fewer'} {metric.name}"


def _watched(analysis: Analysis, arm: str) -> str:
    """The guardrails of an arm of which it is not shown that they stay within the margin; all where all are."""
    guardrails = analysis.guardrails_of(arm)
    unshown = [guardrail.metric.name for guardrail in guardrails if guardrail.safe <= SHOWN]
    return listed(unshown or [guardrail.metric.name for guardrail in guardrails])


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
        f"1,000, the smallest effect that matters, is {probability(effect.matters)}.",
    ]
    if not sure_by_cluster(effect, analysis):
        better += _randomized_by_cluster(analysis, effect)
    if verdict.decision == "adopt":
        faded = [found for found in analysis.fading if found.arm == effect.arm and found.fades]
        better += [fading_in_words(found) for found in faded]
        better += _clustered(analysis, effect)
    guardrail = analysis.guardrail_of(effect.arm)
    if guardrail is None:
        return better
    harm = (
        f"The probability that {_worsened(guardrail.metric)} by more than "
        f"{numbers.points(guardrail.metric.smallest_effect)} is {probability(guardrail.harm)}."
    )
    return [harm, *better] if verdict.decision == "harmful" else [*better, harm]


def _evidence(analysis: Analysis, effect: ArmEffect) -> str:
    if adopts_on_probability(analysis):
        return (
            f"The probability of being better than “{analysis.settings.control}” is "
            f"{probability(effect.better)}; adoption takes more than "
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
            return f"{probability(guardrail.harm).capitalize()} that {worsened} by more than the margin."
        case "harmful":
            return f"{probability(effect.worse).capitalize()} that it does harm."
        case "equivalent":
            return f"{probability(effect.equivalent).capitalize()} that the difference is too small to matter."
        case "reject":
            return f"{probability(1 - effect.matters).capitalize()} that it adds less than what matters."
        case _:
            settings = analysis.settings
            chance = (
                1 / settings.needed_evidence if settings.rule == "anytime" else 1 - settings.adopt_probability
            )
            error = numbers.percent(chance, 0)
            return (
                f"{probability(effect.better).capitalize()} that it is better. The rule is made to adopt something "
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


def _e(log_e: float) -> str:
    """An e-value in a form people read: three figures at most, never beyond a million."""
    if log_e > math.log(1e6):
        return "more than 1,000,000"
    value = math.exp(log_e)
    return numbers.number(value, 0 if value >= 10 else 2)
