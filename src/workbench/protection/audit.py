"""Audit logs: who did what to protected data or to reports, and when, one line each, added and never changed.

The project has one in its private folder, and every report store one of its own, for those who may not look into that
folder. Each line carries the hash of the line before it, so that a line altered or taken out from the middle is found.
Lines cut off at the end are not; a copy elsewhere shows them.
"""

import errno
import fcntl
import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any, Literal

from workbench.project import private_folder
from workbench.protection.account import account_name
from workbench.protection.private_files import FILE_MODE
from workbench.refusal import Fault, Refused

LOG = "audit.jsonl"
STORE_LOG = ".audit.jsonl"
# Those who run studies and those who approve their reports write to one store, as a group.
STORE_LOG_MODE = 0o664
BEGINNING = "0" * 64

Action = Literal[
    "ingest",
    "key made",
    "crosswalk opened",
    "protected file written",
    "randomized",
    "model made",
    "handed back",
    "forgotten",
    "approved",
    "rejected",
    "withdrawn",
    "superseded",
    "pruned",
]


@dataclass(frozen=True)
class Entry:
    """One line of the log: what was done to what, by whom, and counts; never a person's key."""

    at: str
    who: str
    host: str
    action: str
    about: str
    details: Mapping[str, Any]
    previous: str

    def line(self) -> bytes:
        """The line as it stands in the file."""
        return (json.dumps(self.__dict__, sort_keys=True, ensure_ascii=False) + "\n").encode()


@dataclass(frozen=True)
class AuditLog:
    """A log at a path; `label` is what it is called, `mode` who may open it once it is made."""

    path: Path
    label: str
    mode: int

    def add(self, action: Action, about: str, **details: str | int | None) -> None:
        """Add a line, and have it on the disk before this returns.

        Whoever deletes, hands out or approves calls this first: what cannot be recorded is not done.

        Args:
            action: what is done.
            about: to what: the name of a source, a report, a file in the private folder.
            details: numbers and words that name nobody.

        Raises:
            Refused: the log cannot be written.
        """
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, self.mode)
            with FileIO(handle, "r+") as log:
                fcntl.flock(log, fcntl.LOCK_EX)
                entry = Entry(
                    at=datetime.now(UTC).isoformat(timespec="seconds"),
                    who=account_name(),
                    host=platform.node(),
                    action=action,
                    about=about,
                    details=details,
                    previous=_hash_of_last(log),
                )
                _append(log, entry.line())
        except OSError as error:
            what = f"the audit log cannot be written ({error.strerror}), so that nothing was done."
            raise Refused(Fault(self.label, what, "Make room for it, or let its owner write it.")) from None

    def entries(self) -> tuple[Entry, ...]:
        """Every line of the log, the oldest first.

        Raises:
            Refused: the log cannot be read, or a line is not as it was written.
        """
        try:
            lines = self.path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return ()
        except OSError as error:
            what = f"the audit log cannot be read ({error.strerror})."
            raise Refused(Fault(self.label, what, "Read it as its owner.")) from None
        read, previous = [], BEGINNING
        for number, line in enumerate(lines, start=1):
            try:
                entry = Entry(**json.loads(line))
            except (ValueError, TypeError):
                raise Refused(self._altered(number)) from None
            if entry.previous != previous or entry.line() != line:
                raise Refused(self._altered(number))
            read.append(entry)
            previous = hashlib.sha256(line).hexdigest()
        return tuple(read)

    def _altered(self, number: int) -> Fault:
        what = f"line {number} or the one before it was altered, added or taken out."
        return Fault(self.label, what, "Hold it against a copy, and tell those who answer for the data.")


def project_log(root: Path) -> AuditLog:
    """The log of what was done to a project's protected data, its owner's alone."""
    return AuditLog(private_folder(root) / LOG, f"data/{LOG}", FILE_MODE)


def store_log(store: Path) -> AuditLog:
    """The log of what was done to the reports of a store."""
    return AuditLog(store / STORE_LOG, f"{store.name}/{STORE_LOG}", STORE_LOG_MODE)


def audit(root: Path, action: Action, about: str, **details: str | int | None) -> None:
    """Add a line to the project's log; see `AuditLog.add`."""
    project_log(root).add(action, about, **details)


def entries(root: Path) -> tuple[Entry, ...]:
    """Every line of the project's log; see `AuditLog.entries`."""
    return project_log(root).entries()


def _append(log: FileIO, line: bytes) -> None:
    """Write a line whole or not at all: half a line would spoil the log for good."""
    size = log.seek(0, os.SEEK_END)
    try:
        written = log.write(line)
        os.fsync(log.fileno())
    except OSError:
        log.truncate(size)
        raise
    if written != len(line):
        log.truncate(size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _hash_of_last(log: FileIO) -> str:
    size = log.seek(0, os.SEEK_END)
    if size == 0:
        return BEGINNING
    step, tail = 4096, b""
    while tail.count(b"\n") < 2 and len(tail) < size:
        tail_size = min(size, len(tail) + step)
        log.seek(size - tail_size)
        tail = log.read(tail_size)
    return hashlib.sha256(tail.splitlines(keepends=True)[-1]).hexdigest()
