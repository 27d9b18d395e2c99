"""Feature frames whose risk is known, and a project on the simulated provider's tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.special import expit

from workbench.no_show.at_risk.features import NUMBERS, WORDS


def made_rows(size: int, seed: int = 1, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    made: dict[str, Any] = {name: np.zeros(size) for name in NUMBERS} | {
        name: ["same"] * size for name in WORDS
    }
    past = rng.integers(0, 8, size).astype(float)
    missed = rng.binomial(past.astype(int), 0.3).astype(float)
    made |= {
        "lead_days": rng.integers(0, 60, size),
        "weekday": rng.integers(0, 5, size),
        "hour": rng.integers(8, 18, size).astype(float),
        "age": rng.integers(18, 80, size).astype(float),
        "past": past,
        "past_missed": missed,
        "last_missed": np.where(past > 0, (missed > 2).astype(float), np.nan),
        "diagnosis_group": rng.choice(["depression", "anxiety"], size),
        "patient": np.arange(size) // 2,
        "patient_id": [f"p{place // 2}" for place in range(size)],
        "appointment_id": [f"a{place}" for place in range(size)],
        "clinic_id": rng.choice(["a", "b"], size),
        "starts_at": pd.Timestamp("2026-11-16T15:00", tz="UTC"),
        "clinic_time": "2026-11-16 10:00",
        "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(100 * seed + np.arange(size) % 90, unit="D"),
    }
    made |= columns
    log_odds = -2.5 + 0.03 * np.asarray(made["lead_days"]) + 0.5 * np.asarray(made["past_missed"])
    made["no_show"] = (rng.random(size) < expit(log_odds)).astype(int)
    return pd.DataFrame(made)


@pytest.fixture(scope="session")
def rows() -> Callable[..., pd.DataFrame]:
    return made_rows


@pytest.fixture
def provider(tmp_path: Path, simulated: dict[str, pd.DataFrame]) -> Path:
    """A project whose source "sample" is the simulated provider."""
    for folder in ("notebooks", "params/sources", "data/sample"):
        (tmp_path / folder).mkdir(parents=True)
    for name, frame in simulated.items():
        frame.to_parquet(tmp_path / "data" / "sample" / f"{name}.parquet")
    source = {"title": "Simulated provider", "location": "data/sample", "simulated": True}
    (tmp_path / "params" / "sources" / "sample.yaml").write_text(yaml.safe_dump(source), encoding="utf-8")
    return tmp_path
