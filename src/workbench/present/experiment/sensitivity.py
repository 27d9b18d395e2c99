"""What would change the verdict: the rule's own smallest effect and acceptable loss, moved over the same data."""

import numpy as np

from workbench.experiments.analysis import Analysis, reconsidered
from workbench.experiments.effects import gains_more_than
from workbench.experiments.verdict import ExperimentVerdict, decide
from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.figures import Exceedance, exceedance_figure
from workbench.present.fragments import DECISIONS
from workbench.present.result import Cell, Column, Table

# The smallest effects shown, as multiples of the one that was set.
MULTIPLES = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0)
# The parameters allow smallest effects and losses between these.
LEAST, MOST = 1e-9, 0.499
# Steps at which the place is sought where the verdict turns, as a share of the smallest effect that was set.
STEP = 0.1


def smallest_effects_table(analysis: Analysis) -> Table:
    """What the rule says of every arm at several smallest effects, the acceptable loss as it was set."""
    settings = analysis.settings
    rows: list[list[Cell]] = []
    for smallest in _smallest_effects(settings.primary.smallest_effect):
        again = reconsidered(analysis, smallest, settings.acceptable_loss)
        words = _per_thousand(smallest) + (", as set" if smallest == settings.primary.smallest_effect else "")
        rows += [[words, *row] for row in _verdict_rows(again, decide(again))]
    return Table(
        id="smallest_effects",
        caption=f"What the rule would say at other smallest effects, in additional {settings.primary.name} per 1,000 "
        f"{settings.people_noun}",
        columns=[
            Column(name="smallest", title="Smallest effect", kind="label"),
            *_verdict_columns(settings.control),
        ],
        rows=rows,
        groups="none",
        note=_EQUIVALENCE_NOTE,
    )


def verdict_at(analysis: Analysis, verdict: ExperimentVerdict) -> Table:
    """What the rule says of every arm at the analysis' own smallest effect and acceptable loss."""
    settings = analysis.settings
    losses = [1000 * effect.loss for effect in analysis.effects]
    rows = [[*row, loss] for row, loss in zip(_verdict_rows(analysis, verdict), losses, strict=True)]
    return Table(
        id="verdict_at",
        caption=f"At a smallest effect of {_per_thousand(settings.primary.smallest_effect)} and an acceptable loss of "
        f"{_per_thousand(settings.acceptable_loss)} per 1,000 {settings.people_noun}",
        columns=[
            *_verdict_columns(settings.control),
            Column(name="loss", title="Expected loss per 1,000", kind="estimate", digits=1),
        ],
        rows=rows,
        groups="none",
        note=_EQUIVALENCE_NOTE,
    )


def exceedance_curves(analysis: Analysis) -> FigureBlock:
    """The probability that each arm's difference exceeds x, against x."""
    settings, posterior, leader = analysis.settings, analysis.posterior, analysis.leader
    if posterior is None or leader is None:
        raise ValueError("there is nothing to draw before somebody's window has closed")
    smallest = settings.primary.smallest_effect
    low = min(0.0, *(effect.gain.low for effect in analysis.effects))
    high = max(1.5 * smallest, *(1.2 * effect.gain.high for effect in analysis.effects))
    at = np.union1d(np.linspace(low, high, 57), [smallest])
    curves = [
        Exceedance(
            effect.arm,
            list(1000 * at),
            [gains_more_than(x, posterior, effect.arm, settings.primary) for x in at],
            series,
        )
        for series, effect in enumerate(analysis.effects, 1)
    ]
    return exceedance_figure(
        id="exceedance",
        title=f"“{leader.arm}” adds more than the smallest effect that matters with a probability of "
        f"{numbers.probability(leader.matters)}",
        caption=f"Posterior probability of more than x additional {settings.primary.name} per 1,000 "
        f"{settings.people_noun} within {settings.primary.window_days} days, against “{settings.control}”. "
        "Upright line: the smallest effect that matters, set before the start; the numbers above are the "
        "probabilities there.",
        source=["effects", "smallest_effects"],
        curves=curves,
        axis=f"additional {settings.primary.name} per 1,000 {settings.people_noun}",
        smallest=1000 * smallest,
        digits=_digits(smallest),
    )


