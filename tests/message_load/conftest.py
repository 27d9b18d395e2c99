"""Small worlds of texts, and a risk that was estimated in one of them."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench.message_load.causal.analysis import CausalAnalysis
from workbench.message_load.causal.ceiling import hypothesis
from workbench.message_load.causal.results import (
    LEVELS,
    METHODS,
    OUTCOMES,
    Curve,
    LoadEffects,
    Support,
    WeightsTold,
)
from workbench.message_load.causal.saturation import find_saturation
from workbench.message_load.counts import LoadCounts, load_counts
from workbench.message_load.estimate import Estimate
from workbench.message_load.parameters import MessageLoad
from workbench.message_load.risk_set import declared_cohort
from workbench.tables.known import KnownTables, Tables
from workbench.tables.source import Source

AS_OF = date(2026, 11, 16)
MOMENT = datetime(2026, 11, 16, tzinfo=UTC)
TIME = pd.DatetimeTZDtype("us", "UTC")


def load_settings(**changed: Any) -> MessageLoad:
    values: dict[str, Any] = {
        "title": "A title",
        "audience": ("analysts",),
        "owner": "An owner",
        "as_of": AS_OF,
        "source": "sample",
        "seed": 1,
        "question": "How many are too many?",
        "who_must_act": "Nobody must act.",
    }
    return MessageLoad(**{**values, **changed})


def known_tables(frames: Mapping[str, pd.DataFrame], settings: MessageLoad) -> KnownTables:
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    tables = {name: engine.create_table(name, rows) for name, rows in frames.items()}
    source = Source(title="Some", location="somewhere")
    return Tables(source, tables).known(settings.as_of, declared_cohort(settings))


def ago(days: float) -> datetime:
    return MOMENT - timedelta(days=days)


class Few:
    """A few people made up, one change after the other."""

    def __init__(self) -> None:
        self.people: list[dict[str, Any]] = []
        self.consents: list[dict[str, Any]] = []
        self.texts: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []

    def person(self, name: str, agreed: float = 300, born: int = 1980, zone: str = "America/New_York") -> None:
        self.people.append({"patient_id": name, "birth_year": born, "time_zone": zone})
        self.consent(name, "opt_in", agreed, "web")

    def consent(self, name: str, status: str, days: float, source: str | None) -> None:
        self.consents.append({"patient_id": name, "status": status, "source": source, "changed_at": ago(days)})

    def text(self, name: str, days: float, kind: str = "education", status: str = "delivered") -> None:
        self.texts.append(
            {
                "message_id": f"m{len(self.texts):04d}",
                "patient_id": name,
                "kind": kind,
                "sent_at": ago(days),
                "status": status,
            }
        )

    def answer(self, name: str, days: float, score: float, instrument: str = "why_left") -> None:
        told = {"patient_id": name, "instrument": instrument, "score": score, "responded_at": ago(days)}
        self.answers.append(told)

    def counts(self, **changed: Any) -> LoadCounts:
        settings = load_settings(**changed)
        return load_counts(known_tables(self.frames(), settings), settings)

    def frames(self) -> dict[str, pd.DataFrame]:
        people = pd.DataFrame(self.people).assign(ended_at=None, deceased_at=None)
        consents = pd.DataFrame(self.consents).assign(channel="sms", purpose="care", scope="this_kind")
        texts = pd.DataFrame(self.texts)
        states = pd.DataFrame(
            {
                "patient_id": ["nobody"],
                "treatment_phase": "active",
                "valid_from": ago(900),
                "known_at": ago(900),
            }
        )
        answers = self.answers or [
            {"patient_id": "nobody", "instrument": "other", "score": 1.0, "responded_at": ago(9)}
        ]
        return {
            "patients": people.astype({"ended_at": TIME, "deceased_at": TIME}),
            "consents": consents.astype({"changed_at": TIME, "source": "string"}),
            "messages": texts.assign(known_at=texts["sent_at"]).astype({"sent_at": TIME, "known_at": TIME}),
            "patient_states": states.astype({"valid_from": TIME, "known_at": TIME}),
            "surveys": pd.DataFrame(answers).astype({"responded_at": TIME}),
        }


def kept_up(
    opt_outs=(60, 90, 70, 40, 5),
    supported=4,
    worth=(0.02, 0.03, 0.035, 0.036, 0.03),
    after_booking=None,
    **changed: Any,
):
    """Curves of five levels that both ways share, with what follows from them: saturation, and a hypothesis."""
    settings = load_settings(**changed).causal
    point = np.tile(np.array([[0.001, 0.003, 0.006, 0.012, 0.02], worth]), (3, 1, 1))
    draws = np.broadcast_to(point * np.linspace(0.95, 1.05, 40)[:, None, None, None], (40, *point.shape))
    curves = tuple(
        Curve(method, outcome, tuple(Estimate(x, 0.9 * x, 1.1 * x) for x in point[at, kind]))
        for at, method in enumerate(METHODS)
        for kind, outcome in enumerate(OUTCOMES)
    )
    support = tuple(
        Support(name, float(place), 1_000, 5_000, opt_outs[place], 400, 0.0, 4_000.0, place < supported)
        for place, name in enumerate(LEVELS)
    )
    weights = WeightsTold(1.0, 30.0, 8.0, 0.01)
    counted = {"people": 5_000, "weeks": 25_000, "opt_outs": sum(opt_outs), "bookings": 2_000}
    told = {"curves": curves, "support": support, "weights": weights, "agreement": (), "level": 0.95}
    effects = LoadEffects(**counted, **told, after_booking=after_booking, chances=point, draws=draws)
    return CausalAnalysis(effects, find_saturation(effects, settings), hypothesis(effects, settings, 35))


@pytest.fixture(scope="session")
def kept_up_for() -> Callable[..., CausalAnalysis]:
    return kept_up


@pytest.fixture
def few() -> Few:
    return Few()


@pytest.fixture(scope="session")
def settings_for() -> Callable[..., MessageLoad]:
    return load_settings


@pytest.fixture(scope="session")
def known_for() -> Callable[[Mapping[str, pd.DataFrame], MessageLoad], KnownTables]:
    return known_tables
