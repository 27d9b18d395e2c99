"""A simulated provider whose patients are of planted types, and another whose patients are not, opened as sources."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.segments.features import FEATURES, FeatureFrame, Measured
from workbench.segments.parameters import Segmentation
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import write_provider
from workbench.tables.known import Tables
from workbench.tables.opening import open_tables
from workbench.tables.source import Source

AS_OF = date(2026, 11, 16)


@pytest.fixture(scope="session")
def settings_of() -> Callable[..., Segmentation]:
    """Settings with small numbers of draws, and what a test gives besides."""

    def made(**given: object) -> Segmentation:
        values = {
            "title": "Groups",
            "audience": ("analysts",),
            "owner": "Analytics",
            "as_of": AS_OF,
            "source": "sample",
            "seed": 7,
            "question": "Are there groups?",
            "who_must_act": "The clinical lead reads it.",
            "groups_to": 4,
            "resamples": 8,
            "continuum_draws": 19,
        }
        return Segmentation(**{**values, **given})

    return made


def opened(folder: Path) -> Tables:
    source = Source(title="made up", description="made up", location=str(folder), simulated=True)
    return open_tables(source, Path("/"))


@pytest.fixture(scope="session")
def provider_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[float], Path]:
    """The folder of a provider with types at a separation; each is simulated once."""
    made: dict[float, Path] = {}

    def folder(separation: float) -> Path:
        if separation not in made:
            path = tmp_path_factory.mktemp("provider") / "sample"
            write_provider(
                simulate_provider(ProviderSettings(patients=6_000, seed=11, separation=separation)), path
            )
            made[separation] = path
        return made[separation]

    return folder


@pytest.fixture(scope="session")
def open_folder() -> Callable[[Path], Tables]:
    return opened


@pytest.fixture(scope="session")
def frame_of() -> Callable[..., FeatureFrame]:
    """A feature frame of an array of measures, standardized; the features' words are those of the first ones."""

    def made(people: np.ndarray, measured: tuple[Measured | None, ...] | None = None) -> FeatureFrame:
        features = FEATURES[: people.shape[1]]
        return FeatureFrame(
            patient_ids=np.array([f"p{at}" for at in range(len(people))], dtype=object),
            features=features,
            values=pd.DataFrame(people, columns=[feature.name for feature in features]),
            scaled=(people - people.mean(axis=0)) / people.std(axis=0),
            measured=measured or (None,) * people.shape[1],
            unreliable=(),
        )

    return made


@pytest.fixture(scope="session")
def coded_frame_of() -> Callable[..., FeatureFrame]:
    """A feature frame of categories alone, (n, categorical measures), -1 where one is not known."""

    def made(codes: np.ndarray) -> FeatureFrame:
        return FeatureFrame(
            patient_ids=np.array([f"p{at}" for at in range(len(codes))], dtype=object),
            features=(),
            values=pd.DataFrame(index=range(len(codes))),
            scaled=np.zeros((len(codes), 0)),
            measured=(),
            unreliable=(),
            categories=codes.astype(np.int64),
            words=tuple(tuple("abcdefgh"[: codes.max() + 1]) for _ in codes.T),
        )

    return made
