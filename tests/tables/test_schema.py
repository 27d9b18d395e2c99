"""The declared tables: their keys are columns that are always there, or the moment of a version."""

import pytest

from workbench.tables.known import KNOWN_FROM
from workbench.tables.schema import TABLES
from workbench.tables.versions import VERSION_FROM, VERSIONED


@pytest.mark.parametrize("name", TABLES)
def test_a_key_is_made_of_declared_columns(name: str) -> None:
    assert set(TABLES[name].unique or ()) <= set(TABLES[name].columns)


@pytest.mark.parametrize("name", VERSIONED)
def test_versions_share_their_key_and_differ_in_when_they_were_known(name: str) -> None:
    assert TABLES[name].unique == [VERSIONED[name], VERSION_FROM]


@pytest.mark.parametrize("name", KNOWN_FROM)
def test_what_says_from_when_on_a_row_was_known_is_a_time(name: str) -> None:
    assert TABLES[name].columns[KNOWN_FROM[name]].dtype.type.is_timestamp()


@pytest.mark.parametrize("name", TABLES)
def test_a_column_that_may_be_missing_may_be_empty(name: str) -> None:
    assert all(column.required != column.nullable for column in TABLES[name].columns.values())
