"""Features of every family are counted alike on every engine, and from the columns that are declared."""

from typing import get_args

import pandas as pd
import pytest

from workbench.runs.precheck import recorded
from workbench.runs.studies import STUDIES
from workbench.segments.families import Family
from workbench.tables.known import Tables

STUDY = STUDIES["segmentation"]


@pytest.fixture(scope="module")
def settings(settings_of):
    """Every feature of every family."""
    return settings_of("segmentation").model_copy(update={"features": get_args(Family), "measures": "all"})


def counted(tables, settings):
    """The rows of counts from these tables."""
    known = tables.known(settings.as_of, STUDY.cohort(settings))
    STUDY.check(known, settings)
    return STUDY.load(known, settings).rows


@pytest.fixture(scope="module")
def in_duckdb(tables_in, settings):
    return counted(tables_in("duckdb"), settings)


def test_every_family_is_counted_alike(engine, settings, in_duckdb):
    pd.testing.assert_frame_equal(in_duckdb, counted(engine, settings), rtol=0, atol=1e-9)
    for column in ("gaps", "answered", "booked", "responded", "recent_texts", "answers"):
        assert in_duckdb[column].sum() > 0, column
    assert in_duckdb[["age_band", "sex", "language", "diagnosis_group"]].notna().all(axis=None)


def test_every_family_reads_nothing_but_what_it_declares(tables_in, settings, in_duckdb):
    whole = tables_in("duckdb")
    declared = STUDY.reads(settings, recorded(whole.source))
    cut = Tables(whole.source, {name: whole.whole(name).select(columns) for name, columns in declared.items()})
    pd.testing.assert_frame_equal(in_duckdb, counted(cut, settings))
