"""Every registered study gives the same numbers on every engine."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import ibis
import pandas as pd
import pytest

from workbench.no_show.oversight.booked import booked_on
from workbench.runs.precheck import recorded
from workbench.runs.studies import STUDIES
from workbench.tables.cohort import EVERYBODY
from workbench.tables.known import KNOWN_FROM, Tables
from workbench.tables.schema import TABLES
from workbench.tables.validation import table_faults

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def differences(expected: Any, found: Any, place: str = "") -> Iterator[str]:
    """Where two results differ: counts and words exactly, other numbers by more than 1e-9."""
    if is_dataclass(expected):
        for field in fields(expected):
            name = field.name
            yield from differences(getattr(expected, name), getattr(found, name), f"{place}.{name}")
    elif isinstance(expected, tuple | list):
        if len(expected) != len(found):
            yield f"{place}: {len(expected)} and {len(found)} entries"
        for at, (one, other) in enumerate(zip(expected, found, strict=False)):
            yield from differences(one, other, f"{place}[{at}]")
    elif isinstance(expected, pd.DataFrame):
        try:
            pd.testing.assert_frame_equal(expected, found, rtol=0, atol=1e-9)
        except AssertionError as error:
            yield f"{place}: {error}"
    elif type(expected) is not type(found):
        yield f"{place}: {type(expected).__name__} and {type(found).__name__}"
    elif expected != (pytest.approx(found, rel=0, abs=1e-9) if isinstance(expected, float) else found):
        yield f"{place}: {expected} and {found}"


@pytest.fixture(scope="session")
def in_duckdb(tables_in, settings_of):
    """What a study loads from DuckDB, once each."""
    loaded: dict[str, Any] = {}

    def load(study: str) -> Any:
        settings = settings_of(study)
        if study not in loaded:
            kind = STUDIES[study]
            known = tables_in("duckdb").known(settings.as_of, kind.cohort(settings))
            loaded[study] = kind.load(known, settings)
        return loaded[study]

    return load


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
@pytest.mark.parametrize("engine", ["postgres", "spark"], indirect=True)
def test_a_study_gives_the_same_numbers(study, engine, in_duckdb, settings_of):
    settings = settings_of(study.name)
    known = engine.known(settings.as_of, study.cohort(settings))
    study.check(known, settings)
    assert list(differences(in_duckdb(study.name), study.load(known, settings))) == []


def test_whom_a_day_s_list_is_about_is_the_same(engine, tables_in, settings_of):
    settings, day = settings_of("no_show"), date(2026, 11, 13)
    expected = booked_on(tables_in("duckdb"), settings, day)
    assert len(expected) > 0
    assert list(differences(expected, booked_on(engine, settings, day))) == []


def test_two_results_that_differ_are_told_apart(in_duckdb):
    counts = in_duckdb("ab_test")
    assert list(differences(counts, counts)) == []
    assert list(differences(counts, replace(counts, in_two_arms=counts.in_two_arms + 1))) != []
    assert list(differences(counts, replace(counts, cells=counts.cells[1:]))) != []
    frame = pd.DataFrame({"n": [1.0]})
    assert list(differences(frame, frame + 1e-8)) != []
    assert list(differences(1.0, 1.0 + 1e-8)) != []
    assert list(differences(1, 1.0)) != []


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_reads_nothing_but_what_it_declares(study, tables_in, in_duckdb, settings_of):
    """So that its fingerprint, taken over those columns, sees every change that matters to it."""
    settings, whole = settings_of(study), tables_in("duckdb")
    declared = STUDIES[study].reads(settings, recorded(whole.source))
    cut = {
        name: whole.whole(name).select(
            [
                column
                for column in whole.whole(name).columns
                if column in {*columns, KNOWN_FROM.get(name), *_needed(name)}
            ]
        )
        for name, columns in declared.items()
    }
    known = Tables(whole.source, cut).known(settings.as_of, STUDIES[study].cohort(settings))
    assert list(differences(in_duckdb(study), STUDIES[study].load(known, settings))) == []


def _needed(name: str) -> set[str]:
    return {column for column, declared in TABLES[name].columns.items() if declared.required}


def test_tables_without_fault_have_none(engine):
    assert table_faults(engine, dict.fromkeys(TABLES, ())) == ()


def test_faults_are_told_alike(engine, tables_in):
    needed = {"messages": (), "clinics": ("city",), "surveys": ()}
    faults = table_faults(_spoiled(engine), needed)
    assert faults == table_faults(_spoiled(tables_in("duckdb")), needed)
    assert len(faults) == 6


def _spoiled(tables: Tables) -> Tables:
    """A table with an unknown word, a missing value and a shared key, and one without rows."""
    messages = tables.whole("messages").head(3)
    spoiled = messages.mutate(
        message_id=messages["message_id"].substr(0, 0),
        kind=messages["kind"].upper(),
        known_at=ibis.literal(NOON),
    )
    none = tables.whole("clinics").filter(tables.whole("clinics")["clinic_id"] == "nowhere")
    spoiled = spoiled.mutate(sent_at=spoiled["sent_at"].nullif(spoiled["sent_at"]))
    return Tables(tables.source, {"messages": spoiled, "clinics": none})


def test_the_listing_is_the_same(engine, tables_in):
    expected = tables_in("duckdb")
    assert engine.listed() == expected.listed()
    day = date(2026, 3, 2)
    assert engine.known(day, EVERYBODY).listed() == expected.known(day, EVERYBODY).listed()
    assert all(table.unread == "" for table in engine.listed())
