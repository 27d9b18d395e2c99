"""Which part of the message did it: main effects, the combinations that were sent, and how far factors interact."""

from workbench.experiments.analysis import Analysis
from workbench.experiments.modelled import allocation_changed
from workbench.experiments.models.factors import FactorPosterior
from workbench.present import numbers
from workbench.present.experiment.words import probability
from workbench.present.result import Cell, Column, Table


def shown_factors(analysis: Analysis) -> FactorPosterior | None:
    """The model of factors, where there is one and its sampler did its work."""
    found = analysis.factors
    return found if found is not None and found.diagnostics.sound else None


def factors_table(analysis: Analysis, found: FactorPosterior) -> Table:
    """What each level of a factor adds to the control's."""
    settings = analysis.settings
    rows: list[list[Cell]] = [
        [
            effect.factor,
            f"{effect.level} instead of {effect.versus}",
            1000 * effect.difference.mean,
            numbers.interval(effect.difference.low, effect.difference.high, scale=1000),
        ]
        for effect in found.effects
    ]
    return Table(
        id="factors",
        caption=f"Which part of the message: additional {settings.primary.name} per 1,000 {settings.people_noun}",
        columns=[
            Column(name="factor", title="Part", kind="label"),
            Column(name="level", title="What was changed", kind="label"),
            Column(name="more", title="More per 1,000", kind="estimate", digits=0),
            Column(name="interval", title="95 % credible interval", kind="interval"),
        ],
        rows=rows,
        groups="none",
        note="Each averaged over all combinations of the other parts alike, also those never sent. It informs, and "
        "decides nothing.",
    )


def combinations_table(analysis: Analysis, found: FactorPosterior) -> Table:
    """The rate of every combination that was sent, the best first, as the model of factors has it."""
    settings = analysis.settings
    declared = settings.factors or {}
    closed = {
        tuple(declared[arm.arm][factor] for factor in declared[settings.control]): arm.closed
        for arm in analysis.counts.arms
    }
    rows: list[list[Cell]] = [
        [
            ", ".join(entry.cell),
            closed[entry.cell],
            entry.rate.mean,
            numbers.interval(entry.rate.low, entry.rate.high, 1, scale=100),
        ]
        for entry in found.rates
    ]
    return Table(
        id="combinations",
        caption=f"Rate of {settings.primary.name} by combination that was sent, by the model of factors",
        columns=[
            Column(name="combination", title="Combination", kind="label"),
            Column(name="people", title=settings.people_noun.capitalize(), kind="people"),
            Column(name="rate", title="Rate", kind="share", digits=1),
            Column(name="interval", title="95 % credible interval, in percent", kind="interval"),
        ],
        rows=rows,
        groups="arm",
        note="Whole randomized arms, people whose window has closed; the best first.",
    )


def factors_in_words(analysis: Analysis) -> str:
    """The best combination, what was never sent, and how far factors interact; or why none of it is told."""
    found = analysis.factors
    if found is None:
        why = (
            "the chances of the arms were changed on the way, so that they differ in time too"
            if allocation_changed(analysis.counts)
            else "nobody's window has closed yet in some arm"
        )
        return f"Which part of the message did it is not told: {why}."
    if not found.diagnostics.sound:
        return "The model of factors did not sample well, so that its numbers are not shown."
    return " ".join((_best(found), _unsent(found), _interactions(found)))


def _best(found: FactorPosterior) -> str:
    best = found.best
    return (
        f"Of the combinations that were sent, “{', '.join(best.cell)}” is the best with a probability of "
        f"{probability(best.best)}."
    )


def _unsent(found: FactorPosterior) -> str:
    if not found.unsent:
        return "Every combination was sent."
    told = "; ".join(f"“{', '.join(cell)}”" for cell in found.unsent)
    return (
        f"Never sent: {told}. What it would do is read off the others, and rests on how little parts interact."
    )


def _interactions(found: FactorPosterior) -> str:
    two = found.two_way
    return (
        "What one part does depends on another by a standard deviation of the log odds of "
        f"{numbers.number(two.mean, 2)} ({numbers.interval(two.low, two.high, 2)}; 95 % credible); zero would mean "
        "not at all."
    )
