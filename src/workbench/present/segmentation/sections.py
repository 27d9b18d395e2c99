"""The sections of a segmentation report, each as the blocks it shows."""

from workbench.present.blocks import Block, ChecksBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.result import Fact, StudyResult
from workbench.present.segmentation.checks import rules_of
from workbench.present.segmentation.figures import group_profiles, number_of_groups
from workbench.present.segmentation.tables import described_by
from workbench.present.segmentation.terms import study_terms
from workbench.segments.analysis import Analysis

NONE_FOUND = ProseBlock(text="There are no groups to describe.")


def which_groups(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The groups, their sizes, and what sets them apart."""
    if not analysis.groups:
        return (NONE_FOUND,)
    return (
        TableBlock(table=result.table("groups")),
        group_profiles(analysis, result),
        TableBlock(table=result.table("profiles")),
    )


def by_what_rule(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The rules in words, with their fidelity."""
    if rules_of(analysis) is not None:
        return (TableBlock(table=result.table("rules")),)
    if analysis.rules is None:
        return (NONE_FOUND,)
    return (TableBlock(table=result.table("rules")), TableBlock(table=result.table("fidelity")))


def who_they_are(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Diagnosis, phase and the like, consent and texts by group."""
    if not analysis.groups:
        return (NONE_FOUND,)
    tables = [result.table(f"by_{column}") for column in described_by(analysis)]
    return tuple(TableBlock(table=table) for table in (*tables, result.table("texts")))


def can_it_be_trusted(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The checks, and what speaks for each number of groups."""
    checks = ChecksBlock(checks=result.checks)
    if analysis.grouping is None or not analysis.grouping.candidates:
        return (checks,)
    return (checks, number_of_groups(analysis), TableBlock(table=result.table("numbers_of_groups")))


def who_was_studied(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The cohort's flow, the terms, and what the measures mean."""
    terms = [Fact(label=label, text=text) for label, text in study_terms(analysis).items()]
    return (
        TableBlock(table=result.table("cohort_flow")),
        TermsBlock(terms=terms),
        TableBlock(table=result.table("features")),
    )
