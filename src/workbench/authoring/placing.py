"""Placing new files in the project, all or none: written aside first, then moved, and taken back if anything fails."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from workbench.refusal import Fault, Refused


@contextmanager
def placed(
    files: Mapping[PurePosixPath, str], lines: Mapping[PurePosixPath, str], root: Path
) -> Iterator[None]:
    """New files in their places, and each of `lines` at the end of a file that is there; undone if the block fails.

    Args:
        files: text by path from the root; nothing stands at these paths yet.
        lines: what is written below the last line of a file, by path from the root.
        root: the project's root.

    Raises:
        Refused: the project cannot be written to, or the files cannot be formatted.
    """
    before = {path: (root / path).read_text(encoding="utf-8") for path in lines}
    made: list[Path] = []
    changed: list[PurePosixPath] = []
    try:
        with tempfile.TemporaryDirectory() as aside:
            for path, text in files.items():
                _write(Path(aside) / path, text)
            _format(Path(aside), root)
            for path in files:
                made += _make_folders((root / path).parent)
                _place(Path(aside) / path, root / path)
                made.append(root / path)
        for path, line in lines.items():
            changed.append(path)
            (root / path).write_text(f"{before[path].rstrip()}\n{line}\n", encoding="utf-8")
        yield
    except BaseException as error:
        _remove(made)
        for path in changed:
            (root / path).write_text(before[path], encoding="utf-8")
        if isinstance(error, OSError):
            what = f"a file cannot be written ({error.strerror})."
            raise Refused(Fault(str(root), what, "Mend the rights to the folder.")) from None
        raise


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _place(path: Path, to: Path) -> None:
    """Put a file where nothing stands."""
    try:
        with to.open("xb") as file:
            file.write(path.read_bytes())
    except FileExistsError:
        raise Refused(Fault(str(to), "a file stands already.", "Choose another name.")) from None


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it that are missing; those made, the uppermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()][::-1]
    for each in missing:
        each.mkdir()
    return missing


def _remove(made: list[Path]) -> None:
    for path in reversed(made):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)  # with the caches that a run left beside the files
        else:
            path.unlink(missing_ok=True)


def _format(folder: Path, root: Path) -> None:
    """Sort imports and wrap lines by the project's rules: both depend on the study's name."""
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--quiet", "--no-cache", "--config", str(root / "pyproject.toml"), "."]
    # The rest of the package is not in that folder.
    own = ["--config", 'lint.isort.known-first-party = ["workbench"]']
    for command in (["check", "--select", "I", "--fix", *own], ["format"]):
        done = subprocess.run([*ruff, *command, *settings], cwd=folder, capture_output=True, check=False)  # noqa: S603
        if done.returncode != 0:
            what = "the new files could not be formatted by ruff."
            raise Refused(Fault("workbench new", what, "Set up the environment again with `make setup`."))
