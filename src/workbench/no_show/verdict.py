"""The verdict: may the model be used to choose whom to call, by people who look at it, and is it worth it?

Gates come first: what is not yet there makes it `keep_collecting`, predictions that are off by more than was declared
make it `invalid`. Then the model must be ahead of its best baseline by more than noise, and calls chosen by it must be
worth more than calling everybody or nobody.
"""

from dataclasses import dataclass
from typing import Literal

from workbench.no_show.analysis import Analysis
from workbench.no_show.scores.benefit import Benefit
from workbench.no_show.scores.estimates import Estimate
from workbench.no_show.scores.evaluation import Evaluation, Gain

NoShowDecision = Literal["use_with_oversight", "not_useful", "keep_collecting", "invalid"]
GateName = Literal["no_shows", "maturity", "intercept", "slope"]


@dataclass(frozen=True)
class Gate:
    """A condition the verdict rests on, and the decision where it does not hold."""

    name: GateName
    passed: bool
    otherwise: Literal["invalid", "keep_collecting"]


@dataclass(frozen=True)
class NoShowVerdict:
    """The decision, the gates, and the two things the model must show."""

    decision: NoShowDecision
    gates: tuple[Gate, ...]
    gain: Gain
    benefit: Benefit

    @property
    def ahead(self) -> bool:
        """Whether the model is ahead of its best baseline by more than noise."""
        return self.gain.auroc is not None and self.gain.auroc.low > 0

    @property
    def pays(self) -> bool:
        """Whether calls chosen by the model are worth more than calling everybody or nobody, beyond noise."""
        return self.benefit.gain.low > 0


def decide(analysis: Analysis) -> NoShowVerdict:
    """Apply the rule to an analysis."""
    found = gates(analysis)
    failed = [gate for gate in found if not gate.passed]
    threshold = analysis.settings.threshold
    gain = smallest_gain(analysis.evaluation)
    benefit = analysis.evaluation.benefit_at(threshold)
    verdict = NoShowVerdict("use_with_oversight", found, gain, benefit)
    if failed:
        invalid = any(gate.otherwise == "invalid" for gate in failed)
        return NoShowVerdict("invalid" if invalid else "keep_collecting", found, gain, benefit)
    if not (verdict.ahead and verdict.pays):
        return NoShowVerdict("not_useful", found, gain, benefit)
    return verdict


def smallest_gain(evaluation: Evaluation) -> Gain:
    """The gain over the best baseline, by AUROC where it is defined."""
    return min(
        evaluation.gains, key=lambda gain: gain.log_loss.value if gain.auroc is None else gain.auroc.value
    )


def gates(analysis: Analysis) -> tuple[Gate, ...]:
    """Every gate, whether it holds or not."""
    settings = analysis.settings
    scores = analysis.evaluation.of(analysis.chosen)
    largest = settings.largest_miscalibration
    return (
        Gate("no_shows", analysis.test.missed >= settings.fewest_no_shows, "keep_collecting"),
        Gate("maturity", analysis.appointments.maturity >= settings.required_maturity, "keep_collecting"),
        _within("intercept", scores.intercept, (-largest, largest)),
        _within("slope", scores.slope or Estimate(1, 1, 1), settings.slope_within),
    )


def _within(name: GateName, estimate: Estimate | None, bounds: tuple[float, float]) -> Gate:
    """Off where the estimate is out of bounds; too early to say where its interval reaches out of them, or is none."""
    if estimate is None:
        return Gate(name, False, "keep_collecting")
    low, high = bounds
    if not low <= estimate.value <= high:
        return Gate(name, False, "invalid")
    return Gate(name, low <= estimate.low and estimate.high <= high, "keep_collecting")
