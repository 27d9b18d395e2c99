"""The manifest of a version, and the version's name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from workbench.reports.manifest import MANIFEST_FILE, Manifest, changed_parts, digest_of, version_name

PARTS = {"data": "a" * 64, "seed": "b" * 64}


def test_a_version_s_name_sorts_by_time_and_ends_in_the_fingerprint():
    name = version_name(datetime(2026, 11, 23, 6, 0, 5, tzinfo=UTC), PARTS)
    assert name == f"20261123T060005Z-{digest_of(PARTS)[:8]}"
    east = datetime(2026, 11, 23, 8, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert version_name(east, PARTS) == name


def test_a_fingerprint_s_digest_knows_its_parts_and_not_their_order():
    assert digest_of(PARTS) == digest_of(dict(reversed(PARTS.items())))
    assert digest_of(PARTS) != digest_of(PARTS | {"seed": "c" * 64})
    assert digest_of(PARTS) != digest_of({"data": PARTS["seed"], "seed": PARTS["data"]})


def test_parts_that_appear_or_vanish_have_changed():
    assert changed_parts({"a": "1", "b": "1"}, {"a": "1", "c": "1"}) == ["b", "c"]


def test_a_manifest_comes_back_from_its_file_as_it_was(project, published):
    content = (published(project.store) / MANIFEST_FILE).read_bytes()
    assert Manifest.model_validate_json(content).as_bytes() == content


@pytest.mark.parametrize(
    "change",
    [('"version": "2026', '"version": "../../2026'), ('"seed": 1', '"sed": 1'), ('"schema": 1', '"schema": 2')],
)
def test_what_is_no_manifest_is_refused(project, published, change):
    content = (published(project.store) / MANIFEST_FILE).read_text(encoding="utf-8").replace(*change)
    with pytest.raises(ValidationError):
        Manifest.model_validate_json(content)
