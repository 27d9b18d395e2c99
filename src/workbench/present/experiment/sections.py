"""The sections of an A/B report, each as the blocks it shows."""

from workbench.experiments.analysis import Analysis
from workbench.present.blocks import Block, ChecksBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.experiment.adjusted import covariate_in_words
from workbench.present.experiment.by_factor import factors_in_words
from workbench.present.experiment.by_segment import (
    named_in_words,
    shown_segments,
    spread_in_words,
    untold_in_words,
)
from workbench.present.experiment.estimand import estimand
from workbench.present.experiment.figures import (
    delay_curves,
    difference_intervals,
    difference_posteriors,
    enrollment_progress,
    guardrail_intervals,
    segment_intervals,
)
from workbench.present.experiment.sensitivity import exceedance_curves, turning_points
from workbench.present.experiment.words import identifier
from workbench.present.result import Fact, StudyResult

TOO_EARLY = ProseBlock(text="Nobody's window has closed yet in some arm, so that there is nothing to compare.")


def what_it_did(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The primary outcome: differences, rates, posteriors."""
    if not analysis.effects:
        return (TOO_EARLY,)
    return (
        difference_intervals(analysis, result),
        TableBlock(table=result.table("arms")),
        TableBlock(table=result.table("effects")),
        difference_posteriors(analysis),
        *_which_part(analysis, result),
    )


def _which_part(analysis: Analysis, result: StudyResult) -> list[Block]:
    """Which part of the message did it, where its factors are declared."""
    if analysis.settings.factors is None:
        return []
    told = ProseBlock(text=factors_in_words(analysis))
    tables = [TableBlock(table=result.table(id)) for id in ("factors", "combinations") if result.has_table(id)]
    return [*tables[:1], told, *tables[1:]]


def what_it_cost(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The guardrails: how much worse each became under each arm, against its margin; and what else was measured."""
    blocks: list[Block] = []
    if not analysis.settings.guardrails:
        blocks.append(ProseBlock(text="No guardrail was declared, so that harm was not watched."))
    elif not analysis.guardrail:
        blocks.append(TOO_EARLY)
    for metric in analysis.settings.guardrails:
        if metric.name in analysis.guardrail_rates:
            name = identifier(metric.name)
            blocks.append(guardrail_intervals(analysis, metric, result))
            blocks += [TableBlock(table=result.table(id)) for id in (name, f"guardrail_{name}")]
    if result.has_table("secondary"):
        blocks.append(TableBlock(table=result.table("secondary")))
    return tuple(blocks)


def for_whom(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Effects by segment; not shown where the sampler did not do its work."""
    if shown_segments(analysis) is None:
        return (ProseBlock(text=untold_in_words(analysis)),)
    tables = [table for table in result.tables if table.id.startswith("segments_")]
    figures = segment_intervals(analysis, result)
    pairs = [
        block
        for figure, table in zip(figures, tables, strict=True)
        for block in (figure, TableBlock(table=table))
    ]
    told = (ProseBlock(text=spread_in_words(analysis)), ProseBlock(text=named_in_words(analysis)))
    return (*told, *pairs, TableBlock(table=result.table("messages_by_segment")))


def can_it_be_trusted(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The checks, how complete the outcomes are, and what other priors would say."""
    blocks: list[Block] = [ChecksBlock(checks=result.checks)]
    if result.has_table("enrollment"):
        blocks.append(enrollment_progress(analysis, result))
    if result.has_table("delays"):
        blocks.append(delay_curves(analysis, result))
    for id in ("clusters", "covariate", "forecast", "cure", "fading", "priors"):
        if result.has_table(id):
            blocks.append(TableBlock(table=result.table(id)))
    if analysis.settings.covariate is not None and not result.has_table("covariate"):
        blocks.append(ProseBlock(text=covariate_in_words(analysis)))
    return tuple(blocks)


def what_would_change_the_verdict(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The verdict at other smallest effects and losses; what the explorer shows in a running notebook."""
    if not analysis.effects:
        return (TOO_EARLY,)
    return (
        ProseBlock(text=turning_points(analysis)),
        exceedance_curves(analysis),
        TableBlock(table=result.table("smallest_effects")),
    )


def who_was_studied(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The estimand and the cohort's flow."""
    terms = [Fact(label=label, text=text) for label, text in estimand(analysis).items()]
    return (TableBlock(table=result.table("cohort_flow")), TermsBlock(terms=terms))
