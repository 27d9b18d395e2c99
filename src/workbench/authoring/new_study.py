"""`workbench new`: the files of a new kind of study, which pass every check from the first moment."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import workbench
from workbench.authoring.placing import placed
from workbench.authoring.study_files import study_files
from workbench.authoring.study_names import StudyName
from workbench.refusal import Fault, Refused
from workbench.runs.provenance import is_changed
from workbench.tables.opening import open_source
from workbench.tables.source import DataAbsent

OUTPUTS = PurePosixPath("make/compared_outputs.py")
INDEX = PurePosixPath("docs/methods/README.md")

Tell = Callable[[str], None]


def make_study(name: StudyName, root: Path, tell: Tell) -> None:
    """Make the files of a new kind of study, and tell which and what to do next; all of them or none.

    Args:
        name: the study's, from `free_name`.
        root: the project's root.
        tell: told each line.

    Raises:
        Refused: the project is not one in which a study can be made.
    """
    require_own_package(root)
    require_clean(INDEX, root)
    require_sample(root)
    files = study_files(name)
    with placed(files, {INDEX: index_line(name)}, root):
        tell("Running the new notebook, for the output that later runs are held to.")
        _renew_output(name, root)
    for line in told(name, list(files)):
        tell(line)


def index_line(name: StudyName) -> str:
    """The study's entry in the list of methods."""
    return f"- [{name.title}]({name.page.name})"


def require_own_package(root: Path) -> None:
    """Refuse where the workbench that runs is not the project's own: it would not know the new study."""
    if Path(workbench.__file__).resolve().parent != (root / "src" / "workbench").resolve():
        what = "the workbench that runs is not the one of this project."
        raise Refused(Fault(str(root), what, "Run `make setup`, then .venv/bin/workbench of this project."))


def require_clean(path: PurePosixPath, root: Path) -> None:
    """Refuse where a file to be written to is missing or has changes that are not committed."""
    if not (root / path).is_file():
        raise Refused(Fault(path.as_posix(), "the file is missing.", "Bring it back from version control."))
    if is_changed(root, path):
        what = "it has changes that are not committed, and the new study is listed in it."
        raise Refused(Fault(path.as_posix(), what, "Commit them first, or take them back."))


def require_sample(root: Path) -> None:
    """Refuse where the sample is missing, on which the new notebook is run."""
    try:
        open_source("sample", root)
    except (DataAbsent, Refused):
        what = "the sample provider's data are not there, and the new notebook is run on them."
        raise Refused(Fault("data/sample", what, "Make them with `make sample`.")) from None


def told(name: StudyName, files: list[PurePosixPath]) -> list[str]:
    """What was made, and what to do next."""
    study = name.name
    return [
        f"Made the study {study}:",
        *(f"  {path}" for path in sorted(files)),
        f"  {INDEX}: a line added",
        "It is whole already: it counts people by treatment phase, and passes `make test`. Next:",
        f"  publish its report: workbench run params/{study}",
        f"  replace its question: src/workbench/{study}/parameters.py, then counts.py beside it",
        f"  say it to a reader: src/workbench/present/{study}",
        f"  follow in notebooks/{study}.ipynb, whose parameters cell names the model's fields; then make outputs",
        f"  follow in tests/{study} and {name.page}; then make test",
        "CONTRIBUTING.md walks through it.",
    ]


def _renew_output(name: StudyName, root: Path) -> None:
    """Run the notebook as `make outputs` does: in a process of its own, which ends with this one if it is stopped."""
    notebook = root / "notebooks" / f"{name.name}.ipynb"
    command = [sys.executable, str(root / OUTPUTS), str(notebook)]
    if subprocess.run(command, capture_output=True, check=False, start_new_session=True).returncode != 0:  # noqa: S603
        what = "the new notebook does not run on the sample, so that nothing was made."
        mend = "Make the sample again with `make sample`, and check that the other notebooks run."
        raise Refused(Fault(f"notebooks/{notebook.name}", what, mend))
