"""Every scenario simulated once for all tests of this folder, and its tables as data frames."""

from functools import cache

import pandas as pd
import pytest

from workbench.simulate.provider import Provider, simulate_provider
from workbench.simulate.settings import ProviderSettings

PATIENTS = 4_000


@cache
def _simulated(scenario: str, seed: int, patients: int) -> Provider:
    return simulate_provider(ProviderSettings(patients=patients, seed=seed, scenario=scenario))


@cache
def _frames(scenario: str, seed: int, patients: int) -> dict[str, pd.DataFrame]:
    tables = _simulated(scenario, seed, patients).tables
    return {name: table.to_pandas() for name, table in tables.items()}


@pytest.fixture(scope="session")
def simulated():
    """The provider of a scenario."""
    return lambda scenario, seed=5, patients=PATIENTS: _simulated(scenario, seed, patients)


@pytest.fixture(scope="session")
def frames_of():
    """The tables of a scenario as data frames."""
    return lambda scenario, seed=5, patients=PATIENTS: _frames(scenario, seed, patients)


@pytest.fixture(scope="session")
def estimands(simulated):
    """The truth of a scenario by estimand."""

    def told(scenario: str, seed: int = 5, patients: int = PATIENTS) -> dict:
        return simulated(scenario, seed, patients).truth["laboratory"]["estimands"]

    return told
