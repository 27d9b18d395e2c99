"""The explorer of an A/B analysis: smallest effect that matters and acceptable loss against the verdict."""

from collections.abc import Sequence
from typing import Any

from workbench.experiments.analysis import Analysis, reconsidered, with_smallest_effect
from workbench.experiments.verdict import decide
from workbench.jupyter.explorer import Explorer, Shown, Slider, Values
from workbench.present.blocks import TableBlock
from workbench.present.experiment.sensitivity import verdict_at
from workbench.present.experiment.sentences import verdict_in_words

# Parameters are proportions; people think in people of a thousand.
PER = 1000


def explore_verdict(analysis: Analysis) -> Explorer:
    """Move the smallest effect and the acceptable loss, and see what the rule would have said of the same data.

    The rule of the study was set before the data were seen; the parameters printed here are for the next one.

    Args:
        analysis: from `analyze`; nothing is fitted anew.
    """
    settings = analysis.settings
    unit = f"per 1,000 {settings.people_noun}"
    controls = {
        "smallest_effect": Slider(
            "Smallest effect that matters",
            value=_per_thousand(settings.primary.smallest_effect),
            low=0.5,
            high=max(40.0, _per_thousand(4 * settings.primary.smallest_effect)),
            step=0.5,
            unit=unit,
        ),
        "acceptable_loss": Slider(
            "Acceptable loss",
            value=_per_thousand(settings.acceptable_loss),
            low=0.1,
            high=max(10.0, _per_thousand(4 * settings.acceptable_loss)),
            step=0.1,
            unit=unit,
        ),
    }

    def render(values: Values) -> Sequence[Shown]:
        again = reconsidered(analysis, **_proportions(values))
        verdict = decide(again)
        card = verdict_in_words(again, verdict).model_copy(update={"facts": [], "reasons": []})
        return (card, TableBlock(table=verdict_at(again, verdict))) if again.effects else (card,)

    def parameters(values: Values) -> dict[str, Any]:
        chosen = _proportions(values)
        metrics = with_smallest_effect(settings, chosen.pop("smallest_effect"))
        return {"metrics": metrics, **chosen}

    about = "What the rule would have said of the same data. It was set before they were seen: this is for the next."
    return Explorer(controls, render, parameters, about)


def _proportions(values: Values) -> dict[str, float]:
    """The sliders' values, per 1,000, as proportions."""
    return {name: round(value / PER, 9) for name, value in values.items()}


def _per_thousand(proportion: float) -> float:
    return round(PER * proportion, 6)
