"""The verdict of a segmentation in sentences: headline, reasons, and the facts a decision needs."""

from workbench.present import numbers
from workbench.present.disclosure import PROFILES
from workbench.present.group_shares import shares_of_all
from workbench.present.result import Fact, Verdict
from workbench.present.segmentation.channels import channels_fact
from workbench.present.segmentation.checks import (
    approval_in_words,
    existence_in_words,
    fidelity_in_words,
    gate_in_words,
    nobody_in,
    rules_of,
    speaking,
    stability_in_words,
)
from workbench.present.segmentation.outcomes import outcomes_fact
from workbench.present.segmentation.words import number_in_words
from workbench.segments.analysis import Analysis
from workbench.segments.grouping import FEWEST_IN_GROUP, Candidate, Grouping
from workbench.segments.verdict import SegmentationVerdict


def verdict_in_words(analysis: Analysis, verdict: SegmentationVerdict) -> Verdict:
    """Decision, headline, reasons and facts, as a report opens with them."""
    return Verdict(
        decision=verdict.decision,
        headline=_headline(analysis, verdict),
        reasons=_reasons(analysis, verdict),
        facts=_facts(analysis, verdict),
    )


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
            shares = zip(analysis.groups, _shares(analysis), strict=True)
            named = "; ".join(f"{group.name} ({share})" for group, share in shares)
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


def _shares(analysis: Analysis) -> list[str]:
    """The share of each group; of few that they are few, and of whom few could be worked out from nothing."""
    profile = PROFILES[analysis.settings.disclosure]
    people = [group.people for group in analysis.groups]
    return [
        share or (profile.fewer_than if profile.is_few(each) else "share not shown")
        for each, share in zip(people, shares_of_all(people, profile), strict=True)
    ]


def _reasons(analysis: Analysis, verdict: SegmentationVerdict) -> list[str]:
    failed = [gate for gate in verdict.gates if not gate.passed]
    if failed or analysis.grouping is None:
        return [gate_in_words(gate, analysis) for gate in failed]
    approved = rules_of(analysis)
    if approved is not None:
        return [approval_in_words(approved), *nobody_in(analysis, approved)]
    best = speaking(analysis.grouping)
    reasons = [existence_in_words(analysis.grouping, best), stability_in_words(analysis.grouping, best)]
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
    return [*reasons, fidelity_in_words(analysis)] if analysis.rules is not None else reasons


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
