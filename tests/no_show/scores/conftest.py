"""Predictions of clinics whose patients come again, and repeat themselves."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit


@dataclass(frozen=True)
class Predicted:
    """Predictions, outcomes and patients, each of shape (n,)."""

    probability: NDArray[np.float64]
    outcome: NDArray[np.float64]
    patient: NDArray[np.int64]


@pytest.fixture(scope="session")
def predicted() -> Predicted:
    rng = np.random.default_rng(5)
    patient = np.repeat(np.arange(500), rng.integers(1, 6, 500))
    habit = rng.normal(size=500)[patient]
    probability = np.round(expit(-1.3 + 0.8 * habit + 0.5 * rng.normal(size=patient.size)), 3)
    outcome = (rng.random(patient.size) < expit(-1.2 + habit)).astype(float)
    # In no order, as rows come.
    order = rng.permutation(patient.size)
    return Predicted(probability[order], outcome[order], 7 * patient[order] + 3)
