"""What both aggregations are asked, and the form in which they answer."""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from workbench.experiments.parameters import ABTest
from workbench.parameters.sets import read_parameter_set

ROOT = Path(__file__).parents[2]
PROVIDER = Path("data/provider")


def settings() -> ABTest:
    """The parameters of the experiment."""
    path = ROOT / "params" / "ab_test" / "motivational_wording.yaml"
    parameters = read_parameter_set(path, ROOT, {"ab_test": ABTest}, date(2100, 1, 1)).parameters
    assert isinstance(parameters, ABTest)
    return parameters


def midnight(day: date | None) -> datetime:
    """The moment with which a day begins, UTC."""
    assert day is not None
    return datetime.combine(day, time(), UTC)


def answer(seconds: float, **counts: Any) -> None:
    """Print the seconds an aggregation took, and what it counted."""
    print(json.dumps([seconds, counts]))
