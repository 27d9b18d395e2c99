"""The verdict on message load: does the risk per text rise with load, as far as texts that were sent can say?"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from workbench.message_load.analysis import Analysis
from workbench.message_load.bands import LOAD
from workbench.message_load.causal.results import Ceiling
from workbench.message_load.curve import LoadPoint

LoadDecision = Literal[
    "ceiling_supported",
    "hypothesis_to_test",
    "no_load_effect_seen",
    "not_identified",
    "keep_collecting",
    "invalid",
]
GateName = Literal["current", "enough_opt_outs", "sampled", "enough_at_high_load"]

# Older data do not say how people answer texts as of now.
OLDEST_DATA = timedelta(days=35)


@dataclass(frozen=True)
class Gate:
    """A condition the verdict rests on, and the decision where it does not hold."""

    name: GateName
    passed: bool
    otherwise: LoadDecision


@dataclass(frozen=True)
class LoadVerdict:
    """What the rule says, with the gates."""

    decision: LoadDecision
    gates: tuple[Gate, ...]


def decide(analysis: Analysis, ceiling: Ceiling | None = None) -> LoadVerdict:
    """Gates first; then a ceiling from randomized frequency; else what the risk at the high load is.

    A ratio above 1 is a hypothesis, since nobody drew lots for who gets many texts; one that is surely below what is
    material speaks against such an effect; one that may be either tells nothing.

    Args:
        analysis: of `analyze`.
        ceiling: of the causal analysis, where it was made.
    """
    gates = [
        Gate("current", _is_current(analysis), "invalid"),
        Gate("enough_opt_outs", analysis.risk is not None, "keep_collecting"),
    ]
    if analysis.risk is not None:
        gates.append(Gate("sampled", analysis.risk.diagnostics.sound, "invalid"))
    failed = next((gate for gate in gates if not gate.passed), None)
    if failed:
        return LoadVerdict(failed.otherwise, tuple(gates))
    if ceiling is not None and ceiling.answer == "ceiling":
        return LoadVerdict("ceiling_supported", tuple(gates))
    point = at_high_load(analysis)
    enough = point.expected >= analysis.settings.fewest_at_high_load
    gates.append(Gate("enough_at_high_load", enough, "not_identified"))
    return LoadVerdict(_by_ratio(point, analysis) if enough else "not_identified", tuple(gates))


def at_high_load(analysis: Analysis) -> LoadPoint:
    """The point of the curve that the verdict is about.

    Raises:
        ValueError: no curve was estimated.
    """
    if analysis.risk is None:
        raise ValueError("there is no curve")
    return analysis.risk.curve[LOAD.place_of(analysis.settings.high_load)]


def _by_ratio(point: LoadPoint, analysis: Analysis) -> LoadDecision:
    if point.ratio.low > 1:
        return "hypothesis_to_test"
    return "no_load_effect_seen" if point.ratio.high < analysis.settings.material_ratio else "not_identified"


def _is_current(analysis: Analysis) -> bool:
    as_of = datetime.combine(analysis.settings.as_of, time(), UTC)
    return as_of - analysis.counts.data_until <= OLDEST_DATA
