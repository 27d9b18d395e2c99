"""The sections of a no-show report, each as the blocks it shows."""

from workbench.no_show.analysis import Analysis
from workbench.present.blocks import Block, ChecksBlock, ProseBlock, TableBlock, TermsBlock, folded, tables_of
from workbench.present.no_show.decisions_sections import clinic_days
from workbench.present.no_show.effect_sections import what_reminders_do
from workbench.present.no_show.estimand import estimand
from workbench.present.no_show.figures import caught_by_capacity
from workbench.present.no_show.score_figures import (
    auroc_by_model,
    calibration_curve,
    calibration_curve_is_shown,
    calibration_of_groups,
    net_benefit,
)
from workbench.present.no_show.score_sentences import conflicts_in_words, intervals_in_words, range_in_words
from workbench.present.no_show.sentences import (
    NOT_FOR,
    assumptions_in_words,
    file_in_words,
)
from workbench.present.result import Fact, StudyResult

__all__ = [
    "can_it_be_trusted",
    "clinic_days",
    "for_whom",
    "must_not",
    "what_it_can_tell",
    "what_reminders_do",
    "who_was_studied",
    "whom_to_call",
]


def what_it_can_tell(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Net benefit first, then how well it ranks, same-day bookings told apart, and accuracy."""
    ranks = () if analysis.evaluation.one_class else (auroc_by_model(analysis),)
    # Where nobody missed there is nothing to win, and no line to draw.
    worth = (net_benefit(analysis),) if analysis.test.missed else ()
    return (
        ProseBlock(text=range_in_words(analysis)),
        *worth,
        *folded("Net benefit by threshold, in numbers", tables_of(result, "net_benefit")),
        *tables_of(result, "capacity_benefit"),
        *ranks,
        *folded(
            "Every model: ranks, gains on the baselines, and accuracy",
            tables_of(result, "scores", "gains", "accuracy"),
        ),
        *tables_of(result, "apart"),
    )


def whom_to_call(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Lists by capacity."""
    return (
        ProseBlock(text=assumptions_in_words(analysis)),
        caught_by_capacity(analysis),
        *folded("Lists of every length, in numbers", tables_of(result, "reminders")),
    )


def must_not(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """What the model must not be used for."""
    return (ProseBlock(text=NOT_FOR),)


def can_it_be_trusted(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Checks and calibration."""
    shown = (calibration_curve(analysis),) if calibration_curve_is_shown(result) else ()
    return (
        ChecksBlock(checks=result.checks),
        ProseBlock(text=intervals_in_words(analysis)),
        *shown,
        *folded(
            "Calibration of every model, and the curve, in numbers",
            tables_of(result, "calibration", "distances", "calibration_curve"),
        ),
    )


def for_whom(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Calibration within each group, access to reminders by need, ranks, and what the label rests on."""
    figure = calibration_of_groups(analysis, result)
    return (
        *((figure,) if figure else ()),
        ProseBlock(text=conflicts_in_words(analysis, result)),
        *folded("Calibration within each group, in numbers", tables_of(result, "subgroups")),
        *folded("Access to reminders by need, group by group", tables_of(result, "access")),
        *folded("How well it ranks within each group", tables_of(result, "group_ranks")),
        *folded("What the label rests on, group by group", tables_of(result, "labels")),
    )


def who_was_studied(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The flow, the weeks, the estimand, and what the file held."""
    told = file_in_words(analysis)
    terms = [Fact(label=label, text=text) for label, text in estimand(analysis).items()]
    return (
        *([ProseBlock(text=told)] if told else []),
        TableBlock(table=result.table("cohort_flow")),
        TableBlock(table=result.table("periods")),
        TermsBlock(terms=terms),
    )
