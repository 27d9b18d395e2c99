"""The audit log: who did what to protected data and when, one line each, added and never changed.

Each line carries the hash of the line before it, so that a line altered or taken out from the middle is found. Lines
cut off at the end are not; a copy elsewhere shows them.
"""

import fcntl
import getpass
import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

from workbench.project import private_folder
from workbench.protection.private_files import FILE_MODE
from workbench.refusal import Fault, Refused

LOG = "audit.jsonl"
BEGINNING = "0" * 64

Action = Literal[
    "ingest",
    "key made",
    "crosswalk opened",
    "protected file written",
    "handed back",
    "forgotten",
    "approved",
    "rejected",
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


def audit(root: Path, action: Action, about: str, **details: str | int | None) -> None:
    """Add a line to the project's audit log, and have it on the disk before this returns.

    Whoever deletes or hands out protected data calls this first: what cannot be recorded is not done.

    Args:
        root: the project's root.
        action: what is done.
        about: to what: the name of a source, a report, a file in the private folder.
        details: numbers and words that name nobody.

    Raises:
        Refused: the log cannot be written.
    """
    path = private_folder(root) / LOG
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE)
        with os.fdopen(handle, "r+b") as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            entry = Entry(
                at=datetime.now(UTC).isoformat(timespec="seconds"),
                who=getpass.getuser(),
                host=platform.node(),
                action=action,
                about=about,
                details=details,
                previous=_hash_of_last(log),
            )
            log.write(entry.line())
            log.flush()
            os.fsync(log.fileno())
    except OSError as error:
        what = f"the audit log cannot be written ({error.strerror}), so that nothing was done."
        raise Refused(Fault(f"data/{LOG}", what, "Make room for it, or let its owner write it.")) from None


def entries(root: Path) -> tuple[Entry, ...]:
    """Every line of the log, the oldest first.

    Raises:
        Refused: a line is not as it was written.
    """
    path = private_folder(root) / LOG
    if not path.is_file():
        return ()
    read, previous = [], BEGINNING
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError):
            raise Refused(_altered(number)) from None
        if entry.previous != previous or entry.line() != line:
            raise Refused(_altered(number))
        read.append(entry)
        previous = hashlib.sha256(line).hexdigest()
    return tuple(read)


def _altered(number: int) -> Fault:
    what = f"line {number} or the one before it was altered, added or taken out."
    return Fault(f"data/{LOG}", what, "Hold it against a copy, and tell those who answer for the data.")


def _hash_of_last(log: BinaryIO) -> str:
    size = log.seek(0, os.SEEK_END)
    if size == 0:
        return BEGINNING
    step, tail = 4096, b""
    while tail.count(b"\n") < 2 and len(tail) < size:
        tail_size = min(size, len(tail) + step)
        log.seek(size - tail_size)
        tail = log.read(tail_size)
    return hashlib.sha256(tail.splitlines(keepends=True)[-1]).hexdigest()
