"""Person-weeks and arms of frequency are the same on every engine, and so are the people drawn."""

from datetime import date

import pandas as pd

from workbench.message_load.causal.frequency import frequency_arms
from workbench.message_load.causal.person_weeks import person_weeks
from workbench.message_load.causal.settings import CausalSettings
from workbench.tables.cohort import Cohort, NeededConsent

AS_OF = date(2026, 11, 16)
SETTINGS = CausalSettings(weeks=10, people=150)


def known_of(tables, at: str):
    return tables.known(AS_OF, Cohort(consent=NeededConsent("care", at, "then")))


def test_person_weeks_are_the_same(engine, tables_in):
    expected = person_weeks(known_of(tables_in("duckdb"), "entered_at"), SETTINGS)
    found = person_weeks(known_of(engine, "entered_at"), SETTINGS)
    assert expected.rows["patient"].nunique() == 150
    assert expected.flow == found.flow
    pd.testing.assert_frame_equal(expected.rows, found.rows, check_dtype=False, rtol=0, atol=1e-9)


def test_arms_are_the_same(engine, tables_in):
    experiment = "motivational_wording"
    expected = frequency_arms(known_of(tables_in("duckdb"), "assigned_at"), experiment, SETTINGS)
    assert expected == frequency_arms(known_of(engine, "assigned_at"), experiment, SETTINGS)
    assert sum(arm.people for arm in expected[0]) == expected[1][-1].left > 0
