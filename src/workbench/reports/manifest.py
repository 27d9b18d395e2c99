"""The manifest of a version: what it is, what made it, and a checksum of every file beside it."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MANIFEST_FILE = "manifest.json"
VERSION_PATTERN = r"^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$"


class Member(BaseModel):
    """One combination of a grid: its number, what it set, all its parameters, and the sha256 of its results."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    combination: int
    values: dict[str, Any]
    parameters: dict[str, Any]
    results: str


class Manifest(BaseModel):
    """Everything needed to know where a version comes from.

    `fingerprint` holds one hash per part; the version's name ends in the first eight digits of their hash.
    `previous` names the version that was the newest when this one was made, `run_by` the account that ran it.
    `files` holds the sha256 of every other file of the version; `dropped` what the notebook displayed that was
    not meant to be seen, counted by kind; `timings` seconds. `release` says whether the version had to wait for a
    person, `reads` which columns of which tables its study may read. `members` are the combinations that a grid's
    report compares, of which `parameters` are the first's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    study: str
    study_title: str
    name: str
    version: str = Field(pattern=VERSION_PATTERN)
    title: str
    audience: tuple[str, ...]
    owner: str
    as_of: date
    data_until: str | None
    valid_until: date
    published_at: datetime
    previous: str | None = None
    run_by: str = ""
    release: Literal["automatic", "reviewed"] = "automatic"
    reads: dict[str, tuple[str, ...]] = {}
    parameter_file: str
    parameters: dict[str, Any]
    fingerprint: dict[str, str]
    seed: int
    source: str
    simulated: bool
    git_commit: str | None
    git_clean: bool | None
    python: str
    packages: dict[str, str]
    dropped: dict[str, int]
    timings: dict[str, float]
    files: dict[str, str]
    members: tuple[Member, ...] = ()

    def as_bytes(self) -> bytes:
        """The manifest as the file holds it."""
        return (self.model_dump_json(by_alias=True, indent=2) + "\n").encode()


def version_name(moment: datetime, fingerprint: dict[str, str]) -> str:
    """`20261123T060000Z-3f9a2c1d`: sorts by time, ends in the fingerprint."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest_of(fingerprint)[:8]}"


def digest_of(fingerprint: dict[str, str]) -> str:
    """One hash over all parts of a fingerprint, in the order of their names."""
    parts = "\n".join(f"{name} {value}" for name, value in sorted(fingerprint.items()))
    return hashlib.sha256(parts.encode()).hexdigest()


def changed_parts(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The parts of a fingerprint that differ."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
