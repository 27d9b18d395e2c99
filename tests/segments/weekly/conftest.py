"""Rows of counts of two kinds of people, on two days, and the groups that are found among them."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from workbench.segments.analysis import Analysis, analyze
from workbench.segments.parameters import Segmentation
from workbench.segments.people import People

DAY = date(2026, 10, 19)


def counted(size: int, seed: int, shares=(0.6, 0.4)) -> pd.DataFrame:
    """People of two kinds: those who come often, in person, and those who come seldom, by video, and miss."""
    rng = np.random.default_rng(seed)
    kind = (rng.random(size) < shares[1]).astype(int)
    due = rng.poisson(np.array([30.0, 12.0])[kind]) + 4
    logs = rng.normal(np.array([2.6, 1.4])[kind], 0.3)
    return pd.DataFrame(
        {
            "patient_id": [f"p{at:05d}" for at in range(size)],
            "weeks": np.full(size, 52.0),
            "due": due,
            "kept": due,
            "missed": rng.binomial(due, np.array([0.08, 0.35])[kind]),
            "called_off": rng.binomial(due, rng.beta(4, 16, size)),
            "remote": rng.binomial(due, np.array([0.1, 0.8])[kind]),
            "log_days_ahead": logs * due,
            "log_days_ahead_squares": (logs**2 + 0.3) * due,
            "texts": due,
            "reminders": due,
            "consented": True,
        }
    )


def people_of(rows: pd.DataFrame) -> People:
    return People(rows, (), datetime(2026, 11, 15, tzinfo=UTC))


@pytest.fixture(scope="session")
def rows() -> Callable[..., pd.DataFrame]:
    return counted


@pytest.fixture(scope="session")
def settings(settings_of) -> Segmentation:
    return settings_of(
        as_of=DAY,
        features=("appointments",),
        profile_by=(),
        other_channel=(),
        groups_to=2,
        resamples=5,
        fewest_people=200,
        save_as="groups",
    )


@pytest.fixture(scope="session")
def analysis(settings) -> Analysis:
    found = analyze(people_of(counted(500, 1)), settings)
    assert found.grouping is not None
    assert found.grouping.chosen is not None
    return found


@pytest.fixture(scope="session")
def analyzed() -> Callable[..., Analysis]:
    """The groups found among other rows, by other settings."""

    def made(rows: pd.DataFrame, settings: Segmentation) -> Analysis:
        return analyze(people_of(rows), settings)

    return made


@pytest.fixture
def root(tmp_path):
    for name in ("notebooks", "params"):
        (tmp_path / name).mkdir()
    return tmp_path
