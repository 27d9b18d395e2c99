"""Generations: every ingest makes all files of a source anew and puts them in place by one rename.

`<location>/current` is a relative link to the generation that counts. Whoever reads tables follows it once, and then
stays with that generation: an ingest beside it changes nothing under its eyes.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from workbench.protection.private_files import FILE_MODE, private_folder_at
from workbench.refusal import Fault, Refused
from workbench.tables.generation import CURRENT, GENERATIONS, current_generation

# The one before stays for those who still read it.
KEPT = 2
_UNFINISHED = ".partial"
_LOCK = ".lock"


@contextmanager
def one_at_a_time(location: Path) -> Iterator[None]:
    """Hold the source's lock, and clear away what an ingest that was killed has left.

    Raises:
        Refused: another ingest of the source is under way, or the folder cannot be written.
    """
    try:
        private_folder_at(location)
        lock = os.fdopen(os.open(location / _LOCK, os.O_RDWR | os.O_CREAT, FILE_MODE), "wb")
    except OSError as error:
        what = f"the folder of the tables cannot be written ({error.strerror})."
        raise Refused(Fault(location.name, what, "Let its owner run this, or make room.")) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = "another ingest of this source is under way."
            raise Refused(Fault(location.name, what, "Wait until that one has ended.")) from None
        for unfinished in (location / GENERATIONS).glob(f"*{_UNFINISHED}"):
            shutil.rmtree(unfinished)
        yield


@contextmanager
def new_generation(location: Path) -> Iterator[Path]:
    """A folder to fill; when the block ends well it becomes the current generation, else it is removed."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    folder = private_folder_at(location / GENERATIONS)
    unfinished = private_folder_at(folder / f"{name}{_UNFINISHED}")
    try:
        yield unfinished
        _onto_the_disk(unfinished)
        unfinished.rename(folder / name)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    _point(location, name)


def older_generations(location: Path, keep: int = KEPT) -> tuple[Path, ...]:
    """All but the newest generations; the current one is among those kept."""
    current = current_generation(location)
    others = sorted((path for path in (location / GENERATIONS).iterdir() if path != current), reverse=True)
    return tuple(others[keep - 1 :])


def remove(generations: Iterable[Path]) -> None:
    """Remove generations for good; whoever asks has it in the audit log before."""
    for path in generations:
        shutil.rmtree(path)


def _point(location: Path, name: str) -> None:
    link = location / f".{CURRENT}.{secrets.token_hex(4)}"
    link.symlink_to(Path(GENERATIONS) / name)
    link.replace(location / CURRENT)
    _onto_the_disk(location)


def _onto_the_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
