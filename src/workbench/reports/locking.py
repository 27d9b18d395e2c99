"""One run of a parameter set at a time, whoever runs it and on whichever machine that sees the store."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UnderWay(Exception):
    """Another run of the parameter set is under way."""


@contextmanager
def one_at_a_time(lock_file: Path, wait: bool = False) -> Iterator[None]:
    """Hold a lock for as long as the context lasts; the system lets it go when its holder dies.

    On a share, NFS passes these locks between machines.

    Args:
        lock_file: what is locked; made where it is missing.
        wait: for whoever holds it, instead of raising.

    Raises:
        UnderWay: somebody else holds it.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise UnderWay from None
        yield
