"""Both steps together, on the simulated provider."""

from datetime import date
from pathlib import Path

import pytest

from workbench.message_load.causal.analysis import analyze_causal, load_causal
from workbench.message_load.causal.settings import CausalSettings
from workbench.tables.cohort import Cohort, NeededConsent
from workbench.tables.opening import open_tables
from workbench.tables.source import Source

SETTINGS = CausalSettings(weeks=16, replicates=5)


@pytest.fixture(scope="module")
def known(provider_folder):
    source = Source(title="made up", description="made up", location=str(provider_folder), simulated=True)
    cohort = Cohort(consent=NeededConsent("care", "sent_at", "the text"))
    return open_tables(source, Path("/")).known(date(2026, 11, 16), cohort)


def test_a_study_whose_cohort_names_another_moment_gets_curves_and_a_hypothesis(known):
    data = load_causal(known, SETTINGS)
    found = analyze_causal(data, SETTINGS)
    assert data.arms == ()
    assert found.effects.people == data.weeks.rows["patient"].nunique() == data.weeks.flow[-1].left
    assert found.ceiling.answer == "hypothesis_to_test"
    # Few people of the sample are ever sent two texts in a week.
    assert [each.supported for each in found.effects.support][2:] == [False] * 3
    assert found.saturation.highest == 1


def test_an_experiment_that_sent_all_arms_the_same_tells_no_ceiling(known):
    settings = CausalSettings(weeks=16, replicates=5, experiment="motivational_wording")
    data = load_causal(known, settings)
    assert len(data.arms) == 3
    assert sum(arm.people for arm in data.arms) == data.arms_flow[-1].left
    assert analyze_causal(data, settings).ceiling.answer == "hypothesis_to_test"
