"""What a store and the private folder keep, and for how long: `workbench reports prune`.

What goes is told to an audit log first; what cannot be recorded is not removed. Versions go whole.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.ingest.handed_back import expired, unfinished
from workbench.project import private_folder
from workbench.protection.audit import project_log, store_log
from workbench.refusal import Fault, Refused
from workbench.reports.files import sync_folder
from workbench.reports.locking import UnderWay
from workbench.reports.records import RunRecord
from workbench.reports.store import Store, Version
from workbench.settings import Keeping

# What writes a file replaces it within moments; a temporary file this old is nobody's.
UNFINISHED = timedelta(days=1)
TEMPORARY = (".index.html-*", ".runs/.*.json-*", "*/*/.reviews/.*.json-*")


@dataclass(frozen=True)
class Removal:
    """Something that was removed, or would be: its kind, its name, and its size in bytes."""

    kind: str
    what: str
    size: int


@dataclass(frozen=True)
class Pruning:
    """What to keep of a store and of a project's private folder, seen from a moment; a dry run removes nothing.

    `tell` is told what stays though it is old, because a run is under way.
    """

    store: Store
    root: Path
    keeping: Keeping
    now: datetime
    dry_run: bool
    tell: Callable[[str], None]

    def removals(self) -> Iterator[Removal]:
        """Remove what is not kept, one after the other, and say what went.

        Raises:
            Refused: an audit log cannot be written, or something cannot be removed.
        """
        try:
            yield from self._versions()
            yield from self._records()
            yield from self._unfinished()
            yield from self._private_folders()
            yield from self._handed_back()
        except OSError as error:
            what = f"something in it cannot be read or removed ({error.strerror})."
            where = str(error.filename or self.store.folder)
            raise Refused(Fault(where, what, "Prune as the account that it belongs to.")) from None

    def _versions(self) -> Iterator[Removal]:
        for study, name in self.store.parameter_sets():
            held = nullcontext() if self.dry_run else self.store.one_at_a_time(study, name)
            try:
                with held:
                    removals = [*self._versions_of(study, name)]
            except UnderWay:
                self.tell(f"{study}/{name}: a run of it is under way, so its versions stay for now.")
            else:
                yield from removals

    def _versions_of(self, study: str, name: str) -> Iterator[Removal]:
        for version in superfluous(self.store.versions(study, name), self.keeping.versions):
            removal = Removal("version", str(version), _size_of(version.folder))
            if not self.dry_run:
                store_log(self.store.folder).add("pruned", removal.what, bytes=removal.size)
                self.store.remove(version.folder)
            yield removal

    def _records(self) -> Iterator[Removal]:
        oldest = self.now - timedelta(days=self.keeping.record_days)
        files = [
            self.store.records_folder / f"{record.id}.json" for record in outdated(self.store.records(), oldest)
        ]
        yield from self._files("record", "records of runs", files)

    def _unfinished(self) -> Iterator[Removal]:
        """What killed processes left of files they were writing."""
        found = [path for pattern in TEMPORARY for path in self.store.folder.glob(pattern)]
        yield from self._files(
            "file", "unfinished files", [path for path in found if self._older(path, UNFINISHED)]
        )
        if not self.dry_run:
            self.store.clear_incoming(
                {record.id for record in self.store.records() if record.state == "running"}
            )

    def _files(self, kind: str, about: str, files: Sequence[Path]) -> Iterator[Removal]:
        if files and not self.dry_run:
            store_log(self.store.folder).add("pruned", about, files=len(files))
        for path in files:
            removal = Removal(kind, path.relative_to(self.store.folder).as_posix(), path.lstat().st_size)
            if not self.dry_run:
                path.unlink(missing_ok=True)
            yield removal
        for folder in {path.parent for path in files} if not self.dry_run else ():
            sync_folder(folder)

    def _private_folders(self) -> Iterator[Removal]:
        age = timedelta(days=self.keeping.private_days)
        under_way = {record.private_folder for record in self.store.records() if record.state == "running"}
        private = private_folder(self.root)
        for entry in [*_folders_in(private / "runs"), *_folders_in(private / "spill")]:
            name = entry.relative_to(private.parent).as_posix()
            if name in under_way or _process_lives(entry) or not self._older(entry, age):
                continue
            removal = Removal("private folder", name, _size_of(entry))
            if not self.dry_run:
                project_log(self.root).add("pruned", name, bytes=removal.size)
                shutil.rmtree(entry)
            yield removal

    def _handed_back(self) -> Iterator[Removal]:
        """Lists with record numbers, past their day, and what killed processes left of such."""
        left = [entry for entry in unfinished(self.root) if self._older(entry, UNFINISHED)]
        for entry in [*expired(self.root, self.now), *left]:
            name = entry.relative_to(self.root).as_posix()
            removal = Removal("expired list", name, _size_of(entry))
            if not self.dry_run:
                project_log(self.root).add("pruned", name, bytes=removal.size)
                shutil.rmtree(entry)
            yield removal

    def _older(self, path: Path, age: timedelta) -> bool:
        """Whether nothing in it was touched for that long."""
        newest = max(entry.lstat().st_mtime for entry in (path, *_below(path)))
        return self.now - datetime.fromtimestamp(newest, UTC) > age


def superfluous(versions: Sequence[Version], keep: int) -> list[Version]:
    """Of a set's versions, newest first, those past the newest `keep`; none that was approved, nor the latest."""
    latest = next((version for version in versions if not version.withdrawn), None)
    ordinary = [version for version in versions if not version.approved]
    return [version for version in ordinary[keep:] if version is not latest]


def outdated(records: Sequence[RunRecord], oldest: datetime) -> list[RunRecord]:
    """Of records, oldest first, those of runs that ended before a moment; never the newest of a parameter set."""
    newest = {(record.study, record.name): record.id for record in records}
    return [
        record
        for record in records
        if record.state != "running"
        and (record.ended_at or record.started_at) < oldest
        and record.id != newest[record.study, record.name]
    ]


def in_words(removals: Sequence[Removal], dry_run: bool) -> str:
    """How many of each kind, and how much room they take."""
    if not removals:
        return "There is nothing to remove."
    kinds = list(dict.fromkeys(removal.kind for removal in removals))
    counts = {kind: sum(removal.kind == kind for removal in removals) for kind in kinds}
    told = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items())
    size = megabytes(sum(removal.size for removal in removals))
    return f"{'It would remove' if dry_run else 'Removed'} {told}: {size}."


def megabytes(size: int) -> str:
    """A number of bytes, as people read it."""
    return f"{size / 1e6:,.1f} MB"


def _folders_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink())


def _below(path: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            yield Path(folder, name)


def _size_of(folder: Path) -> int:
    return sum(entry.lstat().st_size for entry in _below(folder))


def _process_lives(entry: Path) -> bool:
    """Whether what an engine laid down belongs to a process of this machine that is still there."""
    process = entry.name.partition("-")[0]
    if entry.parent.name != "spill" or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
