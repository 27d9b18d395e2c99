"""The section of what reminders do, as the blocks it shows."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.effect.study import ReminderStudy
from workbench.no_show.parameters import NoShow
from workbench.present.blocks import Block, FigureBlock, ProseBlock, folded, tables_of
from workbench.present.figures import IntervalRow, interval_figure
from workbench.present.no_show.effect_sentences import effect_in_words, overlap_in_words, points, whom_in_words
from workbench.present.no_show.effect_tables import OUTCOME_WORDS, answers, weightiest
from workbench.present.no_show.sentences import paradox_in_words
from workbench.present.result import StudyResult


def what_reminders_do(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Answers side by side, the paradox, the protocol, positivity and sensitivity, and whom to remind."""
    study = analysis.effect
    blocks: list[Block] = [ProseBlock(text=effect_in_words(analysis))]
    if study is not None and study.sent is not None:
        if answers(study):
            blocks.append(answers_figure(study, analysis.settings))
        blocks += tables_of(result, "reminder_trial")
        blocks += folded("Every answer in numbers, and what it is", tables_of(result, "reminder_effects"))
    blocks.append(ProseBlock(text=paradox_in_words(analysis)))
    blocks += folded("The reminded and the others, in numbers", tables_of(result, "reminded"))
    if study is not None and study.sent is not None:
        told = overlap_in_words(study.sent)
        blocks += [ProseBlock(text=told)] if told else []
        blocks += folded(
            "The target trial, part by part, and whether it could have gone either way",
            tables_of(result, "reminder_protocol", "reminder_overlap"),
        )
        blocks += [ProseBlock(text=whom_in_words(study.whom, analysis.settings))]
        blocks += folded("Whom to remind, by how many", tables_of(result, "whom_to_remind"))
    return tuple(blocks)


def answers_figure(study: ReminderStudy, settings: NoShow) -> FigureBlock:
    """Every answer with its interval, against no effect."""
    best = weightiest(study)
    rows = [
        IntervalRow(
            label=name,
            value=100 * found.value,
            low=100 * found.low,
            high=100 * found.high,
            series=0 if found is best else 5,
        )
        for name, found, _ in answers(study)
    ]
    return interval_figure(
        id="reminder_effects_figure",
        title=f"{next(name for name, found, _ in answers(study) if found is best).capitalize()}: {points(best)}",
        caption=f"Difference in the share of {OUTCOME_WORDS[settings.reminder_outcome]} by reminder, in points, with "
        "95 % intervals. Below 0: fewer with the reminder.",
        source=["reminder_effects"],
        rows=rows,
        axis="points",
        digits=1,
    )
