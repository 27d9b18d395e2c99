"""A folder that appears, or replaces an older one of its kind, by one rename: whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path

from workbench.refusal import Fault, Refused


@contextmanager
def written_whole(
    folder: Path, is_own: Callable[[Set[str]], bool], called: str, mode: int = 0o700
) -> Iterator[Path]:
    """A new folder to write into, its owner's alone by default, which takes the place of `folder` once all is written.

    Until then it stands in a hidden folder beside, which is removed if the work is interrupted.

    Args:
        folder: where to; it may be missing, empty, or of the same kind.
        is_own: whether the names of what a folder holds are those of this kind.
        called: what a folder of this kind is called, with its article.
        mode: who may enter it, less what the umask forbids.

    Raises:
        Refused: where the folder holds anything else, or cannot be written.
    """
    folder = Path(os.path.abspath(folder.expanduser()))
    try:
        _check(folder, is_own, called)
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
        try:
            new = beside / "new"
            new.mkdir(mode=mode)
            yield new
            _swap(new, folder, beside / "old")
        finally:
            shutil.rmtree(beside)
    except OSError as error:
        mend = "Name a folder that you may write to, on a disk with room."
        raise Refused(Fault(str(folder), f"it cannot be written ({error.strerror}).", mend)) from error


def _check(folder: Path, is_own: Callable[[Set[str]], bool], called: str) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise Refused(Fault(str(folder), "it is not a folder.", "Name a folder, or one that is not there yet."))
    names = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    if names and not is_own(names):
        what = f"it holds something else than {called}, and is left as it is."
        raise Refused(Fault(str(folder), what, "Name an empty folder, or one that is not there yet."))


def _swap(new: Path, folder: Path, old: Path) -> None:
    """Put the new folder in the place of the old one, which comes back if that fails."""
    if not folder.exists():
        new.rename(folder)
        return
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
