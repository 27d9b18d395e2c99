"""`workbench assign`: what it tells names nobody, and every refusal is a sentence."""

import pandas as pd
import pytest
import yaml

PLAN = {
    "title": "Invitation",
    "question": "Does it help?",
    "audience": ["analysts"],
    "owner": "Outreach analytics",
    "as_of": "2026-11-16",
    "source": "sample",
    "seed": 7,
    "experiment": "invitation",
    "arms": {"usual": 0.5, "new": 0.5},
    "control": "usual",
    "holdout": 0.1,
    "stratify_by": ["clinic_id", "diagnosis_group"],
    "ethics_reference": "QI-2026-041",
    "expected_effect": 0.02,
    "effect_sd": 0.01,
    "who_must_act": "Nobody, for this is a test.",
}


@pytest.fixture
def params(project):
    path = project.root / "params" / "experiment_plan" / "invitation.yaml"
    path.parent.mkdir()

    def write(**changed):
        values = {key: value for key, value in (PLAN | changed).items() if value is not None}
        path.write_text(yaml.safe_dump(values, sort_keys=False))
        return str(path)

    return write


def test_it_tells_counts_with_few_hidden_and_nobody_s_pseudonym(project, params, workbench):
    ended = workbench("assign", params())
    assert (ended.code, ended.err) == (0, "")
    assert "Drawn: data/assigned/sample/invitation." in ended.out
    rows = pd.read_parquet(project.root / "data/assigned/sample/invitation/assignments.parquet")
    assert not any(name in ended.out for name in rows["patient_id"])
    cells = rows.groupby(["stratum", "arm"]).size()
    assert cells.min() <= 10 < cells.max()
    told = dict(line.strip().split("  ", 1)[::-1] for line in ended.out.splitlines() if line.startswith(" "))
    for (stratum, arm), people in cells.items():
        shown = told[f"{stratum}, {arm}"]
        assert shown == "not shown" if people <= 10 else shown in (f"{people:,}", "not shown")
    assert "few" in ended.out


def test_a_dry_run_writes_nothing_and_a_second_draw_is_refused(project, params, workbench):
    dry = workbench("assign", params(), "--dry-run")
    assert dry.code == 0
    assert "Nothing was written" in dry.out
    assert not (project.root / "data" / "assigned").exists()
    done = workbench("assign", params())
    assert done.out.splitlines()[:-2] == dry.out.splitlines()[:-1]
    again = workbench("assign", params())
    assert again.code == 2
    assert again.out == ""
    assert again.err.startswith("experiment invitation: people were assigned to it before")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"ethics_reference": None}, "ethics_reference: nobody is randomized without"),
        ({"grid": {"window_days": [7, 14]}}, "a draw is of one plan"),
        ({"arms": {"usual": 0.5, "new": 0.4}}, "add up to 1"),
        ({"source": "nowhere"}, "there is no file params/sources/nowhere.yaml"),
    ],
)
def test_a_refusal_is_a_sentence(params, workbench, changed, told):
    ended = workbench("assign", params(**changed))
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.told


def test_only_a_plan_is_drawn_by(project, workbench):
    other = next((project.root / "params" / "ab_test").glob("*.yaml"))
    for name in (str(other), "params/experiment_plan/none.yaml"):
        ended = workbench("assign", name)
        assert ended.code == 2
        assert ended.err


def test_data_that_are_not_here_are_told(project, params, workbench):
    project.write_source(location="data/none")
    ended = workbench("assign", params())
    assert ended.code == 2
    assert "are not here" in ended.err
