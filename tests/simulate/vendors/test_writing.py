"""Vendors' exports are written whole or not at all, with the source file that reads them back."""

import stat

import pytest

from workbench.parameters.reading import read_yaml
from workbench.refusal import Refused
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.writing import SHAPES, SOURCE_FILE, chosen_shapes, place_of, write_vendors


@pytest.fixture(scope="module")
def provider():
    return simulate_provider(ProviderSettings(patients=300, seed=1))


def written(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_all_shapes_are_there_for_their_owner_alone(provider, tmp_path):
    folder = tmp_path / "exports"
    write_vendors(provider, folder, SHAPES, "data/exports")
    assert {path.name for path in folder.iterdir()} == {*SHAPES, SOURCE_FILE}
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_the_source_file_names_the_feeds_that_were_written(provider, tmp_path):
    write_vendors(provider, tmp_path / "a", ("csv", "twilio"), "data/a")
    source = read_yaml(tmp_path / "a" / SOURCE_FILE, label=SOURCE_FILE).values
    assert source["simulated"] is True
    assert source["ingest"]["exports"] == "data/a"
    assert [feed["reads"] for feed in source["ingest"]["feeds"]] == ["twilio", "table"]


def test_the_same_provider_gives_the_same_bytes(provider, tmp_path):
    for name in "ab":
        write_vendors(provider, tmp_path / name, ("qualtrics", "csv"), "data/exports")
    assert written(tmp_path / "a") == written(tmp_path / "b")


def test_older_exports_are_replaced_and_anything_else_is_left_alone(provider, tmp_path):
    folder = tmp_path / "exports"
    write_vendors(provider, folder, ("qualtrics",), "data/exports")
    write_vendors(provider, folder, ("csv",), "data/exports")
    assert {path.name for path in folder.iterdir()} == {"csv", SOURCE_FILE}
    (folder / "thesis.docx").write_text("mine")
    with pytest.raises(Refused, match="something else than a simulated provider's exports"):
        write_vendors(provider, folder, ("csv",), "data/exports")
    assert (folder / "thesis.docx").read_text() == "mine"


def test_an_interruption_leaves_what_was_there(provider, tmp_path):
    write_vendors(provider, tmp_path / "exports", ("csv",), "data/exports")
    before = written(tmp_path / "exports")

    def stop(sentence):
        if "qualtrics" in sentence:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_vendors(provider, tmp_path / "exports", SHAPES, "data/exports", stop)
    assert written(tmp_path / "exports") == before
    assert [path.name for path in tmp_path.iterdir()] == ["exports"]


def test_shapes_are_known_and_in_one_order():
    assert chosen_shapes(["csv", "fhir", "csv"]) == ("fhir", "csv")
    with pytest.raises(Refused, match=r'there is no shape "twillio"\. Did you mean "twilio"') as refused:
        chosen_shapes(["twillio", "hl7"])
    assert len(refused.value.faults) == 2
    with pytest.raises(Refused, match="no shape is given"):
        chosen_shapes([])


def test_exports_lie_below_the_project(tmp_path):
    assert place_of(tmp_path / "data" / "exports", tmp_path) == "data/exports"
    for elsewhere in (tmp_path, tmp_path.parent / "exports", tmp_path / ".." / "exports"):
        with pytest.raises(Refused, match="below the project"):
            place_of(elsewhere, tmp_path)
