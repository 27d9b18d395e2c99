"""Rows of counts as they come from the engine, made up."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def counts() -> Callable[..., pd.DataFrame]:
    """People with counts of every feature but surveys, and what a test gives instead."""
    return made


def made(size: int = 400, seed: int = 1, **given: object) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    due = rng.integers(4, 30, size)
    texts = rng.poisson(9, size)
    logs = rng.normal(2.5, 0.4, size)
    rows = {
        "patient_id": [f"p{at}" for at in range(size)],
        "weeks": np.full(size, 52.0),
        "due": due,
        "kept": due,
        "missed": rng.binomial(due, rng.beta(1, 5, size)),
        "called_off": rng.binomial(due, rng.beta(1, 6, size)),
        "remote": rng.binomial(due, rng.beta(1, 1, size)),
        "log_days_ahead": logs * due,
        "log_days_ahead_squares": (logs**2 + 0.5) * due,
        "reminders": due,
        "confirmed": rng.binomial(due, rng.beta(3, 2, size)),
        "texts": texts,
        "answers": np.zeros(size, int),
        "symptoms": np.zeros(size),
        "gaps": due - 1,
        "log_gaps": rng.normal(2.0, 0.3, size) * (due - 1),
        "log_gaps_squares": (rng.normal(2.0, 0.3, size) ** 2 + 0.4) * (due - 1),
        "longest_gap": np.where(rng.random(size) < 0.2, np.nan, rng.uniform(5, 200, size)),
        "days_since": np.where(rng.random(size) < 0.2, np.nan, rng.uniform(0, 90, size)),
        "recent_texts": rng.poisson(2, size).astype(float),
        "answered": rng.binomial(texts, rng.beta(2, 4, size)),
        "log_reply_hours": rng.gamma(2.0, 1.0, size),
        "log_reply_hours_squares": rng.gamma(4.0, 1.0, size),
        "booking_texts": rng.poisson(4, size),
        "booked": 0,
        "asked": due,
        "responded": rng.binomial(due, rng.beta(2, 3, size)),
        "diagnosis_group": rng.choice(["anxiety", "depression", "trauma", None], size),
        "treatment_phase": rng.choice(["active", "intake"], size),
    }
    return pd.DataFrame(rows | given)
