"""The report store: versions that are published whole, once, and never written again.

<store>/<study>/<name>/<version>/{report.html, notebook.ipynb, results.json, manifest.json}
<store>/<study>/<name>/latest -> <version>
<store>/.runs/<id>.json          records of runs
<store>/.incoming/<id>/          a version being written; one rename publishes it
<store>/index.html               the catalogue, made from all this alone
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from workbench.present.result import StudyResult
from workbench.refusal import Fault, Refused
from workbench.reports.files import sync_folder, write_whole
from workbench.reports.manifest import MANIFEST_FILE, VERSION_PATTERN, Manifest
from workbench.reports.records import RunRecord, read_records

REPORT_FILE = "report.html"
NOTEBOOK_FILE = "notebook.ipynb"
RESULTS_FILE = "results.json"
LATEST = "latest"


@dataclass(frozen=True)
class Version:
    """A published version, read from the store."""

    folder: Path
    manifest: Manifest

    def result(self) -> StudyResult:
        """Its typed result."""
        return StudyResult.model_validate_json((self.folder / RESULTS_FILE).read_bytes())

    def __str__(self) -> str:
        return f"{self.manifest.study}/{self.manifest.name}/{self.manifest.version}"


class Store:
    """A report store on a folder, made where it is missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def records_folder(self) -> Path:
        """Where records of runs lie."""
        return self.folder / ".runs"

    def records(self) -> list[RunRecord]:
        """All records of runs, oldest first."""
        return list(read_records(self.records_folder))

    def parameter_sets(self) -> list[tuple[str, str]]:
        """Study and name of everything that has a version or a record of a run."""
        versioned = {
            (name.parent.name, name.name) for name in _folders(self.folder, 2) if any(_version_folders(name))
        }
        return sorted(versioned | {(record.study, record.name) for record in self.records() if record.name})

    def versions(self, study: str, name: str) -> list[Version]:
        """All versions of a parameter set that can be read, newest first."""
        found = []
        for folder in sorted(_version_folders(self.folder / study / name), reverse=True):
            manifest = _read_manifest(folder)
            if manifest is not None:
                found.append(Version(folder, manifest))
        return found

    def latest(self, study: str, name: str) -> Version | None:
        """The newest version of a parameter set."""
        return next(iter(self.versions(study, name)), None)

    def find(self, named: str) -> Version:
        """The version named `<study>/<name>`, `<study>/<name>/<version>`, or by its version alone.

        Raises:
            Refused: there is none, or the version alone names several.
        """
        everything = [version for pair in self.parameter_sets() for version in self.versions(*pair)]
        exact = [version for version in everything if named in {str(version), version.manifest.version}]
        of_set = [v for v in everything if named == f"{v.manifest.study}/{v.manifest.name}"]
        if len(exact) > 1:
            raise Refused(
                Fault(named, "several versions bear this name.", f"Name one: {', '.join(map(str, exact))}.")
            )
        if exact or of_set:
            return (exact or of_set)[0]
        raise Refused(
            Fault(named, "there is no such version.", "`workbench reports list` shows what there is.")
        )

    def publish(self, study: str, name: str, version: str, files: Mapping[str, bytes], run_id: str) -> Path:
        """Publish a version by one rename, and point `latest` to it.

        Raises:
            FileExistsError: the version is there already.
        """
        target = self.folder / study / name / version
        incoming = self.folder / ".incoming" / run_id
        if target.exists():
            raise FileExistsError(f"the version {version} is published already")
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(parents=True)
        try:
            for file, content in files.items():
                write_whole(incoming / file, content)
            sync_folder(incoming)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(incoming, target)
        except BaseException:
            shutil.rmtree(incoming, ignore_errors=True)
            raise
        sync_folder(target.parent)
        self.point_latest(study, name)
        return target

    def point_latest(self, study: str, name: str) -> None:
        """Let `latest` name the newest version, by one rename."""
        newest = self.latest(study, name)
        if newest is None:
            return
        parent = self.folder / study / name
        temporary = parent / f".{LATEST}-{os.getpid()}"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(newest.manifest.version)
        os.replace(temporary, parent / LATEST)

    def clear_incoming(self, running: set[str]) -> int:
        """Remove what killed runs left half-written; `running` are the ids of runs under way."""
        folder = self.folder / ".incoming"
        left = [entry for entry in folder.iterdir() if entry.name not in running] if folder.is_dir() else []
        for entry in left:
            shutil.rmtree(entry, ignore_errors=True)
        return len(left)

    def faults(self) -> list[Fault]:
        """What is wrong with the store: changed, missing or unknown files, and links that lead nowhere."""
        faults: list[Fault] = []
        for named in _folders(self.folder, 2):
            for folder in _version_folders(named):
                faults += _version_faults(folder)
            link = named / LATEST
            if link.is_symlink() and not link.exists():
                where = f"{named.parent.name}/{named.name}/{LATEST}"
                faults.append(Fault(where, "the link leads nowhere.", "Run the parameter set again."))
        return faults


def _folders(root: Path, depth: int) -> Iterator[Path]:
    """Folders `depth` levels below the root, apart from hidden ones."""
    if not root.is_dir():
        return
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            if depth == 1:
                yield entry
            else:
                yield from _folders(entry, depth - 1)


def _version_folders(folder: Path) -> Iterator[Path]:
    for entry in _folders(folder, 1):
        if re.match(VERSION_PATTERN, entry.name):
            yield entry


def _read_manifest(folder: Path) -> Manifest | None:
    try:
        return Manifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def _version_faults(folder: Path) -> list[Fault]:
    where = "/".join(folder.parts[-3:])
    manifest = _read_manifest(folder)
    if manifest is None:
        return [Fault(where, "its manifest is missing or broken.", "Bring the version back from a backup.")]
    faults = []
    there = {entry.name for entry in folder.iterdir()} - {MANIFEST_FILE}
    for name in sorted(set(manifest.files) - there):
        faults.append(Fault(f"{where}/{name}", "the file is missing.", "Bring it back from a backup."))
    for name in sorted(there - set(manifest.files)):
        faults.append(Fault(f"{where}/{name}", "the manifest does not know this file.", "Remove it."))
    for name in sorted(there & set(manifest.files)):
        if checksum((folder / name).read_bytes()) != manifest.files[name]:
            faults.append(
                Fault(f"{where}/{name}", "it was changed after publication.", "Bring it back from a backup.")
            )
    return faults


def checksum(content: bytes) -> str:
    """sha256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
