"""Another number of groups than the one chosen: what the rule says of it, in words, and its tables."""

from workbench.present import numbers
from workbench.present.blocks import ProseBlock, TableBlock
from workbench.present.disclosure import PROFILES, Profile, hide_small_cells
from workbench.present.segmentation.tables import (
    attribute_table,
    candidate_in_words,
    candidates_table,
    groups_table,
    profile_table,
    smallest_in_words,
)
from workbench.present.segmentation.words import number_in_words
from workbench.segments.analysis import Analysis
from workbench.segments.grouping import Candidate, Grouping


def number_of_groups_looked_at(grouping: Grouping, looked_at: Analysis) -> tuple[ProseBlock | TableBlock, ...]:
    """What speaks for a number of groups that was tried, how large these are, and who is in them.

    Small cells are hidden in each table by itself. Tables of two numbers are not held against each other: what is
    made here is for somebody who may see the people one by one, and for no report.

    Args:
        grouping: the numbers tried, and by which tests they are judged here.
        looked_at: from `regrouped`, in the number of groups to look at.
    """
    each = looked_at.grouping.chosen if looked_at.grouping else None
    if each is None:
        raise ValueError("there is no number of groups to look at")
    profile = PROFILES[looked_at.settings.disclosure]
    tables = [candidates_table(grouping, profile)]
    # A group may be empty; then there is no stability to tell beside each.
    if len(looked_at.groups) == each.groups:
        tables.append(groups_table(looked_at, profile))
    tables.append(profile_table(looked_at, profile))
    tables += [attribute_table(looked_at, column) for column in looked_at.settings.profile_by]
    shown = (TableBlock(table=hide_small_cells(table, profile)) for table in tables)
    return (ProseBlock(text=_said(grouping, each, profile)), *shown)


def _said(grouping: Grouping, each: Candidate, profile: Profile) -> str:
    settings = grouping.settings
    chosen = grouping.chosen
    rule = f"{number_in_words(chosen.groups)} groups" if chosen else "no groups"
    return (
        f"**{number_in_words(each.groups).capitalize()} groups** ({candidate_in_words(grouping, each)}): a continuum "
        f"shows as much with a chance of {numbers.probability(each.chance)} (at most "
        f"{numbers.probability(settings.chance_of_false_groups)} allowed), the least stable group comes back "
        f"{numbers.number(min(each.stability), 2)} alike ({numbers.number(settings.required_stability, 2)} required), "
        f"and the smallest holds {smallest_in_words(grouping, each, profile)} "
        f"({numbers.percent(settings.smallest_group, 1)} required). By these tests the rule takes {rule}."
    )
