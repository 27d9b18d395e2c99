"""The report store: versions that are published whole, once, and never written again.

<store>/<study>/<name>/<version>/{report.html, notebook.ipynb, results.json, manifest.json}
<store>/<study>/<name>/latest -> <version>
<store>/.runs/<id>.json          records of runs
<store>/.locks/<study>-<name>.lock  held while a run of the parameter set is under way
<store>/.locks/notification.lock    held while failures and recoveries are told
<store>/.incoming/<id>/          a version being written; one rename publishes it
<store>/index.html               the catalogue, made from all this alone
"""

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from workbench.present.result import StudyResult
from workbench.refusal import Fault, Refused
from workbench.reports.files import sync_folder, write_whole
from workbench.reports.locking import one_at_a_time
from workbench.reports.manifest import MANIFEST_FILE, VERSION_PATTERN, Manifest, digest_of
from workbench.reports.records import RunRecord, broken_records, read_records

REPORT_FILE = "report.html"
NOTEBOOK_FILE = "notebook.ipynb"
RESULTS_FILE = "results.json"
LATEST = "latest"


@dataclass(frozen=True)
class Version:
    """A published version, read from the store."""

    folder: Path
    manifest: Manifest
    result: StudyResult

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

    def one_at_a_time(self, study: str, name: str) -> AbstractContextManager[None]:
        """Hold the parameter set, so that no two runs work on it at once; raises UnderWay where one does."""
        _require_plain(study, name)
        return one_at_a_time(self.folder / ".locks" / f"{study}-{name}.lock")

    def telling(self) -> AbstractContextManager[None]:
        """Hold the telling of failures and recoveries, after whoever tells now, so that nothing is told twice."""
        return one_at_a_time(self.folder / ".locks" / "notification.lock", wait=True)

    def records(self) -> list[RunRecord]:
        """All records of runs, oldest first."""
        return read_records(self.records_folder)

    def parameter_sets(self) -> list[tuple[str, str]]:
        """Study and name of everything that has a version or a record of a run."""
        versioned = {
            (name.parent.name, name.name) for name in _folders(self.folder, 2) if any(_version_folders(name))
        }
        return sorted(versioned | {(record.study, record.name) for record in self.records()})

    def versions(self, study: str, name: str) -> list[Version]:
        """All versions of a parameter set that can be read, newest first."""
        folders = sorted(_version_folders(self.folder / study / name), reverse=True)
        return [version for folder in folders if (version := _read_version(folder)) is not None]

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
            ValueError: a name would lead out of the version's place in the store.
        """
        _require_plain(study, name, version, run_id, *files)
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
            _rename_new(incoming, target)
        except BaseException:
            shutil.rmtree(incoming, ignore_errors=True)
            raise
        sync_folder(target.parent)
        self.point_latest(study, name)
        return target

    def point_latest(self, study: str, name: str) -> None:
        """Let `latest` name the newest version, by one rename, unless it does so already."""
        newest, parent = self.latest(study, name), self.folder / study / name
        if newest is None or _target(parent / LATEST) == newest.manifest.version:
            return
        temporary = parent / f".{LATEST}-{os.getpid()}"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(newest.manifest.version)
        os.replace(temporary, parent / LATEST)

    def point_every_latest(self) -> None:
        """Let every `latest` name the newest version: a run may have been stopped between publishing and pointing."""
        for study, name in self.parameter_sets():
            self.point_latest(study, name)

    def clear_incoming(self, running: set[str]) -> int:
        """Remove what killed runs left half-written; `running` are the ids of runs under way."""
        folder = self.folder / ".incoming"
        left = [entry for entry in folder.iterdir() if entry.name not in running] if folder.is_dir() else []
        for entry in left:
            shutil.rmtree(entry, ignore_errors=True)
        return len(left)

    def faults(self) -> list[Fault]:
        """What is wrong with the store: changed, missing or unknown files, wrong links, broken records."""
        faults = [
            Fault(f"{path.parent.name}/{path.name}", "it is no record of a run.", "Remove it.")
            for path in broken_records(self.records_folder)
        ]
        for named in _folders(self.folder, 2):
            for folder in _version_folders(named):
                faults += _version_faults(folder)
            newest = self.latest(named.parent.name, named.name)
            if newest is not None and _target(named / LATEST) != newest.manifest.version:
                where = f"{named.parent.name}/{named.name}/{LATEST}"
                mend = "The next `workbench run` sets it right."
                faults.append(Fault(where, "it does not name the newest version.", mend))
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
        if re.fullmatch(VERSION_PATTERN, entry.name):
            yield entry


def _require_plain(*names: str) -> None:
    """Every part of a path is one name: it goes neither up nor down, and is not hidden."""
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name):
            raise ValueError("a study, a parameter set, a version and a file are plain names")


def _rename_new(incoming: Path, target: Path) -> None:
    """Rename a folder to a name that no other has, even if one appeared since that was looked up."""
    try:
        os.rename(incoming, target)
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
            raise FileExistsError(f"the version {target.name} is published already") from None
        raise


def _target(link: Path) -> str | None:
    """What a link names, or None where it is none."""
    return os.readlink(link) if link.is_symlink() else None


def _read_version(folder: Path) -> Version | None:
    manifest = _read_manifest(folder)
    if manifest is None:
        return None
    try:
        result = StudyResult.model_validate_json((folder / RESULTS_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    return Version(folder, manifest, result)


def _read_manifest(folder: Path) -> Manifest | None:
    """A folder's manifest, if it is one, and that of this folder."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    here = (manifest.study, manifest.name, manifest.version) == folder.parts[-3:]
    return manifest if here and manifest.version.endswith(digest_of(manifest.fingerprint)[:8]) else None


def _version_faults(folder: Path) -> list[Fault]:
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
        if _checksum_of(folder / name) != manifest.files[name]:
            faults.append(
                Fault(f"{where}/{name}", "it was changed after publication.", "Bring it back from a backup.")
            )
    return faults


def _checksum_of(path: Path) -> str | None:
    """A file's checksum, or None where it is no file that can be read."""
    try:
        return checksum(path.read_bytes())
    except OSError:
        return None


def checksum(content: bytes) -> str:
    """sha256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
