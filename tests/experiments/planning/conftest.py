"""The parameters of a plan, with what a test changes."""

from collections.abc import Callable
from datetime import date

import pytest

from workbench.experiments.planning.parameters import ExperimentPlan


@pytest.fixture(scope="session")
def planned() -> Callable[..., ExperimentPlan]:
    def make(**changes) -> ExperimentPlan:
        usual = {
            "title": "Invitation",
            "audience": ("analysts",),
            "owner": "Outreach analytics",
            "as_of": date(2026, 6, 1),
            "source": "handmade",
            "seed": 7,
            "question": "Does it help?",
            "experiment": "invitation",
            "arms": {"usual": 0.5, "new": 0.5},
            "control": "usual",
            "expected_effect": 0.02,
            "effect_sd": 0.01,
            "segment_by": None,
            "simulated_experiments": 2_500,
            "who_must_act": "Nobody, for this is a test.",
        }
        return ExperimentPlan(**{**usual, **changes})

    return make
