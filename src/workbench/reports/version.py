"""A version as it lies in the store: its files, its manifest, its result, and what is wrong with it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from workbench.present.result import StudyResult
from workbench.refusal import Fault
from workbench.reports.manifest import MANIFEST_FILE, VERSION_PATTERN, Manifest, digest_of
from workbench.reports.reviews import Review

REPORT_FILE = "report.html"
NOTEBOOK_FILE = "notebook.ipynb"
RESULTS_FILE = "results.json"


@dataclass(frozen=True)
class Version:
    """A version read from the store, published or waiting; `reviews` are those bound to it, the oldest first."""

    folder: Path
    manifest: Manifest
    result: StudyResult
    reviews: tuple[Review, ...] = ()

    def __str__(self) -> str:
        return f"{self.manifest.study}/{self.manifest.name}/{self.manifest.version}"

    @property
    def withdrawn(self) -> bool:
        """Whether a person took it back."""
        return any(review.decision == "withdrawn" for review in self.reviews)

    @property
    def approved(self) -> bool:
        """Whether a person approved it as it is."""
        return any(review.decision == "approved" for review in self.reviews)


def folders(root: Path, depth: int) -> Iterator[Path]:
    """Folders `depth` levels below the root, apart from hidden ones."""
    if not root.is_dir():
        return
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            if depth == 1:
                yield entry
            else:
                yield from folders(entry, depth - 1)


def version_folders(folder: Path) -> Iterator[Path]:
    """The folders of versions in a parameter set's folder, the oldest first."""
    for entry in folders(folder, 1):
        if re.fullmatch(VERSION_PATTERN, entry.name):
            yield entry


def read_version(folder: Path, reviews: tuple[Review, ...]) -> Version | None:
    """The version in a folder, with those of the reviews that are bound to it; None where it cannot be read."""
    manifest = _read_manifest(folder)
    if manifest is None:
        return None
    try:
        result = StudyResult.model_validate_json((folder / RESULTS_FILE).read_bytes())
        bound = checksum((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    of_it = tuple(
        review
        for review in reviews
        if review.version == manifest.version
        # A version that may have been withdrawn counts as withdrawn; whether it was changed is told by the faults.
        and (review.manifest_sha256 == bound or review.decision == "withdrawn")
    )
    return Version(folder, manifest, result, of_it)


def _read_manifest(folder: Path) -> Manifest | None:
    """A folder's manifest, if it is one, and that of this folder."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    here = (manifest.study, manifest.name, manifest.version) == folder.parts[-3:]
    return manifest if here and manifest.version.endswith(digest_of(manifest.fingerprint)[:8]) else None


def version_faults(folder: Path) -> list[Fault]:
    """What is wrong with the files of a version: changed, missing, unknown."""
    where = "/".join(folder.parts[-3:])
    manifest = _read_manifest(folder)
    if manifest is None:
        mend = "Bring the version back from a backup."
        return [Fault(where, "its manifest is missing, broken, or that of another version.", mend)]
    faults = []
    there = {entry.name for entry in folder.iterdir()} - {MANIFEST_FILE}
    for name in sorted(set(manifest.files) - there):
        faults.append(Fault(f"{where}/{name}", "the file is missing.", "Bring it back from a backup."))
    for name in sorted(there - set(manifest.files)):
        faults.append(Fault(f"{where}/{name}", "the manifest does not know this file.", "Remove it."))
    for name in sorted(there & set(manifest.files)):
        if checksum_of(folder / name) != manifest.files[name]:
            faults.append(
                Fault(f"{where}/{name}", "it was changed after publication.", "Bring it back from a backup.")
            )
    return faults


def checksum_of(path: Path) -> str | None:
    """A file's checksum, or None where it is no file that can be read."""
    try:
        return checksum(path.read_bytes())
    except OSError:
        return None


def checksum(content: bytes) -> str:
    """sha256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
