"""The verdict of a segmentation in sentences: headline, reasons, the facts a decision needs, checks in words."""

import numpy as np

from workbench.present import numbers
from workbench.present.disclosure import PROFILES
from workbench.present.result import Check, Fact, Verdict
from workbench.present.segmentation.channels import channels_fact
from workbench.present.segmentation.outcomes import outcomes_fact
from workbench.segments.analysis import Analysis
from workbench.segments.features import FEATURES, Feature
from workbench.segments.grouping import FEWEST_IN_GROUP, Candidate, Grouping
from workbench.segments.methods.clinical_rules import Bounds, ClinicalRules
from workbench.segments.reading.profiles import GroupProfile
from workbench.segments.reading.rules import Condition, Rule
from workbench.segments.verdict import OLDEST_DATA, Gate, SegmentationVerdict

WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
# A rule that puts fewer than this share of people into their own group is not one to work by.
FAITHFUL = 0.8
# Below so many events for half of the people a share is counted from few.
FEW_EVENTS = 20


def verdict_in_words(analysis: Analysis, verdict: SegmentationVerdict) -> Verdict:
    """Decision, headline, reasons and facts, as a report opens with them."""
    return Verdict(
        decision=verdict.decision,
        headline=_headline(analysis, verdict),
        reasons=_reasons(analysis, verdict),
        facts=_facts(analysis, verdict),
    )


def checks_in_words(analysis: Analysis, verdict: SegmentationVerdict) -> list[Check]:
    """Every gate as a check, then what is noted without being judged."""
    names = {"current": "Data up to date", "enough_people": "Enough people"}
    checks = [
        Check(name=names[gate.name], passed=gate.passed, detail=_gate(gate, analysis)) for gate in verdict.gates
    ]
    if analysis.grouping is not None and analysis.grouping.candidates:
        best = speaking(analysis.grouping)
        checks += [
            Check(name="More than a continuum", passed=None, detail=_existence(analysis.grouping, best)),
            Check(name="Found again", passed=None, detail=_stability(analysis.grouping, best)),
        ]
    approved = rules_of(analysis)
    if approved is not None:
        checks.append(Check(name="Approved", passed=None, detail=_approval(approved)))
    if analysis.rules is not None:
        checks.append(Check(name="Rules", passed=None, detail=_fidelity(analysis)))
    if analysis.grouping is not None and analysis.grouping.kind == "kinds" and _shares_of_few(analysis):
        checks.append(
            Check(
                name="Counted from few events",
                passed=None,
                detail="Shares are counted from few events each. Where people's own shares are skewed, most of them "
                "high and some low, a continuum is taken for groups more often than the chance says.",
            )
        )
    for feature in analysis.frame.unreliable:
        checks.append(
            Check(
                name=f"Left out: {feature.title.lower()}",
                passed=None,
                detail="People differ in it by hardly more than chance, so that it makes no groups; it is described.",
            )
        )
    for missing, why in sorted(analysis.settings.goes_on_without.items()):
        checks.append(
            Check(name=f"{missing.replace('_', '-').capitalize()} not recorded", passed=None, detail=why)
        )
    return checks


def rules_of(analysis: Analysis) -> ClinicalRules | None:
    """The rules that clinicians wrote, where they made the groups."""
    model = None if analysis.grouping is None else analysis.grouping.model
    return model if isinstance(model, ClinicalRules) else None


def _shares_of_few(analysis: Analysis) -> bool:
    measured = [how for how in analysis.frame.measured if how is not None and how.kind == "share"]
    return any(float(np.median(how.trials)) < FEW_EVENTS for how in measured)


def speaking(grouping: Grouping) -> Candidate:
    """The number of groups the report speaks of: the one chosen, or the one that came nearest to it.

    There is none where clinicians defined the groups: no number was tried.
    """
    if grouping.chosen is not None:
        return grouping.chosen
    return min(grouping.candidates, key=lambda each: (each.chance, -min(each.stability)))


def rule_in_words(rule: Rule) -> str:
    """A rule's conditions in one line; the rule without any is for everybody."""
    return ", and ".join(condition_in_words(each) for each in rule.conditions) or "everybody"


def condition_in_words(condition: Condition) -> str:
    """One condition, such as "missed at least 20 %"."""
    side = "at least" if condition.at_least else "below"
    return (
        f"{measure_in_words(condition.feature).lower()} {side} {amount(condition.feature, condition.threshold)}"
    )


def bounds_in_words(bounds: Bounds) -> str:
    """What a clinician's rule asks of one measure, such as "missed at least 20 % and below 50 %"."""
    feature = next(each for each in FEATURES if each.name == bounds.measure)
    sides = (("at least", bounds.at_least), ("below", bounds.below))
    told = " and ".join(f"{side} {amount(feature, value)}" for side, value in sides if value is not None)
    return f"{measure_in_words(feature).lower()} {told}"


