"""Where the project stands: its root, found upward or by WORKBENCH_HOME, and the folders below it."""

import os
from pathlib import Path

from workbench.refusal import Fault, Refused


def project_root(start: Path | None = None) -> Path:
    """The project's root: WORKBENCH_HOME, else the nearest folder upward that holds notebooks/ and params/.

    Raises:
        Refused: where neither names such a folder.
    """
    named = os.environ.get("WORKBENCH_HOME")
    if named:
        home = Path(named).expanduser().resolve()
        if is_root(home):
            return home
        raise Refused(
            Fault(
                "WORKBENCH_HOME",
                "this folder holds no notebooks/ and params/.",
                "Name the project's root folder.",
            )
        )
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if is_root(folder):
            return folder
    raise Refused(
        Fault(
            str(here),
            "neither this folder nor one above it holds notebooks/ and params/.",
            "Change into the project, or set WORKBENCH_HOME to its root.",
        )
    )


def is_root(folder: Path) -> bool:
    """Whether a folder holds a project."""
    return (folder / "notebooks").is_dir() and (folder / "params").is_dir()


def reports_folder(root: Path, given: Path | None = None) -> Path:
    """The report store: the folder given, else WORKBENCH_REPORTS, else reports/ of the project."""
    named = os.environ.get("WORKBENCH_REPORTS")
    return (given or (Path(named) if named else root / "reports")).expanduser().resolve()


def private_folder(root: Path) -> Path:
    """The folder of protected files, made where it is missing, readable by its owner alone."""
    folder = root / "data"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def external_data_folder() -> Path | None:
    """The folder of real data files named by WORKBENCH_DATA, or None where it is not set."""
    named = os.environ.get("WORKBENCH_DATA")
    return Path(named).expanduser().resolve() if named else None
