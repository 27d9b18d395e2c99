"""The analysis of a segmentation: from counts per person to groups, profiles and rules. A frozen result out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from workbench.segments.features import FeatureFrame, Yardstick
from workbench.segments.grouping import Grouping, find_groups
from workbench.segments.methods.clinical_rules import ClinicalRules
from workbench.segments.parameters import Segmentation
from workbench.segments.people import People
from workbench.segments.profiles import GroupProfile, profile_groups
from workbench.segments.rules import RuleTree, learn_rules


@dataclass(frozen=True)
class Analysis:
    """What was found about the people of a segmentation.

    `grouping` is None where there are too few people to look for groups, `rules` where there are no groups, or
    where clinicians' own rules made them.
    """

    people: People
    settings: Segmentation
    yardstick: Yardstick
    frame: FeatureFrame
    grouping: Grouping | None
    everyone: GroupProfile
    groups: tuple[GroupProfile, ...]
    rules: RuleTree | None


def analyze(
    people: People,
    settings: Segmentation,
    report: Callable[[str], None] | None = None,
    rules: ClinicalRules | None = None,
) -> Analysis:
    """Look for groups and describe them.

    Args:
        people: from `people_in_care`.
        settings: the parameters.
        report: told what is being done, for this takes a while.
        rules: from `declared_rules`, where the method is "rules".

    Raises:
        Refused: a feature that tells nobody apart; see `Yardstick.of`; and what `find_groups` refuses.
    """
    yardstick = Yardstick.of(people.rows, settings)
    frame = yardstick.frame(people.rows)
    # What is defined needs no number of people to be found in.
    enough = frame.people >= settings.fewest_people or rules is not None
    grouping = find_groups(frame, settings, report, rules) if enough else None
    return _described(people, settings, yardstick, frame, grouping)


def regrouped(analysis: Analysis, groups: int) -> Analysis:
    """The same people in another number of groups that was tried, whether or not it may be chosen: to look at only.

    Args:
        analysis: from `analyze`, of enough people.
        groups: one of the numbers tried.

    Raises:
        ValueError: no such number was tried.
    """
    tried = analysis.grouping.candidates if analysis.grouping else ()
    candidate = next((each for each in tried if each.groups == groups), None)
    if analysis.grouping is None or candidate is None:
        raise ValueError(f"{groups} groups were not tried")
    grouping = replace(analysis.grouping, chosen=candidate)
    return _described(analysis.people, analysis.settings, analysis.yardstick, analysis.frame, grouping)


def _described(
    people: People,
    settings: Segmentation,
    yardstick: Yardstick,
    frame: FeatureFrame,
    grouping: Grouping | None,
) -> Analysis:
    labels = grouping.labels if grouping else None
    everyone, groups = profile_groups(people.rows, frame, labels, settings.profile_by)
    model = grouping.model if grouping else None
    defined = isinstance(model, ClinicalRules)
    if isinstance(model, ClinicalRules):
        groups = tuple(replace(each, name=name) for each, name in zip(groups, model.names, strict=False))
    return Analysis(
        people=people,
        settings=settings,
        yardstick=yardstick,
        frame=frame,
        grouping=grouping,
        everyone=everyone,
        groups=groups,
        rules=None
        if labels is None or defined
        else learn_rules(frame, labels, settings.tree_depth, settings.seed),
    )
