"""The same difference with less noise: standardized over what people did before they were assigned."""

from workbench.experiments.analysis import Analysis
from workbench.experiments.modelled import allocation_changed
from workbench.experiments.models.covariate import StandardizedPosterior
from workbench.present import numbers
from workbench.present.result import Cell, Column, Table

_BEFORE = {"bookings_before": "bookings", "replies_before": "texts back"}


def shown_standardized(analysis: Analysis) -> StandardizedPosterior | None:
    """The standardized difference, where there is one and its sampler did its work."""
    found = analysis.standardized
    return found if found is not None and found.diagnostics.sound else None


def covariate_table(analysis: Analysis, found: StandardizedPosterior) -> Table:
    """Each arm against the control, as told above and standardized."""
    settings = analysis.settings
    rows: list[list[Cell]] = []
    for effect in analysis.effects:
        adjusted = found.differences[effect.arm]
        rows.append(
            [
                effect.arm,
                1000 * effect.difference.mean,
                numbers.interval(effect.difference.low, effect.difference.high, scale=1000),
                1000 * adjusted.mean,
                numbers.interval(adjusted.low, adjusted.high, scale=1000),
                100 * found.saved[effect.arm],
            ]
        )
    return Table(
        id="covariate",
        caption=f"Additional {settings.primary.name} per 1,000 {settings.people_noun}, adjusted for "
        f"{before_in_words(analysis)}",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="plain", title="Unadjusted", kind="estimate", digits=0),
            Column(name="plain_interval", title="95 % credible interval", kind="interval"),
            Column(name="adjusted", title="Adjusted", kind="estimate", digits=0),
            Column(name="adjusted_interval", title="95 % credible interval", kind="interval"),
            Column(name="saved", title="Variance saved, percent", kind="estimate", digits=1),
        ],
        rows=rows,
        groups="none",
        note="Standardized over people alike in what they did before the assignment; the verdict needs it not. "
        "Of a yes or no that few say yes to, hardly any variance can be saved.",
    )


def covariate_in_words(analysis: Analysis) -> str:
    """Why the adjusted difference that was asked for is not told."""
    if analysis.standardized is not None:
        why = "its model did not sample well"
    elif not analysis.effects:
        why = "nobody's window has closed yet in some arm"
    elif allocation_changed(analysis.counts):
        why = "the chances of the arms were changed on the way, so that they differ in time too"
    else:
        why = "all people are alike in it"
    return f"The difference adjusted for {before_in_words(analysis)} is not told: {why}."


def before_in_words(analysis: Analysis) -> str:
    """What is adjusted for."""
    covariate = analysis.settings.covariate
    if covariate is None:
        raise ValueError("nothing is adjusted for")
    return f"{_BEFORE[covariate.of]} in the {covariate.days} days before the assignment"
