"""Feature frames made up, whose risk is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.at_risk.features import NUMBERS, WORDS


def made_block(size: int, seed: int, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lead = rng.integers(0, 40, size)
    made = {name: np.zeros(size) for name in NUMBERS} | {name: ["same"] * size for name in WORDS}
    made |= {
        "lead_days": lead,
        "no_show": (rng.random(size) < 0.05 + 0.01 * lead).astype(int),
        "past": rng.integers(0, 5, size).astype(float),
        "patient": np.arange(size) // 2,
        "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(100 * seed + np.arange(size) % 90, unit="D"),
        "clinic_id": rng.choice(["a", "b", "c"], size),
    }
    return pd.DataFrame(made | columns)


@pytest.fixture
def block() -> Callable[..., pd.DataFrame]:
    return made_block
