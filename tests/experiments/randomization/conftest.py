"""A project with the small simulated provider, and a plan to randomize its people by."""

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from workbench.experiments.planning.parameters import ExperimentPlan

TODAY = date(2026, 11, 17)


@pytest.fixture
def plan() -> Callable[..., ExperimentPlan]:
    def make(**changes) -> ExperimentPlan:
        usual = {
            "title": "Invitation",
            "audience": ("analysts",),
            "owner": "Outreach analytics",
            "as_of": date(2026, 11, 16),
            "source": "sample",
            "seed": 7,
            "question": "Does it help?",
            "experiment": "invitation",
            "arms": {"usual": 0.5, "new": 0.5},
            "control": "usual",
            "expected_effect": 0.02,
            "effect_sd": 0.01,
            "ethics_reference": "QI-2026-041",
            "who_must_act": "Nobody, for this is a test.",
        }
        return ExperimentPlan(**{**usual, **changes})

    return make


@pytest.fixture
def change(project) -> Callable[..., None]:
    """Change a table of the project's provider."""

    def to(table: str, changed: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        file = project.data / f"{table}.parquet"
        rows = changed(pd.read_parquet(file))
        # The file is a link to what others read.
        file.unlink()
        rows.to_parquet(file)

    return to
