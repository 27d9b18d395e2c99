"""A disk that is full or cannot be written, told in a sentence."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

STORE = "the report store"
PRIVATE = "the private folder"

# Errors that can be about nothing else than the room on a disk, or whether it may be written at all.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_NOT_ALLOWED = {errno.EROFS, errno.EACCES, errno.EPERM}


class DiskFailed(Exception):
    """A place could not be written, told by its kind; never by the error's own text, which names files."""


@contextmanager
def writing(place: str) -> Iterator[None]:
    """What fails in here fails for want of a disk that can be written: STORE or PRIVATE.

    Raises:
        DiskFailed: in place of any error of the system.
    """
    try:
        yield
    except OSError as error:
        raise DiskFailed(disk_sentence(error.errno, place)) from None


def disk_sentence(number: int | None, place: str) -> str:
    """What is wrong with a place, by the system's number of the error, and what to do."""
    kind = os.strerror(number) if number is not None else "an error without a number"
    if number in _FULL:
        return f"The disk of {place} is full ({kind}). Free room on it, and run it again."
    if number == errno.EFBIG:
        return f"A file in {place} grew past what the account may write ({kind}). Raise that limit, and run it again."
    if number in _NOT_ALLOWED:
        return f"{_sentence(place)} cannot be written ({kind}). Let the account write there, and run it again."
    return f"{_sentence(place)} cannot be written ({kind}). See to that disk, and run it again."


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
