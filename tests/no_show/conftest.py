"""Small providers built by hand, the simulated one, and Vitória's where its file is at hand."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from workbench.no_show.analysis import Analysis, analyze
from workbench.no_show.at_risk.frame import Appointments, load_appointments
from workbench.no_show.at_risk.risk_set import declared_cohort
from workbench.no_show.parameters import NoShow
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.tables.cohort import Cohort
from workbench.tables.known import KnownTables, Tables
from workbench.tables.opening import open_source
from workbench.tables.source import NotRecorded, Source

ROOT = Path(__file__).parents[2]
WORDS: dict[str, Any] = {
    "title": "t",
    "question": "q?",
    "audience": ("analysts",),
    "owner": "o",
    "source": "sample",
    "seed": 7,
    "who_must_act": "Nobody has to act.",
}
Build = Callable[..., KnownTables]


def parameters(**given: Any) -> NoShow:
    return NoShow.model_validate(
        WORDS | {"as_of": date(2026, 11, 16), "test_from": date(2026, 9, 7), "minors": "include"} | given
    )


def tables_of(frames: dict[str, pd.DataFrame], **unrecorded: str) -> Tables:
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    source = Source(title="by hand", location=".", not_recorded=NotRecorded(**unrecorded))
    return Tables(source, {name: engine.create_table(name, frame) for name, frame in frames.items()})


@pytest.fixture(scope="session")
def settings() -> Callable[..., NoShow]:
    return parameters


@pytest.fixture(scope="session")
def tables_from() -> Callable[..., Tables]:
    return tables_of


@pytest.fixture
def by_hand() -> Build:
    def build(visits: list[dict[str, Any]], as_of: date, **unrecorded: str) -> KnownTables:
        frame = pd.DataFrame(visits)
        for column in ("booked_at", "starts_at", "known_at"):
            frame[column] = pd.to_datetime(frame[column], utc=True, format="ISO8601").astype(
                "datetime64[us, UTC]"
            )
        frame["appointment_id"] = [f"a{place}" for place in range(len(frame))]
        clinics = pd.DataFrame({"clinic_id": ["c"], "time_zone": ["America/New_York"]})
        patients = pd.DataFrame({"patient_id": frame["patient_id"].unique()})
        frames = {"appointments": frame.assign(clinic_id="c"), "clinics": clinics, "patients": patients}
        missing = {"consent": "none", **unrecorded}
        return tables_of(frames, **missing).known(as_of, Cohort("include", goes_on_without=missing))

    return build


@pytest.fixture(scope="session")
def simulated() -> dict[str, pd.DataFrame]:
    provider = simulate_provider(ProviderSettings(patients=9_000, seed=3))
    return {name: table.to_pandas() for name, table in provider.tables.items()}


@pytest.fixture(scope="session")
def simulated_appointments(simulated: dict[str, pd.DataFrame]) -> Appointments:
    chosen = parameters(test_from=date(2026, 7, 6), calibration_days=56)
    return load_appointments(tables_of(simulated).known(chosen.as_of, declared_cohort(chosen)), chosen)


@pytest.fixture(scope="session")
def simulated_analysis(simulated_appointments: Appointments) -> Analysis:
    return analyze(simulated_appointments, parameters(test_from=date(2026, 7, 6), calibration_days=56))


@pytest.fixture(scope="session")
def vitoria_settings() -> NoShow:
    from workbench.parameters.sets import read_parameter_set

    path = ROOT / "params/no_show/vitoria_2016.yaml"
    read = read_parameter_set(path, ROOT, {"no_show": NoShow}, date(2100, 1, 1)).parameters
    assert isinstance(read, NoShow)
    return read


@pytest.fixture(scope="session")
def vitoria(vitoria_settings: NoShow) -> Analysis:
    if not os.environ.get("WORKBENCH_DATA"):
        if os.environ.get("CI") == "true":
            pytest.fail("WORKBENCH_DATA is not set, so that Vitória's figures are not checked")
        pytest.skip("WORKBENCH_DATA is not set")
    known = open_source("vitoria_2016", ROOT).known(vitoria_settings.as_of, declared_cohort(vitoria_settings))
    return analyze(load_appointments(known, vitoria_settings), vitoria_settings)
