"""The checks of a segmentation in words, and what the verdict and they say of existence, stability and rules."""

from workbench.present import numbers
from workbench.present.result import Check
from workbench.present.segmentation.words import number_in_words
from workbench.segments.analysis import Analysis
from workbench.segments.grouping import Candidate, Grouping
from workbench.segments.methods.clinical_rules import ClinicalRules
from workbench.segments.verdict import OLDEST_DATA, Gate, SegmentationVerdict

# A rule that puts fewer than this share of people into their own group is not one to work by.
FAITHFUL = 0.8


def checks_in_words(analysis: Analysis, verdict: SegmentationVerdict) -> list[Check]:
    """Every gate as a check, then what is noted without being judged."""
    names = {"current": "Data up to date", "enough_people": "Enough people"}
    checks = [
        Check(name=names[gate.name], passed=gate.passed, detail=gate_in_words(gate, analysis))
        for gate in verdict.gates
    ]
    if analysis.grouping is not None and analysis.grouping.candidates:
        best = speaking(analysis.grouping)
        checks += [
            Check(
                name="More than a continuum", passed=None, detail=existence_in_words(analysis.grouping, best)
            ),
            Check(name="Found again", passed=None, detail=stability_in_words(analysis.grouping, best)),
        ]
    approved = rules_of(analysis)
    if approved is not None:
        checks.append(Check(name="Approved", passed=None, detail=approval_in_words(approved)))
        checks += _words_of_nobody(analysis, approved)
    if analysis.rules is not None:
        checks.append(Check(name="Rules", passed=None, detail=fidelity_in_words(analysis)))
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


def speaking(grouping: Grouping) -> Candidate:
    """The number of groups the report speaks of: the one chosen, or the one that came nearest to it.

    There is none where clinicians defined the groups: no number was tried.
    """
    if grouping.chosen is not None:
        return grouping.chosen
    return min(grouping.candidates, key=lambda each: (each.chance, -min(each.stability)))


def rules_of(analysis: Analysis) -> ClinicalRules | None:
    """The rules that clinicians wrote, where they made the groups."""
    model = None if analysis.grouping is None else analysis.grouping.model
    return model if isinstance(model, ClinicalRules) else None


def gate_in_words(gate: Gate, analysis: Analysis) -> str:
    """What a gate asks, and whether it holds."""
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


def existence_in_words(grouping: Grouping, best: Candidate) -> str:
    """Whether a continuum would show as much."""
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


def stability_in_words(grouping: Grouping, best: Candidate) -> str:
    """Whether the groups are found again."""
    lowest = numbers.number(min(best.stability), 2)
    required = numbers.number(grouping.settings.required_stability, 2)
    again = "Every group is found again" if grouping.is_stable(best) else "Not every group is found again"
    return (
        f"{again} when the people are drawn anew: of {number_in_words(best.groups)} groups the least stable keeps a "
        f"Jaccard similarity of {lowest} (required: {required}; below 0.50 a group is dissolved)."
    )


def fidelity_in_words(analysis: Analysis) -> str:
    """How many people the rules put into their own group."""
    if analysis.rules is None:
        raise ValueError("there are no rules to tell of")
    share = numbers.percent(analysis.rules.fidelity, 0)
    told = (
        f"A rule of at most {number_in_words(analysis.settings.tree_depth)} questions puts "
        f"{share} of people it has not learned from into their own group"
    )
    return f"{told}." if analysis.rules.fidelity >= FAITHFUL else f"{told}: too few to work by the rule alone."


def approval_in_words(rules: ClinicalRules) -> str:
    """Who approved the definitions."""
    approval = rules.approval
    return (
        f'The groups are definitions ("{rules.title}"), approved by {approval.approved_by} on '
        f"{numbers.day(approval.approved_on)} ({approval.reference}; rules {rules.fingerprint}): whether people come "
        "in such kinds was not asked."
    )


def nobody_in(analysis: Analysis, rules: ClinicalRules) -> list[str]:
    """Which of the defined groups hold nobody."""
    empty = rules.names[len(analysis.groups) :]
    return [f"Nobody is in: {', '.join(empty)}."] if empty else []


def _words_of_nobody(analysis: Analysis, rules: ClinicalRules) -> list[Check]:
    """Words that the rules name and nobody here has: rare ones, or misspelled."""
    titles: dict[str, str] = {each.name: each.title.lower() for each in analysis.frame.categorical}
    return [
        Check(
            name=f"Words of nobody: {titles[feature]}",
            passed=None,
            detail=f"The rules name {', '.join(f'“{word}”' for word in words)}, which holds of none of the "
            f"{analysis.settings.people_noun} today: see that it is written as it is recorded.",
        )
        for feature, words in rules.words_of_nobody(analysis.frame).items()
    ]
