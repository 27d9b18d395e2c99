"""The report store: versions that are published whole, once, and never written again.

<store>/<study>/<name>/<version>/{report.html, notebook.ipynb, results.json, manifest.json}
<store>/<study>/<name>/latest -> <version>
<store>/<study>/<name>/.reviews/   what people decided about versions
<store>/.awaiting/<study>/<name>/<version>/  a version that waits for a person, for them to read
<store>/.models/<hash>/          cards of no-show models, and what people decided about them
<store>/.runs/<id>.json          records of runs
<store>/.locks/                  held while a run of a parameter set is under way, or a link or page is made anew
<store>/.incoming/<id>/          a version being written; one rename publishes it
<store>/.trash/                  what is being removed
<store>/.audit.jsonl             who approved, rejected, withdrew and removed what
<store>/index.html               the catalogue, made from all this alone
<store>/playbook.html            the playbook, made from it as well
<store>/.summaries/<study>-<name>.json  what both tell of each version, so that results need not be read anew
"""

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from workbench.refusal import Fault, Refused
from workbench.reports.files import sync_folder, write_whole
from workbench.reports.locking import in_turn, one_at_a_time
from workbench.reports.records import RunRecord, read_records
from workbench.reports.reviews import read_reviews
from workbench.reports.verification import store_faults
from workbench.reports.version import (
    NOTEBOOK_FILE,
    REPORT_FILE,
    RESULTS_FILE,
    Version,
    checksum,
    folders,
    read_version,
    version_faults,
    version_folders,
)

__all__ = ["LATEST", "NOTEBOOK_FILE", "REPORT_FILE", "RESULTS_FILE", "Store", "Version", "checksum"]

LATEST = "latest"
# Readers of the store who are not of its group do not see what nobody has approved yet.
AWAITING_MODE = 0o770


