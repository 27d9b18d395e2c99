"""How good predictions are, in the order that matters: calibration, net benefit, discrimination, accuracy.

Every interval is clustered by patient and conditional on the fitted model: it covers which patients came into the test,
not that others would have trained another model. AUROC has its closed form (see `discrimination`) with the bootstrap as
a check; everything else is bootstrapped by patients (see `replicates`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.no_show.scores.benefit import Benefit, CapacityBenefit
from workbench.no_show.scores.curve import CurvePoint, Distance
from workbench.no_show.scores.estimates import Estimate


@dataclass(frozen=True)
class Scores:
    """The scores of one model, each None where it is undefined.

    `intercept` is calibration in the large, in log odds; see `calibration`. Where everybody, or nobody, missed,
    there are Brier score and log loss alone. `slope` is None, too, where all predictions are the same, or part
    missed and kept without an error. `auroc_check` is the bootstrap's interval beside the closed form's.
    """

    model: str
    intercept: Estimate | None
    slope: Estimate | None
    auroc: Estimate | None
    auroc_check: Estimate | None
    average_precision: Estimate | None
    brier: Estimate
    scaled_brier: Estimate | None
    log_loss: Estimate


@dataclass(frozen=True)
class Gain:
    """The chosen model against a baseline, paired: positive is better for the model in all."""

    baseline: str
    auroc: Estimate | None
    brier: Estimate
    log_loss: Estimate


@dataclass(frozen=True)
class Tenth:
    """A tenth of the appointments, by predicted risk: mean prediction, and the share that was missed."""

    patients: int
    appointments: int
    missed: int
    predicted: float
    observed: Estimate


@dataclass(frozen=True)
class Evaluation:
    """All models' scores, the chosen model against each baseline, its calibration and net benefit.

    `curve`, `eavg` and `e90` are empty or None where predictions do not vary. `left_out` says in a sentence, by
    model, why it cannot be scored; `one_class` why ranks and calibration are undefined, where everybody or nobody
    missed.
    """

    scores: tuple[Scores, ...]
    gains: tuple[Gain, ...]
    tenths: tuple[Tenth, ...]
    curve: tuple[CurvePoint, ...]
    eavg: Distance | None
    e90: Distance | None
    benefits: tuple[Benefit, ...]
    capacity: CapacityBenefit | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    one_class: str | None = None

    def of(self, model: str) -> Scores:
        """The scores of a model."""
        return next(scores for scores in self.scores if scores.model == model)

    def gain_over(self, baseline: str) -> Gain:
        """The chosen model against a baseline."""
        return next(gain for gain in self.gains if gain.baseline == baseline)

    def benefit_at(self, threshold: float) -> Benefit:
        """Net benefit at a threshold that was asked about."""
        return next(benefit for benefit in self.benefits if benefit.threshold == threshold)
