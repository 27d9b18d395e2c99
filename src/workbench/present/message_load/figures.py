"""The figures of a study of message load."""

from workbench.message_load.analysis import Analysis, Risk
from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.figures import IntervalRow, interval_figure
from workbench.present.message_load.tables import may_tell, spoken


def load_figure(analysis: Analysis, risk: Risk) -> FigureBlock:
    """The load curve with its band."""
    level = analysis.settings.level
    known = [point for place, point in enumerate(risk.curve) if may_tell(analysis, "load", str(place))]
    return interval_figure(
        id="load_curve",
        title="Risk of opting out after a text, by texts in seven days",
        caption="Opt-outs per 1,000 texts by the model, other things alike, with "
        f"{numbers.percent(level, 0)} intervals. Loads after which few people opted out are left out.",
        source=["curve"],
        rows=[
            IntervalRow(
                f"{point.band} in seven days",
                1000 * point.risk.value,
                1000 * point.risk.low,
                1000 * point.risk.high,
            )
            for point in known
        ],
        axis="opt-outs per 1,000 texts",
        digits=1,
        signed=False,
    )


def kinds_figure(analysis: Analysis, risk: Risk) -> FigureBlock:
    """Kinds and parts of the day, to the mean."""
    level = analysis.settings.level
    return interval_figure(
        id="kinds_and_hours",
        title="Risk of opting out after a text, by kind and part of the day",
        caption=f"Times the mean over all texts, with {numbers.percent(level, 0)} intervals.",
        source=["kinds", "hours"],
        rows=[
            IntervalRow(spoken(group.label), group.ratio.value, group.ratio.low, group.ratio.high)
            for group in (*risk.kinds, *risk.hours)
            if may_tell(analysis, group.by, group.place)
        ],
        axis="times the mean risk",
        digits=2,
        signed=False,
    )
