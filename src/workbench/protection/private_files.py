"""Files and folders that nobody but their owner can open, not even while they are written."""

import os
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def private_folder_at(path: Path) -> Path:
    """A folder, and those above it that are missing, for its owner alone."""
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    return path


def new_private_file(path: Path) -> BinaryIO:
    """A new file, open for writing. Raises FileExistsError where one of that name is there."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb")


def write_private(path: Path, content: bytes) -> None:
    """Write a new file whole and have it on the disk before this returns."""
    with new_private_file(path) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