def amount(feature: Feature, value: float) -> str:
    """A feature's value with its unit; a rate's is told by `measure_in_words`."""
    match feature.kind:
        case "share":
            return numbers.percent(value, 0)
        case "days":
            return f"{numbers.number(value)} days"
        case "hours":
            return f"{numbers.number(value, 1)} hours"
        case _:
            return numbers.number(value, 2)


def measure_in_words(feature: Feature) -> str:
    """A feature's title, with the unit of a rate."""
    return f"{feature.title} {feature.unit}" if feature.kind == "rate" else feature.title


def _headline(analysis: Analysis, verdict: SegmentationVerdict) -> str:
    noun = analysis.settings.people_noun
    match verdict.decision:
        case "invalid":
            return "The groups cannot be told: the data end too long before the day the study looks from."
        case "keep_collecting":
            return f"Too early to say: too few {noun} are known well enough to look for groups."
        case "no_groups":
            return f"No groups: these {noun} differ by degrees, and any line through them would be drawn, not found."
        case _:
            named = "; ".join(f"{each.name} ({_share(analysis, each)})" for each in analysis.groups)
            return f"{_opening(analysis, verdict)}: {named}."


def _opening(analysis: Analysis, verdict: SegmentationVerdict) -> str:
    noun, groups = analysis.settings.people_noun, number_in_words(len(analysis.groups))
    match verdict.decision:
        case "useful_cuts":
            return f"Useful cuts of a continuum, not kinds: these {noun} differ by degrees, cut in {groups}"
        case "groups_defined":
            return f"{groups.capitalize()} {'group' if len(analysis.groups) == 1 else 'groups'} of {noun} as defined"
        case _:
            return f"Plan for {groups} groups of {noun}"


def _share(analysis: Analysis, group: GroupProfile) -> str:
    profile = PROFILES[analysis.settings.disclosure]
    if profile.is_few(group.people):
        return profile.fewer_than
    return numbers.percent(group.people / analysis.everyone.people, 0)


def number_in_words(value: int) -> str:
    """A whole number, small ones as a word."""
    return WORDS[value] if value < len(WORDS) else str(value)


def _reasons(analysis: Analysis, verdict: SegmentationVerdict) -> list[str]:
    failed = [gate for gate in verdict.gates if not gate.passed]
    if failed or analysis.grouping is None:
        return [_gate(gate, analysis) for gate in failed]
    approved = rules_of(analysis)
    if approved is not None:
        return [_approval(approved), *_nobody_in(analysis, approved)]
    best = speaking(analysis.grouping)
    reasons = [_existence(analysis.grouping, best), _stability(analysis.grouping, best)]
    if best.fewest < FEWEST_IN_GROUP:
        reasons.append(
            f"The smallest of {number_in_words(best.groups)} groups holds fewer than {FEWEST_IN_GROUP} people, of "
            "whom nothing could be told."
        )
    if min(best.shares) < analysis.settings.smallest_group:
        reasons.append(
            f"The smallest of {number_in_words(best.groups)} groups holds less than the "
            f"{numbers.percent(analysis.settings.smallest_group, 0)} of the people that a group must hold."
        )
    return [*reasons, _fidelity(analysis)] if analysis.rules is not None else reasons


def _approval(rules: ClinicalRules) -> str:
    approval = rules.approval
    return (
        f'The groups are definitions ("{rules.title}"), approved by {approval.approved_by} on '
        f"{numbers.day(approval.approved_on)} ({approval.reference}; rules {rules.fingerprint}): whether people come "
        "in such kinds was not asked."
    )


def _nobody_in(analysis: Analysis, rules: ClinicalRules) -> list[str]:
    empty = rules.names[len(analysis.groups) :]
    return [f"Nobody is in: {', '.join(empty)}."] if empty else []


def _existence(grouping: Grouping, best: Candidate) -> str:
    draws = grouping.settings.continuum_draws
    fits = round(best.chance * (draws + 1)) - 1
    if grouping.exists(best):
        often = "none" if fits == 0 else numbers.count(fits)
        return (
            f"{number_in_words(best.groups).capitalize()} groups fit these people better than people without groups: "
            f"of {draws} data sets drawn from a continuum with the same margins and correlations, {often} did as well."
        )
    return (
        f"A continuum explains what is seen: {fits} of {draws} data sets drawn from one, with the same margins and "
        "correlations, showed as much as the best number of groups did here."
    )


