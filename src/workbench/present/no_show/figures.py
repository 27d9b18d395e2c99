"""The figures of a no-show study, drawn from the tables of its result alone."""

from workbench.no_show.analysis import CHANCE_LIST, LEAD_LIST, MODEL_LIST, Analysis
from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.prediction_figures import Line, lines_figure


def caught_by_capacity(analysis: Analysis) -> FigureBlock:
    """Share of no-shows on the list, by calls per day."""
    settings, reminders = analysis.settings, analysis.reminders
    asked = reminders.at(MODEL_LIST, settings.calls_per_day)
    chance = reminders.at(CHANCE_LIST, settings.calls_per_day)
    names = {MODEL_LIST: "by the model", LEAD_LIST: "by longest lead", CHANCE_LIST: "by chance"}
    lines = [
        Line(
            label=names[rule],
            x=[0.0, *(float(found.calls_per_day) for found in by_capacity)],
            y=[0.0, *(found.share_caught for found in by_capacity)],
            series=series,
        )
        for series, (rule, by_capacity) in enumerate(reminders.by_rule.items())
    ]
    return lines_figure(
        id="caught_by_capacity",
        title=f"{numbers.count(settings.calls_per_day)} calls a day would have reached "
        f"{numbers.percent(asked.share_caught, 0)} of the no-shows; by chance, "
        f"{numbers.percent(chance.share_caught, 0)}",
        caption="No-shows on the list of each day, by how many can be called. On the list is not kept: what a call "
        "does was not studied.",
        source=["reminders"],
        lines=lines,
        axis="calls per day of appointments",
        measure="share of no-shows on the list",
        x_words=numbers.number,
        y_words=lambda value: numbers.percent(value, 0),
        asked=(float(settings.calls_per_day), f"{numbers.count(settings.calls_per_day)} calls"),
    )
