"""The section of clinic days, as the blocks it shows."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.decisions.clinic_days import ClinicDays
from workbench.no_show.decisions.pit import BINS
from workbench.present import numbers
from workbench.present.blocks import Block, FigureBlock, ProseBlock, folded, tables_of
from workbench.present.no_show.decisions_sentences import (
    attendance_in_words,
    idle_in_words,
    overbooking_in_words,
)
from workbench.present.no_show.decisions_tables import told_level
from workbench.present.prediction_figures import Line, lines_figure
from workbench.present.result import StudyResult


def clinic_days(analysis: Analysis, result: StudyResult) -> tuple[Block, ...]:
    """Outcomes, how many come, whether their distributions hold, idle time, and extra bookings."""
    found = analysis.clinic_days
    figure = (transform_figure(found),) if found.attendance else ()
    return (
        *tables_of(result, "outcomes"),
        ProseBlock(text=attendance_in_words(analysis)),
        *figure,
        ProseBlock(text=idle_in_words(analysis)),
        *folded(
            "Empty slots, totals and minutes: expected and found",
            tables_of(result, "empty_slots", "attendance", "attendance_transform", "session_times"),
        ),
        ProseBlock(text=overbooking_in_words(analysis)),
        *tables_of(result, "overbooking"),
        *folded("Who would wait, group by group", tables_of(result, "overbooking_groups")),
    )


def transform_figure(found: ClinicDays) -> FigureBlock:
    """The share of totals below each place of their distributions, against what it should be."""
    told = next(each for each in found.attendance if each.level == told_level(found))
    tenths = [place / BINS for place in range(BINS + 1)]
    lines = [
        Line(label=label, x=tenths, y=_risen(shares), series=series)
        for label, shares, series in (
            ("as it should be", (1 / BINS,) * BINS, 2),
            ("independent", told.independent.shares, 1),
            ("with effect", told.with_effect.shares, 0),
        )
    ]
    return lines_figure(
        id="attendance_transform_figure",
        title=f"95 % prediction intervals held {numbers.percent(told.with_effect.covered, 0)} of the totals",
        caption=f"Totals of {numbers.count(told.groups)} {told.level}s of the test, by their place in the "
        "distribution "
        "predicted of each. Where the distributions hold, the line runs along the diagonal.",
        source=["attendance_transform"],
        lines=lines,
        axis="place in the predicted distribution",
        measure="share of totals up to there",
        x_words=lambda value: numbers.percent(value, 0),
        y_words=lambda value: numbers.percent(value, 0),
    )


def _risen(shares: tuple[float, ...]) -> list[float]:
    risen = [0.0]
    for share in shares:
        risen.append(min(risen[-1] + share, 1.0))
    return risen
