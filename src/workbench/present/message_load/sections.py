"""The sections of a report on message load, each as the blocks it shows."""

from workbench.message_load.analysis import Analysis
from workbench.message_load.causal.analysis import CausalAnalysis
from workbench.present import numbers
from workbench.present.blocks import Block, ChecksBlock, ProseBlock, TableBlock, TermsBlock, tables_of
from workbench.present.disclosure import PROFILES
from workbench.present.message_load.ceilings import ceiling_in_words, proposal_in_words
from workbench.present.message_load.figures import kinds_figure, load_figure
from workbench.present.message_load.kept_up import following_in_words, load_effects_figures, saturation_in_words
from workbench.present.message_load.tables import segment_known, spoken_estimate, tells_high_load
from workbench.present.result import Fact, StudyResult

TOO_FEW = ProseBlock(text="Too few people opted out after a text to estimate a risk.")


def how_load_counts(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The load curve, beside what was counted."""
    counted = TableBlock(table=result.table("by_load"))
    if analysis.risk is None:
        return (TOO_FEW, counted)
    figure = load_figure(analysis, analysis.risk)
    told = (figure, TableBlock(table=result.table("curve")), counted)
    if not tells_high_load(analysis):
        return told
    kept_up = (
        f"{analysis.settings.high_load} texts a week kept up for four weeks have "
        f"{spoken_estimate(analysis.risk.kept_up, 1)} times the risk per text of one a week; this compares people of "
        "whom some are texted more for a reason."
    )
    return (*told, ProseBlock(text=kept_up))


def after_which_text(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Kinds, parts of the day, and groups."""
    if analysis.risk is None:
        return (TOO_FEW,)
    tables = (TableBlock(table=result.table(name)) for name in ("kinds", "hours", "segments"))
    return (kinds_figure(analysis, analysis.risk), *tables)


def what_a_load_does(analysis: Analysis, causal: CausalAnalysis, result: StudyResult) -> tuple[Block, ...]:
    """Bookings and opt-outs under a load kept up, and the load that is enough."""
    return (
        ProseBlock(
            text=f"{saturation_in_words(causal.saturation)} {following_in_words(causal.effects)}".strip()
        ),
        *load_effects_figures(causal.effects, PROFILES[analysis.settings.disclosure]),
        *tables_of(result, "saturation", "load_effects", "support"),
    )


def is_there_a_ceiling(causal: CausalAnalysis, result: StudyResult) -> tuple[Block, ...]:
    """The ceiling by lot, or the experiment that would tell one."""
    proposed = causal.ceiling.proposed
    words = [ceiling_in_words(causal.ceiling), *([proposal_in_words(proposed)] if proposed else [])]
    return (ProseBlock(text=" ".join(words)), *tables_of(result, "frequency_arms", "frequency_steps"))


def how_people_opt_out(result: StudyResult) -> tuple[Block, ...]:
    """By what way, answering a text or not, and why."""
    return tuple(TableBlock(table=result.table(name)) for name in ("opt_outs", "reasons"))


def who_bears_it(result: StudyResult) -> tuple[Block, ...]:
    """Texts borne by group."""
    return (TableBlock(table=result.table("borne")),)


def can_it_be_trusted(result: StudyResult) -> tuple[Block, ...]:
    """The checks that the verdict rests on."""
    return (ChecksBlock(checks=result.checks),)


def who_was_studied(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """The flow of texts, and what the words mean here."""
    settings = analysis.settings
    terms = {
        "Unit": "a text that arrived, to a person who had agreed to texts when it was sent, in her first consent",
        "Outcome": "opting out by text, or by a block at the platform, within "
        f"{settings.attribution_hours} hours of the text and before the next one",
        "Load": "texts of any kind that arrived in the seven days up to the text, this one among them; those of "
        "8 to 28 days before are told apart",
        "Risk": "the chance of opting out after one text, of those who still agree when it is sent",
        "Other things alike": "earlier load, number of texts and time since the consent, campaign, kind, part of the "
        f"day on the patient's clock, {segment_known(analysis)}",
        "Known when": f"everything as it was known before {numbers.day(settings.as_of)}; nothing learned later",
        "Not counted": "opt-outs told to staff, on the web or by a guardian, which answer no text; texts after a "
        "return",
    }
    facts = [Fact(label=label, text=text) for label, text in terms.items()]
    return (TableBlock(table=result.table("cohort_flow")), TermsBlock(terms=facts))
