import hashlib
import json
import stat

import pyarrow.parquet as pq
import pytest

from workbench.refusal import Refused
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import FILES, write_provider
from workbench.tables.schema import TABLES


@pytest.fixture(scope="module")
def small():
    return simulate_provider(ProviderSettings(patients=300, seed=1))


def hashes(folder):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def stop_at(name):
    def report(sentence):
        if sentence.endswith(f"rows of {name}."):
            raise KeyboardInterrupt

    return report


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    write_provider(small, tmp_path / "a")
    write_provider(simulate_provider(ProviderSettings(patients=300, seed=1)), tmp_path / "b")
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_another_seed_gives_other_bytes(small, tmp_path):
    write_provider(small, tmp_path / "a")
    write_provider(simulate_provider(ProviderSettings(patients=300, seed=2)), tmp_path / "b")
    first, second = hashes(tmp_path / "a"), hashes(tmp_path / "b")
    assert {name for name in first if first[name] == second[name]} == {"clinics.parquet"}


def test_tables_come_back_as_they_were(small, tmp_path):
    write_provider(small, tmp_path / "new" / "provider")
    folder = tmp_path / "new" / "provider"
    assert {file.name for file in folder.iterdir()} == FILES
    for name in TABLES:
        assert pq.read_table(folder / f"{name}.parquet").equals(small.tables[name])
    truth = json.loads((folder / "truth.json").read_text())
    assert truth == small.truth
    assert truth["seed"] == 1
    assert truth["settings"]["patients"] == 300


def test_only_the_owner_can_read(small, tmp_path):
    write_provider(small, tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "a").iterdir()} == {0o600}


@pytest.mark.parametrize("table", ["patients", "clinics"])
def test_an_interrupted_run_leaves_nothing(small, tmp_path, table):
    with pytest.raises(KeyboardInterrupt):
        write_provider(small, tmp_path / "a", report=stop_at(table))
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_replacement_leaves_the_old_provider(small, tmp_path):
    write_provider(small, tmp_path / "a")
    before = hashes(tmp_path / "a")
    with pytest.raises(KeyboardInterrupt):
        write_provider(
            simulate_provider(ProviderSettings(patients=300, seed=2)),
            tmp_path / "a",
            report=stop_at("sessions"),
        )
    assert hashes(tmp_path / "a") == before
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_failed_exchange_brings_the_old_provider_back(small, tmp_path, monkeypatch):
    write_provider(small, tmp_path / "a")
    before = hashes(tmp_path / "a")
    rename = type(tmp_path).rename

    def refuse_the_new(self, target):
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(type(tmp_path), "rename", refuse_the_new)
    with pytest.raises(Refused, match="No space left"):
        write_provider(small, tmp_path / "a")
    assert hashes(tmp_path / "a") == before
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_an_older_provider_and_an_empty_folder_are_replaced(small, tmp_path):
    (tmp_path / "a").mkdir()
    write_provider(small, tmp_path / "a")
    before = hashes(tmp_path / "a")
    write_provider(simulate_provider(ProviderSettings(patients=300, seed=2)), tmp_path / "a")
    assert hashes(tmp_path / "a") != before
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("held", [["thesis.docx"], ["patients.parquet"], ["truth.json", "thesis.docx"]])
def test_any_other_folder_is_left_alone(small, tmp_path, held):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in held:
        (folder / name).write_text("mine")
    with pytest.raises(Refused, match="something else than a simulated provider"):
        write_provider(small, folder)
    assert sorted(file.name for file in folder.iterdir()) == sorted(held)


def test_a_file_and_a_link_are_no_folders(small, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for place in (tmp_path / "file", tmp_path / "link"):
        with pytest.raises(Refused, match="not a folder"):
            write_provider(small, place)
    with pytest.raises(Refused, match="cannot be written"):
        write_provider(small, tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "mine"
