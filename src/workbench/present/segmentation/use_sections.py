"""The sections of a segmentation report on reading and using the groups: their tables, and the blocks each shows."""

from workbench.present.blocks import Block, ProseBlock, TableBlock, folded, tables_of
from workbench.present.disclosure import PROFILES, Profile
from workbench.present.result import StudyResult, Table
from workbench.present.segmentation.channels import channels_in_words, channels_table, unsuited_by_group_table
from workbench.present.segmentation.exemplars import exemplars_table
from workbench.present.segmentation.group_map import group_map, map_table
from workbench.present.segmentation.outcomes import (
    corrected_table,
    message_in_words,
    outcomes_in_words,
    outcomes_table,
)
from workbench.present.segmentation.sections import NONE_FOUND
from workbench.segments.analysis import Analysis


def use_tables(analysis: Analysis, profile: Profile) -> list[Table]:
    """The tables of these sections, small cells hidden, in the order of the report."""
    tables = []
    if analysis.group_map is not None:
        tables.append(map_table(analysis, analysis.group_map, profile))
    if analysis.exemplars:
        tables.append(exemplars_table(analysis, profile))
    if analysis.outcomes:
        tables += [outcomes_table(analysis, profile), corrected_table(analysis, profile)]
    if analysis.channels.kinds:
        tables.append(channels_table(analysis, profile))
        if analysis.groups:
            tables.append(unsuited_by_group_table(analysis, profile))
    return tables


def where_they_lie(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The map, and a made-up person typical of each group."""
    if not analysis.groups:
        return (NONE_FOUND,)
    found = group_map(analysis, result)
    drawn: list[Block] = (
        [] if found is None else [found, *folded("The map in numbers", tables_of(result, "group_map"))]
    )
    return (*drawn, TableBlock(table=result.table("exemplars")))


def what_became_of_them(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The outcomes by group, corrected and not, and which experiment would tell which message suits whom."""
    if not analysis.groups:
        return (NONE_FOUND,)
    tables = [TableBlock(table=result.table(id)) for id in _OUTCOMES if result.has_table(id)]
    told = outcomes_in_words(analysis, PROFILES[analysis.settings.disclosure])
    return (ProseBlock(text=told), *tables, ProseBlock(text=message_in_words(analysis)))


def how_to_reach_them(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Whom texts may not suit, in all and by group."""
    tables = [TableBlock(table=result.table(id)) for id in _CHANNELS if result.has_table(id)]
    if not tables:
        return (ProseBlock(text="Nobody was looked for whom texts may not suit."),)
    return (ProseBlock(text=channels_in_words(analysis)), *tables)


_OUTCOMES = ("outcomes", "outcomes_corrected")
_CHANNELS = ("other_channel", "other_channel_by_group")
