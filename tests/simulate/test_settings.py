from datetime import date

import pytest

from workbench.refusal import Refused
from workbench.simulate.settings import ProviderSettings


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"patients": 199}, "patients"),
        ({"patients": 5_000_001}, "patients"),
        ({"patients": True}, "patients"),
        ({"patients": 1000.0}, "patients"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"seed": "1"}, "seed"),
        ({"ends_on": "2026-11-16"}, "ends_on"),
        ({"ends_on": date(1999, 12, 31)}, "ends_on"),
        ({"starts_on": date(2026, 11, 17)}, "starts_on"),
        ({"starts_on": date(2026, 4, 21)}, "starts_on"),
        ({"starts_on": date(2020, 1, 1)}, "starts_on"),
        ({"scenario": "nothin"}, "scenario"),
    ],
)
def test_nonsense_is_refused_by_name(given, where):
    with pytest.raises(Refused) as refusal:
        ProviderSettings(**given)
    assert [fault.where for fault in refusal.value.faults] == [where]


def test_all_faults_come_at_once():
    with pytest.raises(Refused) as refusal:
        ProviderSettings(patients=1, seed=-1, scenario="none")
    assert [fault.where for fault in refusal.value.faults] == ["patients", "seed", "scenario"]


def test_a_misspelt_scenario_gets_a_suggestion():
    with pytest.raises(Refused, match='Did you mean "nothing"'):
        ProviderSettings(scenario="nothin")


@pytest.mark.parametrize("separation", [-0.1, 2.1, "1", True])
def test_a_separation_out_of_range_is_refused(separation):
    with pytest.raises(Refused, match="Give a number from 0 to 2"):
        ProviderSettings(separation=separation)


def test_settings_know_what_their_scenario_declares():
    assert ProviderSettings(scenario="nothing").declared.name == "nothing"


def test_the_edges_of_the_ranges_are_allowed():
    assert ProviderSettings(patients=200, seed=0, starts_on=date(2026, 4, 20)).patients == 200
    assert ProviderSettings(patients=5_000_000, seed=2**63 - 1).seed == 2**63 - 1


def test_the_data_end_at_midnight_and_start_78_weeks_before():
    settings = ProviderSettings()
    assert settings.end == 1_794_787_200  # 2026-11-16T00:00:00Z
    assert settings.first_day == date(2025, 5, 19)
