"""The explorer of a segmentation: number of groups and smallest group allowed against profiles."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from workbench.jupyter.explorer import Choice, Control, Explorer, Shown, Slider, Values
from workbench.present.blocks import ProseBlock
from workbench.present.segmentation.alternatives import number_of_groups_looked_at
from workbench.present.segmentation.checks import speaking
from workbench.present.segmentation.sentences import verdict_in_words
from workbench.present.segmentation.words import number_in_words
from workbench.segments.analysis import Analysis, regrouped
from workbench.segments.grouping import reconsidered
from workbench.segments.verdict import decide

# The parameter is a share; people think in percent.
PER = 100


def explore_groups(analysis: Analysis) -> Explorer:
    """Choose another number of groups, and see who would be in each and what the rule's tests say of it.

    The rule of the study was set before the data were seen; the parameters printed here are for the next one.

    Args:
        analysis: from `analyze`; nothing is fitted anew but the rules of each group.
    """
    settings = analysis.settings
    numbers = range(settings.groups_from, settings.groups_to + 1)
    controls: dict[str, Control] = {
        "groups": Choice(
            "Number of groups",
            value=speaking(analysis.grouping).groups
            if analysis.grouping and analysis.grouping.candidates
            else numbers[0],
            options={number_in_words(number): number for number in numbers},
        ),
        "smallest_group": Slider(
            "Smallest group allowed",
            value=round(PER * settings.smallest_group, 6),
            low=0.5,
            high=40.0,
            step=0.5,
            unit=f"% of the {settings.people_noun}",
        ),
    }

    verdict = decide(analysis)

    @cache
    def looked_at(groups: int) -> Analysis:
        return regrouped(analysis, groups)

    def render(values: Values) -> Sequence[Shown]:
        tried = analysis.grouping is not None and analysis.grouping.candidates
        if analysis.grouping is None or not tried or not all(gate.passed for gate in verdict.gates):
            return (ProseBlock(text=verdict_in_words(analysis, verdict).headline),)
        grouping = reconsidered(analysis.grouping, group_parameters(values)["smallest_group"])
        return number_of_groups_looked_at(grouping, looked_at(values["groups"]))

    about = "What the same people look like in another number of groups. The rule chose before: this is for the next."
    return Explorer(controls, render, group_parameters, about)


def group_parameters(values: Values) -> dict[str, Any]:
    """The controls' values as parameters of a segmentation: that number alone is tried, and a share."""
    return {
        "groups_from": values["groups"],
        "groups_to": values["groups"],
        "smallest_group": round(values["smallest_group"] / PER, 9),
    }
