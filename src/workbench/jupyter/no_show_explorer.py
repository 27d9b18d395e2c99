"""The explorer of a no-show analysis: calls per day, cost and value against caught and missed no-shows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workbench.jupyter.explorer import Explorer, Shown, Slider, Values
from workbench.no_show.analysis import MODEL_LIST, Analysis
from workbench.no_show.decisions.reminders import called_by_rule
from workbench.no_show.parameters import NoShow
from workbench.parameters.reading import KeyPath, spoken
from workbench.parameters.validation import validated
from workbench.present.blocks import ProseBlock, TableBlock
from workbench.present.no_show.calling import called_table, worth_in_words
from workbench.present.no_show.sentences import assumptions_in_words

# A parameter is a proportion; people think in percent.
PERCENT = 100


def explore_no_show(analysis: Analysis) -> Explorer:
    """Move capacity, cost and value, and see what the model's lists would have caught and what calling is worth.

    Capacities reach as far as those of the report's figure. Whether a call keeps a visit is assumed, not studied.

    Args:
        analysis: from `analyze`; nothing is fitted anew.
    """
    risk = analysis.predictions.probability[analysis.chosen]
    called = called_by_rule(analysis.appointments.of("test"), {MODEL_LIST: risk}, analysis.settings)[MODEL_LIST]

    def render(values: Values) -> Sequence[Shown]:
        again = replace(analysis, settings=_asked(analysis.settings, values))
        settings = again.settings
        table = called_table(again, called.at(settings.calls_per_day, settings))
        worth = worth_in_words(table, settings, analysis.reminders.days)
        return ProseBlock(text=worth), TableBlock(table=table), ProseBlock(text=assumptions_in_words(again))

    about = (
        "What the model's lists would have held on the later weeks. What a call does is assumed, not studied."
    )
    return Explorer(_controls(analysis), render, calling_parameters, about)


def calling_parameters(values: Values) -> dict[str, Any]:
    """The sliders' values as parameters of a no-show study: `call_keeps`, in percent, becomes a proportion."""
    # A browser counts steps in floating point: 4.500000000000001 is meant as 4.5.
    return {
        "calls_per_day": values["calls_per_day"],
        "call_cost": round(values["call_cost"], 9),
        "kept_slot_value": round(values["kept_slot_value"], 9),
        "call_keeps": round(values["call_keeps"] / PERCENT, 9),
    }


def _controls(analysis: Analysis) -> dict[str, Slider]:
    settings = analysis.settings
    return {
        "calls_per_day": Slider(
            "Reminder calls",
            value=settings.calls_per_day,
            low=1,
            high=analysis.reminders.by_rule[MODEL_LIST][-1].calls_per_day,
            step=1,
            unit="per day of appointments",
        ),
        "call_cost": Slider(
            "Cost of a call",
            value=settings.call_cost,
            low=0.5,
            high=max(20.0, min(4 * settings.call_cost, 10_000.0)),
            step=0.5,
        ),
        "kept_slot_value": Slider(
            "Value of a slot that is used",
            value=settings.kept_slot_value,
            low=5.0,
            high=max(400.0, min(4 * settings.kept_slot_value, 1_000_000.0)),
            step=5.0,
            unit="in the unit of the cost",
        ),
        "call_keeps": Slider(
            "No-shows a call turns into visits",
            value=round(PERCENT * settings.call_keeps, 6),
            low=1.0,
            high=100.0,
            step=1.0,
            unit="%, assumed",
        ),
    }


def _asked(settings: NoShow, values: Values) -> NoShow:
    """The study's parameters with these; refused, as in a parameter set, where no call would ever pay."""
    wanted = settings.as_values() | calling_parameters(values)
    return validated(NoShow, wanted, _place, today=settings.as_of)


def _place(path: KeyPath) -> str:
    return f"parameter {spoken(path)}" if path else "these parameters"