class Store:
    """A report store on a folder, made where it is missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def records_folder(self) -> Path:
        """Where records of runs lie."""
        return self.folder / ".runs"

    @property
    def awaiting_folder(self) -> Path:
        """Where versions lie that wait for a person."""
        return self.folder / ".awaiting"

    def set_folder(self, study: str, name: str) -> Path:
        """Where the versions of a parameter set lie, and the reviews of them."""
        return self.folder / study / name

    def one_at_a_time(self, study: str, name: str) -> AbstractContextManager[None]:
        """Hold the parameter set, so that no two runs work on it at once; raises UnderWay where one does."""
        _require_plain(study, name)
        return one_at_a_time(self.folder / ".locks" / f"{study}-{name}.lock")

    def in_turn(self, thing: str) -> AbstractContextManager[None]:
        """Hold a link or page while it is made anew, so that no older one takes a newer one's place."""
        return in_turn(self.folder / ".locks" / f"{thing}.lock")

    def records(self) -> list[RunRecord]:
        """All records of runs, oldest first."""
        return read_records(self.records_folder)

    def parameter_sets(self, records: Iterable[RunRecord] | None = None) -> list[tuple[str, str]]:
        """Study and name of everything that has a version, published or waiting, or a record of a run.

        `records` spares reading them anew.
        """
        versioned = {
            (name.parent.name, name.name)
            for root in (self.folder, self.awaiting_folder)
            for name in folders(root, 2)
            if any(version_folders(name))
        }
        recorded = self.records() if records is None else records
        return sorted(versioned | {(record.study, record.name) for record in recorded})

    def version_folders(self, study: str, name: str) -> list[Path]:
        """The folders of all versions of a parameter set, newest first, whether they can be read or not."""
        return sorted(version_folders(self.set_folder(study, name)), reverse=True)

    def versions(self, study: str, name: str) -> list[Version]:
        """All published versions of a parameter set that can be read, newest first, those withdrawn among them."""
        return list(self._read(self.folder, study, name))

    def newest(self, study: str, name: str) -> Version | None:
        """The newest published version of a parameter set, though it was withdrawn."""
        return next(self._read(self.folder, study, name), None)

    def latest(self, study: str, name: str) -> Version | None:
        """The newest published version of a parameter set that was not withdrawn."""
        return next((each for each in self._read(self.folder, study, name) if not each.withdrawn), None)

    def awaiting(self, study: str, name: str) -> list[Version]:
        """The versions of a parameter set that wait for a person, newest first."""
        return list(self._read(self.awaiting_folder, study, name))

    def _read(self, root: Path, study: str, name: str) -> Iterator[Version]:
        reviews = read_reviews(self.set_folder(study, name))
        for folder in sorted(version_folders(root / study / name), reverse=True):
            version = read_version(folder, reviews)
            if version is not None:
                yield version

    def find(self, named: str) -> Version:
        """The version named `<study>/<name>`, `<study>/<name>/<version>`, or by its version alone.

        A version that waits is found by its own name only.

        Raises:
            Refused: there is none, or the version alone names several.
        """
        pairs = [pair for pair in self.parameter_sets() if self._may_hold(*pair, named)]
        published = [version for pair in pairs for version in self.versions(*pair)]
        waiting = [version for pair in pairs for version in self.awaiting(*pair)]
        exact = [each for each in (*published, *waiting) if named in {str(each), each.manifest.version}]
        of_set = [v for v in published if named == f"{v.manifest.study}/{v.manifest.name}"]
        of_set.sort(key=lambda version: version.withdrawn)
        if len(exact) > 1:
            raise Refused(
                Fault(named, "several versions bear this name.", f"Name one: {', '.join(map(str, exact))}.")
            )
        if exact or of_set:
            return (exact or of_set)[0]
        raise Refused(
            Fault(named, "there is no such version.", "`workbench reports list` shows what there is.")
        )

    def find_whole(self, named: str) -> Version:
        """The version so named, as `find` takes names, if its files are as they were published.

        Raises:
            Refused: there is none, or a file of it is missing, unknown or changed.
        """
        there = [folder for pair in folders(self.folder, 2) for folder in version_folders(pair)]
        exact = [folder for folder in there if named in {folder.name, "/".join(folder.parts[-3:])}]
        of_set = [folder for folder in there if named == "/".join(folder.parts[-3:-1])]
        if faults := [fault for folder in exact or of_set[-1:] for fault in version_faults(folder)]:
            raise Refused(*faults)
        return self.find(named)

    def _may_hold(self, study: str, name: str, named: str) -> bool:
        """Whether a parameter set is worth reading in search of a version; reading them all takes its time."""
        if "/" in named:
            return named == f"{study}/{name}" or named.startswith(f"{study}/{name}/")
        return any((root / study / name / named).is_dir() for root in (self.folder, self.awaiting_folder))

    def publish(self, study: str, name: str, version: str, files: Mapping[str, bytes], run_id: str) -> Path:
        """Publish a version by one rename, and point `latest` to it.

        Raises:
            FileExistsError: the version is there already.
            ValueError: a name would lead out of the version's place in the store.
        """
        target = self._bring(self.folder, study, name, version, files, run_id)
        self.point_latest(study, name)
        return target

    def let_wait(self, study: str, name: str, version: str, files: Mapping[str, bytes], run_id: str) -> Path:
        """Lay a version down where it waits for a person, by one rename.

        Raises:
            FileExistsError: the version waits already, or is published.
            ValueError: a name would lead out of the version's place in the store.
        """
        _require_plain(study, name, version)
        if (self.set_folder(study, name) / version).exists():
            raise FileExistsError(f"the version {version} is published already")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.awaiting_folder.mkdir(mode=AWAITING_MODE, exist_ok=True)
        return self._bring(self.awaiting_folder, study, name, version, files, run_id)

    def _bring(
        self, root: Path, study: str, name: str, version: str, files: Mapping[str, bytes], run_id: str
    ) -> Path:
        _require_plain(study, name, version, run_id, *files)
        target = root / study / name / version
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
        return target

    def admit(self, waiting: Version) -> Path:
        """Publish a version that waited, by one rename, and point `latest` to the newest.

        Raises:
            FileExistsError: the version is published already.
        """
        manifest = waiting.manifest
        target = self.set_folder(manifest.study, manifest.name) / manifest.version
        target.parent.mkdir(parents=True, exist_ok=True)
        _rename_new(waiting.folder, target)
        sync_folder(target.parent)
        sync_folder(waiting.folder.parent)
        self.point_latest(manifest.study, manifest.name)
        return target

    def remove(self, entry: Path) -> None:
        """Remove a folder whole: it is renamed out of sight first, so that no half of it is ever seen."""
        trash = self.folder / ".trash"
        trash.mkdir(exist_ok=True)
        away = trash / f"{secrets.token_hex(6)}-{entry.name}"
        os.rename(entry, away)
        sync_folder(entry.parent)
        shutil.rmtree(away, ignore_errors=True)

    def point_latest(self, study: str, name: str) -> None:
        """Let `latest` name the newest version that stands, by one rename, unless it does so already."""
        parent = self.set_folder(study, name)
        if not parent.is_dir():
            return
        # Which version is the newest is asked while nobody else can point to one that is newer still.
        with self.in_turn(f"{study}-{name}-{LATEST}"):
            newest, link = self.latest(study, name), parent / LATEST
            if newest is None:
                link.unlink(missing_ok=True)
            elif link_target(link) != newest.manifest.version:
                temporary = parent / f".{LATEST}"
                temporary.unlink(missing_ok=True)
                temporary.symlink_to(newest.manifest.version)
                os.replace(temporary, link)

    def point_every_latest(self) -> None:
        """Let every `latest` name the newest version: a run may have been stopped between publishing and pointing."""
        for study, name in self.parameter_sets():
            self.point_latest(study, name)

    def clear_incoming(self, running: set[str]) -> int:
        """Remove what killed runs left half-written or half-removed; `running` are the ids of runs under way."""
        folder = self.folder / ".incoming"
        left = [entry for entry in folder.iterdir() if entry.name not in running] if folder.is_dir() else []
        for entry in left:
            shutil.rmtree(entry, ignore_errors=True)
        trash = self.folder / ".trash"
        for entry in trash.iterdir() if trash.is_dir() else ():
            shutil.rmtree(entry, ignore_errors=True)
        return len(left)

    def faults(self) -> list[Fault]:
        """What is wrong with the store; see `store_faults`."""
        return store_faults(self)


def link_target(link: Path) -> str | None:
    """What a link names, or None where it is none."""
    return os.readlink(link) if link.is_symlink() else None


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
