"""Locks in the store, held by one process at a time, on whichever machine that sees the store.

The system lets a lock go when its holder dies. On a share, NFS passes these locks between machines.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UnderWay(Exception):
    """Another run of the parameter set is under way."""


@contextmanager
def one_at_a_time(lock_file: Path) -> Iterator[None]:
    """Hold a lock for as long as the context lasts; its file is made where it is missing.

    Raises:
        UnderWay: somebody else holds it.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnderWay from None
        yield


@contextmanager
def in_turn(lock_file: Path) -> Iterator[None]:
    """Wait for a lock that is held but for moments, and hold it for as long as the context lasts."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
