"""What every step is asked, the people it is asked of, and the form in which it answers."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from workbench.parameters.sets import read_parameter_set
from workbench.segments.families import CATEGORICAL_FAMILIES, Family
from workbench.segments.parameters import Segmentation
from workbench.segments.people import People

ROOT = Path(__file__).parents[2]
PROVIDER = Path("data/provider")
ROWS, DEFINITION = "rows.parquet", "definition.json"


def settings(families: str) -> Segmentation:
    """The parameters on the sample; "all" adds every feature that is a number."""
    path = ROOT / "params" / "segmentation" / "behavior_groups.yaml"
    parameters = read_parameter_set(path, ROOT, {"segmentation": Segmentation}, date(2100, 1, 1)).parameters
    assert isinstance(parameters, Segmentation)
    numbers = tuple(family for family in get_args(Family) if family not in CATEGORICAL_FAMILIES)
    return parameters.model_copy(update={"features": numbers, "measures": "all"} if families == "all" else {})


def people(project: Path, size: int) -> People:
    """So many people: those the engine found, drawn with replacement, each with an identifier of their own."""
    found = pd.read_parquet(project / ROWS)
    drawn = found.iloc[np.random.default_rng(1).integers(0, len(found), size)].reset_index(drop=True)
    drawn["patient_id"] = pd.Series(np.arange(size)).astype(str).astype(found["patient_id"].dtype)
    return People(drawn, (), datetime(2026, 11, 15, tzinfo=UTC))


def answer(seconds: float, **found: Any) -> None:
    """Print the seconds a step took, and what it found."""
    print(json.dumps([seconds, found]))
