"""The simulated provider's bulk export is FHIR, names nobody by a pseudonym, and is its owner's alone."""

import gzip
import json
import re
from datetime import UTC, datetime

import pytest

from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.fhir import write_fhir

ENDS = datetime(2026, 11, 16, tzinfo=UTC)
# The SMS platform has the texts that appointments were booked through.
ELSEWHERE = {"Communication"}


@pytest.fixture(scope="module")
def tables():
    return simulate_provider(ProviderSettings(patients=300, seed=9)).tables


@pytest.fixture(scope="module")
def files(tables, tmp_path_factory):
    return write_fhir(tables, tmp_path_factory.mktemp("exports"), exported_at=ENDS)


@pytest.fixture(scope="module")
def resources(files):
    return [json.loads(line) for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]


def values(node):
    """Every value of a resource, with the key it stands under."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield "", value
            yield from values(value)


def test_a_file_holds_one_kind_of_resource(files):
    for file in files:
        lines = gzip.decompress(file.read_bytes()).splitlines()
        assert {json.loads(line)["resourceType"] for line in lines} == {file.name.removesuffix(".ndjson.gz")}


def test_ids_are_valid_and_references_lead_somewhere(resources):
    there = {f"{each['resourceType']}/{each['id']}" for each in resources}
    assert all(re.fullmatch(r"\w+/[A-Za-z0-9.-]{1,64}", name) for name in there)
    found = {value for each in resources for key, value in values(each) if key == "reference"}
    assert {name for name in found if name.split("/")[0] not in ELSEWHERE} <= there
    assert len(found) > 300


def test_nothing_is_null_and_no_list_or_object_is_empty(resources):
    assert not [key for each in resources for key, value in values(each) if value in (None, [], {})]


def test_only_appointments_and_episodes_have_versions(resources):
    versions = {}
    for each in resources:
        updated = each.get("meta", {}).get("lastUpdated")
        versions.setdefault((each["resourceType"], each["id"]), []).append(updated)
    assert {kind for (kind, _), told in versions.items() if len(told) > 1} == {"Appointment", "EpisodeOfCare"}
    assert all(len(set(told)) == len(told) for told in versions.values())


def test_nobody_is_called_by_a_pseudonym(files, tables):
    text = b"".join(gzip.decompress(file.read_bytes()) for file in files).decode()
    assert not set(re.findall(r"p[a-z2-7]{12}", text)) & set(tables["patients"]["patient_id"].to_pylist())


def test_consents_by_keyword_are_the_sms_platforms(resources, tables):
    others = [row for row in tables["consents"].to_pylist() if row["source"] != "keyword"]
    assert sum(each["resourceType"] == "Consent" for each in resources) == len(others)


def test_the_same_tables_give_the_same_files(files, tables, tmp_path):
    again = write_fhir(tables, tmp_path, exported_at=ENDS)
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in files]


def test_files_are_their_owners_alone_and_are_not_written_over(files, tables):
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert files[0].parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(FileExistsError):
        write_fhir(tables, files[0].parent.parent, exported_at=ENDS)
