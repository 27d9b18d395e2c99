"""The sections of a no-show report, each as the blocks it shows."""

from workbench.no_show.analysis import Analysis
from workbench.present.blocks import Block, ChecksBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.no_show.effect_sections import what_reminders_do
from workbench.present.no_show.estimand import estimand
from workbench.present.no_show.figures import (
    auroc_by_model,
    calibration_curve,
    calibration_curve_is_shown,
    caught_by_capacity,
    net_benefit,
)
from workbench.present.no_show.sentences import (
    NOT_FOR,
    assumptions_in_words,
    file_in_words,
)
from workbench.present.result import Fact, StudyResult

__all__ = [
    "can_it_be_trusted",
    "for_whom",
    "must_not",
    "what_it_can_tell",
    "what_reminders_do",
    "who_was_studied",
    "whom_to_call",
]


def what_it_can_tell(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Discrimination and accuracy of the models and their baselines, same-day bookings told apart."""
    tables = [TableBlock(table=result.table(id)) for id in ("scores", "gains", "apart")]
    return (auroc_by_model(analysis), *tables)


def whom_to_call(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Lists by capacity, and net benefit."""
    return (
        ProseBlock(text=assumptions_in_words(analysis)),
        caught_by_capacity(analysis),
        TableBlock(table=result.table("reminders")),
        net_benefit(analysis),
        TableBlock(table=result.table("net_benefit")),
    )


def must_not(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """What the model must not be used for."""
    return (ProseBlock(text=NOT_FOR),)


def can_it_be_trusted(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Checks and calibration."""
    shown = (calibration_curve(analysis),) if calibration_curve_is_shown(result) else ()
    tables = [TableBlock(table=result.table(id)) for id in ("calibration", "calibration_curve")]
    return (ChecksBlock(checks=result.checks), *shown, *tables)


def for_whom(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The model by group of patients."""
    return (TableBlock(table=result.table("subgroups")),)


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
