"""One simulated provider for all tests of this room, and its tables as data frames."""

import pandas as pd
import pytest

from workbench.simulate.provider import Provider, simulate_provider
from workbench.simulate.settings import ProviderSettings


@pytest.fixture(scope="session")
def provider() -> Provider:
    return simulate_provider(ProviderSettings(patients=9_000, seed=3))


@pytest.fixture(scope="session")
def frames(provider: Provider) -> dict[str, pd.DataFrame]:
    return {name: table.to_pandas() for name, table in provider.tables.items()}


@pytest.fixture(scope="session")
def end(provider: Provider) -> pd.Timestamp:
    return pd.Timestamp(provider.settings.ends_on, tz="UTC").as_unit("us")


def opted_in(consents: pd.DataFrame, people: pd.DataFrame, at: str) -> pd.Series:
    """Whether the last change that bears on texts for care, up to each moment, was an opt-in."""
    bears = (consents.channel == "sms") & ((consents.purpose == "care") | (consents.scope == "all"))
    changes = consents[bears].sort_values("changed_at")[["patient_id", "changed_at", "status"]]
    asked = people[["patient_id", at]].reset_index().sort_values(at)
    found = pd.merge_asof(asked, changes, left_on=at, right_on="changed_at", by="patient_id")
    return found.set_index("index").status.eq("opt_in").reindex(people.index)


@pytest.fixture(scope="session")
def consented():
    return opted_in
