"""Canonical tables made of a few rows, in an engine of their own."""

from collections.abc import Callable

import ibis
import pandas as pd
import pytest

from workbench.tables.known import Tables
from workbench.tables.source import Source

MakeTables = Callable[..., Tables]


@pytest.fixture
def tables() -> MakeTables:
    """Tables of a source, each given as columns: `tables(patients={"patient_id": ["a"]})`."""

    def make(not_recorded: dict[str, str] | None = None, **given: dict[str, object]) -> Tables:
        engine = ibis.duckdb.connect()
        engine.raw_sql("SET TimeZone = 'UTC'")
        made = {
            name: engine.create_table(name, pd.DataFrame(columns), temp=True) for name, columns in given.items()
        }
        source = {"title": "Rows", "location": "nowhere", "not_recorded": not_recorded or {}}
        return Tables(Source.model_validate(source), made)

    return make


def moments(*days: str | None) -> pd.Series:
    """Midnights (UTC) of these days; None where there is none."""
    return pd.to_datetime(pd.Series(list(days)), utc=True)


@pytest.fixture(scope="session")
def at() -> Callable[..., pd.Series]:
    return moments
