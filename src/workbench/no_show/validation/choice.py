"""The choice among models: by log loss on later blocks than they learned from, before the test is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.no_show.models.loss import log_losses
from workbench.no_show.scores.estimates import Estimate, clustered_mean

Real = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Candidate:
    """A model's log loss, and by how much it is above the chosen model's, paired; None for the chosen one itself."""

    model: str
    log_loss: Estimate
    behind: Estimate | None

    @property
    def told_apart(self) -> bool:
        """Whether the chosen model is ahead of it by more than noise."""
        return self.behind is not None and self.behind.low > 0


@dataclass(frozen=True)
class Choice:
    """The model with the smallest log loss among those that could be chosen, and every candidate, best first."""

    chosen: str
    best_baseline: str
    candidates: tuple[Candidate, ...]

    def of(self, model: str) -> Candidate:
        """The candidate of that name."""
        return next(candidate for candidate in self.candidates if candidate.model == model)


def choose(probability: Mapping[str, Real], among: Sequence[str], outcome: Real, patient: Index) -> Choice:
    """Choose by mean log loss; intervals are clustered by patient.

    Args:
        probability: by model, each of shape (n,), of appointments that none of them learned from.
        among: the models that may be chosen; the others are baselines.
        outcome: 0 or 1, shape (n,).
        patient: cluster of each, shape (n,).
    """
    losses = {name: log_losses(outcome, values) for name, values in probability.items()}
    order = sorted(losses, key=lambda name: float(losses[name].mean()))
    chosen = next(name for name in order if name in among)
    return Choice(
        chosen=chosen,
        best_baseline=next(name for name in order if name not in among),
        candidates=tuple(
            Candidate(
                model=name,
                log_loss=clustered_mean(losses[name], patient),
                behind=None if name == chosen else clustered_mean(losses[name] - losses[chosen], patient),
            )
            for name in order
        ),
    )
