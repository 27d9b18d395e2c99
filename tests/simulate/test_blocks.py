"""A large provider, simulated block by block: valid as a whole, its truth that of everybody, a small one as ever."""

import hashlib
import io
import json

import numpy as np
import pandas as pd
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from workbench.simulate.provider import LARGEST_BLOCK, simulate_blocks, simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import FILES, write_blocks, write_provider
from workbench.tables.opening import open_tables
from workbench.tables.schema import TABLES
from workbench.tables.source import Source
from workbench.tables.validation import table_faults

SETTINGS = ProviderSettings(patients=1_201, seed=4)
# Of the tables of 300 patients by seed 1, as text: whoever changes them, changes every sample and its reports.
AS_EVER = {
    "patients": "a63db5fb32cbddd9",
    "patient_states": "b5e2b8f5bdf3788d",
    "consents": "57ebeda4125e74fa",
    "messages": "4f9bc6bc781e0dc2",
    "replies": "7ddf7efb8ac90b6f",
    "assignments": "2ebbe5655ba39703",
    "appointments": "560759b1db511851",
    "sessions": "ff16f3d3ea7cb555",
    "surveys": "e41c6f19565c90c6",
    "clinics": "b412ba655ce1c564",
}


@pytest.fixture(scope="module")
def blocks():
    return list(simulate_blocks(SETTINGS, largest=500))


@pytest.fixture(scope="module")
def folder(blocks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("blocks") / "provider"
    write_blocks(blocks, folder)
    return folder


@pytest.fixture(scope="module")
def written(folder):
    return {name: pq.read_table(folder / f"{name}.parquet").to_pandas() for name in TABLES}


@pytest.fixture(scope="module")
def truth(folder):
    return json.loads((folder / "truth.json").read_text())


@pytest.mark.parametrize("name", TABLES)
def test_a_small_provider_is_as_it_ever_was(name):
    text = io.BytesIO()
    pyarrow.csv.write_csv(simulate_provider(ProviderSettings(patients=300, seed=1)).tables[name], text)
    assert hashlib.sha256(text.getvalue()).hexdigest()[:16] == AS_EVER[name]


def test_one_block_is_the_whole_provider(tmp_path):
    settings = ProviderSettings(patients=300, seed=1)
    assert settings.patients <= LARGEST_BLOCK
    write_provider(simulate_provider(settings), tmp_path / "whole")
    write_blocks(simulate_blocks(settings), tmp_path / "blocks")
    for file in sorted(FILES):
        assert (tmp_path / "whole" / file).read_bytes() == (tmp_path / "blocks" / file).read_bytes(), file


def test_blocks_are_as_few_and_as_equal_as_can_be(blocks):
    assert [block.settings.patients for block in blocks] == [400, 400, 401]
    assert len({block.tables["patients"]["sex"].to_pandas().head(400).str.cat() for block in blocks}) == 3


def test_the_files_are_those_of_any_provider_and_valid(folder, written, blocks):
    assert {file.name for file in folder.iterdir()} == FILES
    tables = open_tables(Source(title="Blocks", location=folder.name), folder.parent)
    assert table_faults(tables, dict.fromkeys(tables.names, ())) == ()
    for name, rows in written.items():
        if name != "clinics":
            assert len(rows) == sum(block.tables[name].num_rows for block in blocks), name


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("patients", ["patient_id"]),
        ("messages", ["message_id"]),
        ("replies", ["reply_id"]),
        ("surveys", ["response_id"]),
        ("appointments", ["appointment_id", "known_at"]),
        ("sessions", ["clinician_id", "starts_at"]),
        ("clinics", ["clinic_id"]),
    ],
)
def test_keys_are_unique_over_all_blocks(written, table, key):
    assert not written[table].duplicated(key).any()


def test_references_hold(written, blocks):
    texts = written["messages"].set_index("message_id")["patient_id"]
    clinicians = set(written["sessions"]["clinician_id"])
    assert set(written["appointments"]["clinician_id"]) <= clinicians
    for name, rows in written.items():
        if "patient_id" in rows:
            assert rows["patient_id"].isin(written["patients"]["patient_id"]).all(), name
        if "message_id" in rows and name != "messages":
            linked = rows.dropna(subset="message_id")
            assert (texts.loc[linked["message_id"]].to_numpy() == linked["patient_id"].to_numpy()).all()
    assert not written["assignments"]["patient_id"].duplicated().any()


def test_whoever_is_in_an_earlier_block_sorts_first(written):
    for name in ("patients", "patient_states", "consents", "messages", "surveys"):
        assert written[name]["patient_id"].is_monotonic_increasing, name


def test_the_same_settings_give_the_same_bytes(folder, tmp_path):
    write_blocks(simulate_blocks(SETTINGS, largest=500), tmp_path / "again")
    for file in sorted(FILES):
        assert (folder / file).read_bytes() == (tmp_path / "again" / file).read_bytes(), file


@pytest.mark.parametrize("outcome", ["booking", "opt_out"])
@pytest.mark.parametrize("name", ["motivational_wording", "evening_send", "personal_greeting"])
def test_the_truth_of_an_experiment_is_that_of_everybody_together(truth, blocks, name, outcome):
    told = truth["experiments"][name]
    outcomes = [block.outcomes[name] for block in blocks]
    eligible = np.concatenate([each.enrollment.eligible for each in outcomes])
    happens = np.concatenate([getattr(each, outcome) for each in outcomes])[eligible]
    assert told["assigned"] == eligible.size
    assert told["overall"]["people"] == eligible.sum()
    rates = happens.mean(axis=0)
    assert [told["overall"]["arms"][arm][outcome] for arm in told["arms"]] == rates.tolist()
    for place, arm in enumerate(told["arms"][1:], 1):
        assert told["overall"]["differences"][arm][outcome] == rates[place] - rates[0]


def test_the_truth_of_a_segment_is_that_of_everybody_in_it(truth, blocks, written):
    name = "motivational_wording"
    ids = [block.tables["patients"]["patient_id"].to_pandas() for block in blocks]
    outcomes = [block.outcomes[name] for block in blocks]
    rows = pd.concat(
        pd.DataFrame(each.booking, index=who.iloc[each.enrollment.patient])[each.enrollment.eligible]
        for each, who in zip(outcomes, ids, strict=True)
    )
    diagnosis = written["patient_states"].groupby("patient_id")["diagnosis_group"].first().loc[rows.index]
    for segment, cell in truth["experiments"][name]["by_diagnosis_group"].items():
        here = rows[(diagnosis == segment).to_numpy()]
        assert cell["people"] == len(here)
        assert [cell["arms"][arm]["booking"] for arm in cell["arms"]] == here.mean().tolist()


def test_the_rest_of_the_truth_is_weighted_too(truth, blocks, written):
    assert truth["settings"]["patients"] == SETTINGS.patients
    assert truth["seed"] == SETTINGS.seed
    held = [block.truth["no_show"] for block in blocks]
    weights = [each["appointments"] for each in held]
    assert len(set(weights)) == len(blocks)
    risk = np.average([each["mean_risk"] for each in held], weights=weights)
    assert truth["no_show"]["mean_risk"] == pytest.approx(risk)
    appointments = written["appointments"]
    missed = (appointments["status"] == "no_show").sum()
    ended = appointments["status"].isin(["no_show", "attended"]).sum()
    assert truth["no_show"]["missed"] == pytest.approx(missed / ended, abs=0.01)
    assert sum(truth["patient_types"]["shares"].values()) == pytest.approx(1)
