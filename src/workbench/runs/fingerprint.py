"""The fingerprint of a run: one hash for each part that its result depends on."""

import hashlib
import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat

import workbench
from workbench.parameters.sets import ParameterSet
from workbench.refusal import Fault, Refused
from workbench.runs.precheck import recorded
from workbench.runs.studies import STUDIES
from workbench.tables.checksum import checksums
from workbench.tables.known import Tables
from workbench.tables.opening import data_files, open_source
from workbench.tables.source import source_path

# Floors from the reports upward do not change a study's result.
_ABOVE_RESULTS = {"reports", "runs", "authoring", "jupyter", "cli", "__pycache__"}


def fingerprint(chosen: ParameterSet, tables: Tables, root: Path) -> dict[str, str]:
    """One sha256 for each part: notebook, parameters, source, package, environment, data, seed.

    Args:
        chosen: the parameter set.
        tables: its source, opened.
        root: the project's root.

    Raises:
        Refused: the study's notebook is missing or broken, or the source's engine cannot be asked.
    """
    others = sorted({name for one in chosen.singly() for name in one.parameters.other_sources})
    return {
        "notebook": _of_code(STUDIES[chosen.study].notebook(root)),
        "parameters": _of_text(json.dumps(_without_seed(chosen), sort_keys=True)),
        "source": _together(
            [_of_file(source_path(name, root)) for name in (chosen.parameters.source, *others)]
        ),
        "package": _of_tree(Path(workbench.__file__).parent),
        "environment": _of_text(f"{platform.python_version()} {_of_locks(tables, root)}"),
        "data": _together(
            [
                _of_data(chosen, tables, root),
                *(_of_other(name, chosen, root) for name in others),
                *(_of_text(told) for told in _kept(chosen, root)),
            ]
        ),
        "seed": _of_text(str(chosen.parameters.seed)),
    }


def _of_data(chosen: ParameterSet, tables: Tables, root: Path) -> str:
    """Files by their contents; tables in an engine by what the study may read of them as of its day."""
    if tables.source.engine is None:
        return _of_files(data_files(tables.source, root))
    return _of_text(json.dumps(_alone([_checksums(each, tables) for each in chosen.singly()])))


def _of_other(name: str, chosen: ParameterSet, root: Path) -> str:
    """A source read beside the study's own: all it holds of what the study may read, whenever it became known."""
    tables = open_source(name, root)
    if tables.source.engine is None:
        return _of_files(data_files(tables.source, root))
    reads = STUDIES[chosen.study].reads(chosen.parameters, recorded(tables.source))
    found = checksums(tables.ever_known(), reads)
    return _of_text(json.dumps({name: asdict(checksum) for name, checksum in found.items()}))


def _kept(chosen: ParameterSet, root: Path) -> tuple[str, ...]:
    """What the study reads of the project's kept files, in every combination of a grid."""
    rests_on = STUDIES[chosen.study].rests_on_kept
    return tuple(dict.fromkeys(told for one in chosen.singly() for told in rests_on(one.parameters, root)))


def _checksums(chosen: ParameterSet, tables: Tables) -> dict[str, Any]:
    study = STUDIES[chosen.study]
    known = tables.known(chosen.parameters.as_of, study.cohort(chosen.parameters))
    found = checksums(known, study.reads(chosen.parameters, recorded(tables.source)))
    return {name: asdict(checksum) for name, checksum in found.items()}


def _without_seed(chosen: ParameterSet) -> object:
    values = [each.parameters.as_values() for each in chosen.singly()]
    return _alone([{name: value for name, value in one.items() if name != "seed"} for one in values])


def _alone[T](each: list[T]) -> T | list[T]:
    """What there is of each combination of a grid; of a set without one, of itself."""
    return each if len(each) > 1 else each[0]


def _together(hashes: list[str]) -> str:
    """One hash of several; of one, itself."""
    return hashes[0] if len(hashes) == 1 else _of_text(" ".join(hashes))


def _of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_files(paths: tuple[Path, ...]) -> str:
    return _of_text("\n".join(f"{path.name} {_of_file(path)}" for path in paths))


def _of_code(notebook: Path) -> str:
    """Code cells alone: words around them change no number."""
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except Exception as error:  # noqa: BLE001 - nbformat raises errors of many kinds
        # Some of them quote the notebook, whose outputs may hold data.
        what = f"the notebook is missing or broken ({type(error).__name__})."
        raise Refused(
            Fault(f"notebooks/{notebook.name}", what, "Bring it back from version control.")
        ) from None
    return _of_text("\n\n".join(cell.source for cell in cells if cell.cell_type == "code"))


def _of_tree(package: Path) -> str:
    files = [
        path
        for path in sorted(package.rglob("*"))
        if path.is_file() and not _ABOVE_RESULTS & set(path.relative_to(package).parts)
    ]
    return _of_text("\n".join(f"{path.relative_to(package).as_posix()} {_of_file(path)}" for path in files))


def _of_locks(tables: Tables, root: Path) -> str:
    """The lock, and that of the engines where the tables stand in one."""
    names = ["requirements.lock", *(["requirements-engines.lock"] if tables.source.engine else [])]
    return " ".join(_of_file(root / name) if (root / name).is_file() else "no lock" for name in names)