def turning_points(analysis: Analysis) -> str:
    """Between which smallest effects the verdict stays, and whether it hangs on the acceptable loss."""
    verdict = decide(analysis)
    if any(not gate.passed for gate in verdict.gates):
        return "No smallest effect and no acceptable loss changes the verdict: a check on which it rests did not pass."
    settings = analysis.settings
    subject = f"“{DECISIONS[verdict.decision].words}” for “{verdict.arm}”"
    return f"{subject} {_range_in_words(analysis, verdict)}. {_loss_in_words(analysis, verdict)} " + (
        f"The rule was set beforehand, at {_per_thousand(settings.primary.smallest_effect)} and "
        f"{_per_thousand(settings.acceptable_loss)} per 1,000 {settings.people_noun}; this tells how much hangs on "
        "that, and is no leave to choose again."
    )


_EQUIVALENCE_NOTE = (
    "Equivalent: a difference to either side that is smaller than the smallest effect that matters."
)


def _verdict_columns(control: str) -> list[Column]:
    """The answer comes first: a phone shows the first columns without scrolling."""
    return [
        Column(name="arm", title="Arm", kind="label"),
        Column(name="decision", title=f"Against “{control}”", kind="text"),
        Column(name="matters", title="P(more than it)", kind="probability"),
        Column(name="equivalent", title="P(equivalent)", kind="probability"),
    ]


def _verdict_rows(analysis: Analysis, verdict: ExperimentVerdict) -> list[list[Cell]]:
    decisions = {entry.arm: DECISIONS[entry.decision].words for entry in verdict.arms}
    return [
        [effect.arm, decisions[effect.arm], effect.matters, effect.equivalent] for effect in analysis.effects
    ]


def _smallest_effects(set_before: float) -> list[float]:
    return [smallest for multiple in MULTIPLES if (smallest := multiple * set_before) < MOST]


def _range_in_words(analysis: Analysis, verdict: ExperimentVerdict) -> str:
    """How far the smallest effect may move, in steps, before the rule says something else of the same arm."""
    step = STEP * analysis.settings.primary.smallest_effect
    farthest = max(
        MULTIPLES[-1] * analysis.settings.primary.smallest_effect,
        *(1.2 * effect.gain.high for effect in analysis.effects),
    )
    first, last = round(1 / STEP), round(min(farthest, MOST - step) / step)

    def stays(place: int) -> bool:
        again = decide(reconsidered(analysis, step * place, analysis.settings.acceptable_loss))
        return (again.decision, again.arm) == (verdict.decision, verdict.arm)

    lower = next((place for place in range(first, 0, -1) if not stays(place)), 0)
    upper = next((place for place in range(first, last + 1) if not stays(place)), last + 1)
    ends = [_per_thousand(step * place) for place in (max(lower + 1, 1), min(upper - 1, last))]
    if lower == 0 and upper > last:
        return f"stays at every smallest effect looked at, {ends[0]} to {ends[1]} per 1,000"
    if lower == 0:
        past = _per_thousand(step * upper)
        return f"stays at every smallest effect up to {ends[1]} per 1,000, and no longer at {past}"
    if upper > last:
        before = _per_thousand(step * lower)
        return f"stays at every smallest effect from {ends[0]} per 1,000 on, and not yet at {before}"
    return f"stays at every smallest effect from {ends[0]} to {ends[1]} per 1,000, and at none beside these"


def _loss_in_words(analysis: Analysis, verdict: ExperimentVerdict) -> str:
    """Whether the verdict hangs on the acceptable loss, and from which loss on the leading arm is adopted."""
    smallest, leader = analysis.settings.primary.smallest_effect, analysis.leader
    strict, lenient = (decide(reconsidered(analysis, smallest, loss)) for loss in (LEAST, MOST))
    if leader is None or strict == lenient:
        return "It does not hang on the acceptable loss."
    if verdict == lenient:
        return (
            f"It would be “{DECISIONS[strict.decision].words}” for “{strict.arm}” only if an expected loss of "
            f"{_loss(leader.loss)} per 1,000 were not acceptable."
        )
    return (
        f"It would be “{DECISIONS[lenient.decision].words}” for “{lenient.arm}” if an expected loss of "
        f"{_loss(leader.loss)} per 1,000 were acceptable."
    )


def _loss(proportion: float) -> str:
    return numbers.number(1000 * proportion, 1) if proportion >= 0.0001 else "less than 0.1"


def _per_thousand(proportion: float) -> str:
    return numbers.number(1000 * proportion, _digits(proportion))


def _digits(proportion: float) -> int:
    """Decimals, two at most, that tell a proportion per 1,000 as it is."""
    return len(f"{1000 * proportion:.2f}".rstrip("0").partition(".")[2])
