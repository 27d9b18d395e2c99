"""Models, the review list and hand-back on the command line: nobody's key is told, and every refusal is a sentence."""

import json
import shutil
from datetime import UTC, datetime

import pandas as pd
import pytest
import yaml

from workbench.protection.account import account_name
from workbench.reports.model_approval import MODELS, Card

NO_SHOW = {
    "title": "Whom to call",
    "question": "Whom to call?",
    "audience": ["operations"],
    "owner": "Outreach analytics",
    "as_of": "2026-11-16",
    "source": "sample",
    "seed": 7,
    "test_from": "2026-07-27",
    "calibration_days": 56,
    "calls_per_day": 12,
    "holdout_share": 0.2,
    "ethics_reference": "QI-2026-041",
    "who_must_act": "The front desks call.",
}


@pytest.fixture
def params(project):
    path = project.root / "params" / "no_show" / "calls.yaml"
    path.parent.mkdir()

    def write(**changed):
        values = {key: value for key, value in (NO_SHOW | changed).items() if value is not None}
        path.write_text(yaml.safe_dump(values, sort_keys=False))
        return str(path)

    return write


@pytest.fixture
def approvers(project):
    def name(*names):
        (project.root / "workbench.yaml").write_text(yaml.safe_dump({"approvers": list(names)}))

    return name


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the folders of the first project in which a model was made are kept, for the next ones."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def made(project, params, workbench, kept):
    """The hash of a model that was made by somebody else, by a study that lets it be used."""
    folders = {kept / "store": project.store.folder, kept / "models": project.root / "data" / "models"}
    file = params()
    if (kept / "models").exists():
        for copy, folder in folders.items():
            shutil.copytree(copy, folder)
    else:
        ended = workbench("model", "make", file)
        assert ended.code == 0, ended.told
        (model,) = (project.root / "data" / "models").iterdir()
        assert f"model {model.name}" in ended.out
        for copy, folder in folders.items():
            shutil.copytree(folder, copy)
    (folder,) = (project.store.folder / MODELS).iterdir()
    card = Card.model_validate_json((folder / "card.json").read_bytes())
    changed = card.model_copy(update={"made_by": "maker", "verdict": "use_with_oversight"})
    (folder / "card.json").write_bytes(changed.as_bytes())
    return card


def test_from_a_model_to_a_list_nobody_s_key_is_told(project, params, workbench, approvers, made):
    unapproved = workbench("review-list", params(), "--day", "2026-11-12")
    assert unapproved.code == 2
    assert "no model of this parameter set was approved" in unapproved.err
    approvers(account_name())
    approved = workbench("model", "approve", made.hash[:16], "--remark", "Read with the lead.")
    assert (approved.code, approved.err) == (0, "")
    listed = workbench("model", "list")
    assert "approved by" in listed.out
    done = workbench("review-list", params(), "--day", "2026-11-13")
    assert (done.code, done.err) == (0, "")
    folder = project.root / "data" / "review_lists" / "sample" / f"2026-11-13-{made.hash[:12]}"
    rows, holdout = (pd.read_parquet(folder / f"{name}.parquet") for name in ("list", "holdout"))
    assert len(rows) <= 12
    named = {*rows["patient_id"], *holdout["patient_id"], *rows["appointment_id"]}
    log = (project.root / "data" / "audit.jsonl").read_text()
    assert not any(name in told for name in named for told in (done.out, listed.out, log))
    watching = workbench("model", "watch", params())
    assert watching.code == 0
    assert "Too few outcomes" in watching.out
    # A source without a crosswalk has no record numbers.
    back = workbench("hand-back", str(folder / "list.parquet"), "--for", "calls", "--to", "Rosa Diaz")
    assert back.code == 2
    assert "there is no crosswalk" in back.err
    workbench("model", "withdraw", made.hash, "--remark", "It drifted.")
    back = workbench("hand-back", str(folder / "list.parquet"), "--for", "calls", "--to", "Rosa Diaz")
    assert back.code == 2
    assert "it was withdrawn" in back.err
    again = workbench("review-list", params(), "--day", "2026-11-10", "--model", made.hash)
    assert again.code == 2
    assert "it was withdrawn" in again.err


def test_the_card_holds_no_person_and_the_model_stays_private(project, made):
    text = json.dumps(made.model_dump(mode="json"))
    assert made.made_by == account_name()
    assert made.made_at <= datetime.now(UTC)
    people = pd.read_parquet(project.data / "patients.parquet")["patient_id"]
    assert not any(name in text for name in people)
    folder = project.root / "data" / "models" / made.hash
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o177 == 0 for path in folder.iterdir())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"grid": {"history_days": [365, 730]}}, "a model is of one set of parameters"),
        ({"source": "nowhere"}, "there is no file params/sources/nowhere.yaml"),
        ({"test_from": "2020-01-06"}, "no appointment"),
        ({"holdout_share": 0.9}, "holdout_share"),
    ],
)
def test_a_refusal_is_a_sentence(params, workbench, changed, told):
    ended = workbench("model", "make", params(**changed))
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.told


@pytest.mark.parametrize(
    "command", [("model", "make"), ("model", "watch"), ("review-list", "--day", "2026-11-13")]
)
def test_another_study_s_set_is_told_by_what_it_is(project, workbench, command):
    ended = workbench(*command, "params/ab_test/wording.yaml")
    assert ended.code == 2
    assert (
        "it is a parameter set of the study ab_test; models and their lists are those of no_show" in ended.err
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("model", "approve", "ffffffffffff", "--remark", "Read."), "none of the approvers"),
        (("model", "list"), "There is no model yet"),
        (("hand-back", "none.parquet", "--for", "calls", "--to", "Rosa"), "folder data"),
        (("hand-back", "none.parquet", "--for", "calls"), "Missing option '--to'"),
    ],
)
def test_what_is_not_there_is_told(workbench, words, told):
    ended = workbench(*words)
    assert told in ended.told
    assert "Traceback" not in ended.told


def test_data_that_are_not_here_are_told(project, params, workbench):
    project.write_source(location="data/none")
    ended = workbench("model", "make", params())
    assert ended.code == 2
    assert "are not here" in ended.err
