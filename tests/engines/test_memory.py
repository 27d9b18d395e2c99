"""What comes back into memory is counts, sums and cells, or a model's feature frame; never a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pytest
from ibis.backends.duckdb import Backend

from workbench.runs.studies import STUDIES
from workbench.tables.known import KnownTables, Tables
from workbench.tables.latest import CHANNEL

LOGS = ("messages", "replies", "appointments", "consents", "patient_states", "surveys", "sessions")
# Keys of single events, which no feature frame needs.
KEYS_OF_LOGS = {"message_id", "reply_id", "appointment_id", "response_id"}
# Studies whose model learns from one row for each of what it studies; all others bring back counts alone.
FEATURE_FRAMES: dict[str, Callable[[Any], tuple[pd.DataFrame, ...]]] = {
    "message_load": lambda loaded: (loaded.causal.weeks.rows,),
    "no_show": lambda loaded: (loaded.rows, loaded.eligible.rows),
    "segment_review": lambda loaded: loaded.rows,
    "segmentation": lambda loaded: (loaded.rows,),
}
# By which an engine hands rows over.
HANDING_OVER = ("execute", "to_pyarrow", "to_pyarrow_batches", "to_pandas_batches", "to_polars", "to_torch")


@dataclass(frozen=True)
class Brought:
    """What an engine handed over: rows, and columns where there are several."""

    rows: int
    columns: frozenset[str]


@contextmanager
def watched() -> Iterator[list[Brought]]:
    """Writes down all that the engine hands over meanwhile."""
    brought: list[Brought] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in HANDING_OVER:
            patch.setattr(Backend, name, _noting(getattr(Backend, name), brought, name.endswith("batches")))
        yield brought


def _noting(hand_over: Callable[..., Any], brought: list[Brought], in_pieces: bool) -> Callable[..., Any]:
    def handed(*given: Any, **named: Any) -> Any:
        found = hand_over(*given, **named)
        # Batches are a log in pieces, however many are taken.
        brought.append(Brought(sys.maxsize, frozenset()) if in_pieces else _brought(found))
        return found

    return handed


def _brought(found: Any) -> Brought:
    rows = len(found) if hasattr(found, "__len__") and not isinstance(found, str) else 1
    columns = getattr(found, "column_names", getattr(found, "columns", ()))
    return Brought(rows, frozenset(map(str, columns)))


def logs_brought(study: Any, tables: Tables, settings: Any) -> list[Brought]:
    """What a study's check and its loading bring back that has as many rows as a log, but for its feature frame."""
    smallest = min(int(tables.whole(name).count().execute()) for name in LOGS)
    known = tables.known(settings.as_of, study.cohort(settings))
    with watched() as brought:
        study.check(known, settings)
        loaded = study.load(known, settings)
    for frame in FEATURE_FRAMES[study.name](loaded) if study.name in FEATURE_FRAMES else ():
        for allowed in [found for found in brought if _is_frame(found, frame)][:1]:
            brought.remove(allowed)
    return [found for found in brought if found.rows >= smallest]


def _is_frame(found: Brought, frame: pd.DataFrame) -> bool:
    """Whether it became the feature frame, and says nothing of single events."""
    return found.rows == len(frame) and found.columns <= set(frame.columns) and not found.columns & KEYS_OF_LOGS


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_no_study_brings_back_a_log(study, tables_in, settings_of):
    assert logs_brought(study, tables_in("duckdb"), settings_of(study.name)) == []


def everything(known: KnownTables, settings: Any) -> Any:
    return known.table("messages").execute()


def some_columns(known: KnownTables, settings: Any) -> Any:
    return known.table("replies").select("patient_id", "received_at").to_pyarrow()


def one_column(known: KnownTables, settings: Any) -> Any:
    return known.table("consents")["channel"].to_pandas() == CHANNEL


def in_batches(known: KnownTables, settings: Any) -> Any:
    return known.table("messages").to_pyarrow_batches()


def kept_first(known: KnownTables, settings: Any) -> Any:
    return known.table("messages").cache().execute()


LOADINGS = (everything, some_columns, one_column, in_batches, kept_first)


@pytest.mark.parametrize("load", LOADINGS, ids=lambda load: load.__name__)
def test_a_study_that_does_is_caught(load, tables_in, settings_of):
    study = replace(STUDIES["ab_test"], load=load)
    assert logs_brought(study, tables_in("duckdb"), settings_of("ab_test")) != []


def test_a_feature_frame_excuses_no_log_beside_it(tables_in, settings_of):
    own = STUDIES["no_show"]

    def load(known: KnownTables, settings: Any) -> Any:
        known.table("appointments").execute()
        return own.load(known, settings)

    settings = settings_of("no_show")
    assert logs_brought(own, tables_in("duckdb"), settings) == []
    assert len(logs_brought(replace(own, load=load), tables_in("duckdb"), settings)) == 1
