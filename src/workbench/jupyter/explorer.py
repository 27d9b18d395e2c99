"""An explorer: controls, what a study answers to their values at once, and the parameters these stand for.

It lives in a running notebook alone. A widget is no typed block, so that nothing of it reaches a report: what it
shows stands there too, as a figure and a table made by `present`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from workbench.parameters.writing import yaml_lines
from workbench.present.blocks import Block, ChecksBlock
from workbench.present.display import in_notebook
from workbench.present.fragments import fragment, verdict_card
from workbench.present.result import Check, Verdict
from workbench.refusal import Refused

Values = Mapping[str, Any]
"""The values of the controls, by the controls' names."""
Shown = Block | Verdict

WIDE = "min(100%, 52rem)"
TO_PASTE = "For a parameter set"
BACK = "Back to the parameters"


@dataclass(frozen=True)
class Slider:
    """A number to choose, in steps from `low` to `high`, all in `unit`; whole where all of them are whole.

    `value` is where it stands at first; an end that does not reach it is moved there.
    """

    label: str
    value: float
    low: float
    high: float
    step: float
    unit: str = ""

    def widget(self) -> Any:
        """The slider, with a number beside it that can be typed over."""
        low, high = min(self.low, self.value), max(self.high, self.value)
        whole = all(isinstance(number, int) for number in (self.value, self.low, self.high, self.step))
        kind = widgets.IntSlider if whole else widgets.FloatSlider
        digits = {} if whole else {"readout_format": f".{_digits(self.step, self.value)}f"}
        return kind(value=self.value, min=low, max=high, step=self.step, **_look(self), **digits)


@dataclass(frozen=True)
class Choice:
    """One of several values to choose, each told in words; `value` is the one chosen at first."""

    label: str
    value: Any
    options: Mapping[str, Any]
    unit: str = ""

    def widget(self) -> Any:
        """The list to choose from."""
        return widgets.Dropdown(value=self.value, options=list(self.options.items()), **_look(self))


Control = Slider | Choice


class Explorer(widgets.VBox):
    """Controls, and beneath them what they lead to, made anew at every change.

    Args:
        controls: by name; they stand in the order given.
        render: from the values to what is shown; pure, and quick: under 100 ms it feels immediate.
        parameters: from the values to the parameters they stand for, named and measured as in a parameter set.
        about: what this is, in a sentence.

    A refusal is shown as its sentences, any other error with its traceback.
    """

    def __init__(
        self,
        controls: Mapping[str, Control],
        render: Callable[[Values], Sequence[Shown]],
        parameters: Callable[[Values], Mapping[str, Any]],
        about: str = "",
    ) -> None:
        self._render, self._parameters = render, parameters
        self.controls = {name: control.widget() for name, control in controls.items()}
        self._first = {name: made.value for name, made in self.controls.items()}
        self.shown = widgets.HTML(layout={"width": "100%", "min_width": "0"})
        self.printed = widgets.Textarea(description=TO_PASTE, style=_LABEL, layout={"width": WIDE})
        self._errors = widgets.Output()
        back = widgets.Button(description=BACK, layout={"width": "max-content"})
        back.on_click(lambda _: self.reset())
        for made in self.controls.values():
            made.observe(self._changed, names="value")
        note = [widgets.Label(about)] if about else []
        parts = [*note, *self.controls.values(), self.printed, back, self._errors, self.shown]
        super().__init__(parts, layout={"width": "100%", "overflow": "hidden"})
        self._answer()

    @property
    def values(self) -> dict[str, Any]:
        """Where the controls stand."""
        return {name: made.value for name, made in self.controls.items()}

    def reset(self) -> None:
        """Put every control back to where it stood at first."""
        for name, value in self._first.items():
            self.controls[name].value = value

    def _changed(self, _: Any) -> None:
        # An error in a callback would go to a log that nobody reads.
        self._errors.outputs = ()
        with self._errors:
            self._answer()

    def _answer(self) -> None:
        values = self.values
        try:
            shown, printed = self._render(values), yaml_lines(self._parameters(values))
        except Refused as refused:
            shown, printed = [_refusal(refused)], ""
        self.shown.value = in_notebook(
            *(verdict_card(part) if isinstance(part, Verdict) else fragment(part) for part in shown)
        )
        self.printed.value = printed
        self.printed.rows = max(1, len(printed.splitlines()))


_LABEL = {"description_width": "24rem"}


def _look(control: Control) -> dict[str, Any]:
    label = f"{control.label} ({control.unit})" if control.unit else control.label
    return {"description": label, "style": _LABEL, "layout": {"width": WIDE}}


def _digits(*numbers: float) -> int:
    """Decimals that show each of the numbers as it is, six at most."""
    return max(len(f"{number:.6f}".rstrip("0").partition(".")[2]) for number in numbers)


def _refusal(refused: Refused) -> ChecksBlock:
    return ChecksBlock(
        checks=[
            Check(name=fault.where, passed=False, detail=f"{fault.what} {fault.mend}".strip())
            for fault in refused.faults
        ]
    )