def _stability(grouping: Grouping, best: Candidate) -> str:
    lowest = numbers.number(min(best.stability), 2)
    required = numbers.number(grouping.settings.required_stability, 2)
    again = "Every group is found again" if grouping.is_stable(best) else "Not every group is found again"
    return (
        f"{again} when the people are drawn anew: of {number_in_words(best.groups)} groups the least stable keeps a "
        f"Jaccard similarity of {lowest} (required: {required}; below 0.50 a group is dissolved)."
    )


def _fidelity(analysis: Analysis) -> str:
    if analysis.rules is None:
        raise ValueError("there are no rules to tell of")
    share = numbers.percent(analysis.rules.fidelity, 0)
    told = (
        f"A rule of at most {number_in_words(analysis.settings.tree_depth)} questions puts "
        f"{share} of people it has not learned from into their own group"
    )
    return f"{told}." if analysis.rules.fidelity >= FAITHFUL else f"{told}: too few to work by the rule alone."


def _gate(gate: Gate, analysis: Analysis) -> str:
    match gate.name:
        case "current":
            passed = "lie within" if gate.passed else "lie more than"
            end = "of the day the study looks from." if gate.passed else "before the day the study looks from."
            return f"The newest appointments known {passed} {OLDEST_DATA.days} days {end}"
        case "enough_people":
            enough = "at least" if gate.passed else "fewer than the"
            return (
                f"There are {enough} {numbers.count(analysis.settings.fewest_people)} "
                f"{analysis.settings.people_noun} that are needed to look for groups."
            )


def _facts(analysis: Analysis, verdict: SegmentationVerdict) -> list[Fact]:
    facts = [Fact(label="What to do", text=_to_do(analysis, verdict))]
    people = analysis.everyone.people
    if not PROFILES[analysis.settings.disclosure].is_few(people):
        profile = PROFILES[analysis.settings.disclosure]
        facts.append(
            Fact(
                label="People",
                text=f"{numbers.count(profile.rounded(people))} {analysis.settings.people_noun} were looked at, in "
                "care and with enough appointments to be known; the others belong to no group.",
            )
        )
    if analysis.grouping is not None and analysis.grouping.candidates:
        best = speaking(analysis.grouping)
        facts.append(Fact(label="How sure", text=_how_sure(analysis.grouping, best)))
    profile = PROFILES[analysis.settings.disclosure]
    facts += [each for each in (outcomes_fact(analysis, profile), channels_fact(analysis, profile)) if each]
    facts += [
        Fact(
            label="Risk",
            text="A group says what most of its people do, not what one person does: treating somebody by a label "
            "does harm where the label is wrong.",
        ),
        Fact(label="Who must act", text=analysis.settings.who_must_act),
        Fact(label="What would change our mind", text=_change_of_mind(verdict)),
    ]
    return facts


def _how_sure(grouping: Grouping, best: Candidate) -> str:
    chance = numbers.percent(best.chance, 1 if best.chance < 0.1 else 0)
    if grouping.kind == "cuts":
        return (
            f"A continuum shows as much as this with a chance of {chance}: where the lines lie is a choice, which "
            f"comes back {numbers.number(min(best.stability), 2)} alike where the people are drawn anew."
        )
    if grouping.chosen is None:
        return f"A continuum shows as much as this with a chance of {chance}."
    return (
        f"A continuum would show as much with a chance of at most {chance}; the least stable group comes back "
        f"{numbers.number(min(best.stability), 2)} alike (1 is the same people)."
    )


def _to_do(analysis: Analysis, verdict: SegmentationVerdict) -> str:
    match verdict.decision:
        case "groups_found":
            return (
                "Use the groups to plan offers and to ask what each needs; whether one offer works better for one "
                "group is a question for an experiment."
            )
        case "useful_cuts":
            return (
                "Use the cuts to plan by where somebody has to be put into one of a few lists; say more or less, not "
                "this kind or that, and expect people near a line to cross it."
            )
        case "groups_defined":
            return "Use the groups for what they were approved for; see that each is as large as was expected."
        case "no_groups":
            return (
                f"Plan by the single measures, such as {analysis.frame.features[0].title.lower()}, and not by types of "
                "people."
            )
        case "keep_collecting":
            return "Wait for more people, or look further back; decide nothing yet."
        case _:
            return "Decide nothing on these data; find out why newer ones are missing."


def _change_of_mind(verdict: SegmentationVerdict) -> str:
    match verdict.decision:
        case "groups_found":
            return "Groups that are not found again in the next quarter, or a measure that was recorded differently."
        case "groups_defined":
            return "Other rules, once they are approved."
        case "no_groups" | "useful_cuts":
            return "New measures, or more events for each person, by which groups part."
        case "keep_collecting":
            return "More people, or a longer time looked at."
        case _:
            return "Data up to the day the study looks from."
