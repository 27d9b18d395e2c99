"""The declarations: whole, in agreement with themselves, and light enough to be listed at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.refusal import Refused
from workbench.simulate.scenarios.catalog import SCENARIOS, listing, scenario_named


def test_every_scenario_of_the_laboratory_is_there():
    assert set(SCENARIOS) == {
        "default",
        "nothing",
        "consent_prompts",
        "motivational",
        "re_engagement",
        "segmented_reminders",
        "risk_targeted_reminders",
        "staged_rollout",
        "over_messaging",
        "broken_randomizer",
        "late_outcomes",
        "households",
        "fading_effect",
        "drifting_base",
        "heavy_tails",
        "informative_dropout",
    }
    assert all(name == scenario.name for name, scenario in SCENARIOS.items())


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_declaration_is_whole(scenario):
    assert all((scenario.title, scenario.question, scenario.changed, scenario.expected))
    assert scenario.experiments or scenario.prompts or scenario.trial
    names = [each.name for each in scenario.truth]
    assert len(names) == len(set(names))
    for experiment in scenario.experiments:
        assert sum(stage.share for stage in experiment.epochs) == pytest.approx(experiment.share)
        assert all(len(stage.allocation) == len(experiment.arms) for stage in experiment.epochs)
        assert {len(arm.booking) for arm in experiment.arms} <= {0, 1, len(experiment.epochs)}
        # Windows close before the end, but for the one experiment that is meant to run on.
        assert (
            experiment.last_day + experiment.window_days < 0 or experiment.experiment_id == "personal_greeting"
        )
    assert sum(experiment.share for experiment in scenario.experiments) <= 0.5


def test_the_list_tells_names_and_titles():
    lines = listing()
    assert len(lines) == len(SCENARIOS)
    assert lines[1].startswith("nothing ")
    assert lines[1].endswith("(A/A)")


@pytest.mark.parametrize("name", ["motivatonal", "", None, ["nothing"]])
def test_an_unknown_name_is_refused_with_all_that_there_are(name):
    with pytest.raises(Refused) as refusal:
        scenario_named(name)
    (fault,) = refusal.value.faults
    assert fault.where == "scenario"
    assert all(name in fault.mend for name in SCENARIOS)


def test_declarations_load_without_the_simulation():
    """The command line lists them in its help, and a refusal comes at once."""
    code = (
        "import sys, workbench.simulate.scenarios.catalog; "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'pyarrow', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_scenario_is_told_in_the_docs():
    page = (Path(__file__).parents[3] / "docs" / "methods" / "simulated-provider.md").read_text()
    below = page.partition("## The laboratory")[2]
    for name, scenario in SCENARIOS.items():
        assert f"`{name}`" in below, name
        if name not in ("default", "nothing"):
            trial = () if scenario.trial is None else (scenario.trial.experiment,)
            prompts = () if scenario.prompts is None else (scenario.prompts,)
            for experiment in (*scenario.experiments, *trial, *prompts):
                row = next(line for line in below.splitlines() if line.startswith(f"| `{name}` |"))
                assert f"`{experiment.experiment_id}`" in row
                assert all(arm in row for arm in experiment.names)
