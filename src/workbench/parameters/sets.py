"""Parameter sets: finding their files, and reading one into the parameters of its study."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from workbench.parameters.allowed import NAME_PATTERN
from workbench.parameters.base import StudyParameters
from workbench.parameters.grid import GRID, Combination, combinations
from workbench.parameters.reading import Document, KeyPath, place, read_yaml
from workbench.parameters.schedule import Schedule
from workbench.parameters.validation import given_in_words, validated
from workbench.refusal import Fault, Refused, nearest

NO_PARAMETER_SETS = {"sources": "a source of data", "rules": "rules for groups of patients"}
"""Folders of params/ that hold no parameter sets, and what their files describe."""

_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class ParameterSet:
    """One file of parameters, read, checked and with `as_of` resolved.

    `path` is relative to the project's root, or absolute where the file lies outside it; `lines` holds the
    line of each key of the file. A set with a grid has its `combinations`, of which `parameters` are the first's.
    """

    study: str
    name: str
    path: Path
    parameters: StudyParameters
    lines: Mapping[KeyPath, int]
    combinations: tuple[Combination, ...] = ()

    def singly(self) -> tuple["ParameterSet", ...]:
        """The sets it stands for: one for each combination of its grid, or itself."""
        each = [combination.parameters for combination in self.combinations] or [self.parameters]
        return tuple(replace(self, parameters=parameters, combinations=()) for parameters in each)

    def where(self, *path: str | int) -> str:
        """Words for the place of a key, for the faults that later checks find."""
        return place(self.path.as_posix(), self.lines, path)


def find_parameter_files(paths: Iterable[Path], root: Path) -> tuple[Path, ...]:
    """The files of parameter sets among `paths` and in the folders among them, sorted, each once.

    Args:
        paths: Files or folders; relative ones are looked for in the working folder, then below the root.
        root: The project's root. What lies in its params/sources and params/rules is passed over: it describes
            sources, and rules that clinicians wrote.

    Raises:
        Refused: where a path does not exist, names a source, or is a folder without parameter sets.
    """
    found: set[Path] = set()
    faults: list[Fault] = []
    for path in paths:
        try:
            found.update(_files_at(path, root))
        except Refused as refused:
            faults.extend(refused.faults)
        except OSError:
            faults.append(Fault(path.as_posix(), "this folder cannot be read.", "Name one that can."))
    if faults:
        raise Refused(*faults)
    return tuple(sorted(found))


def read_parameter_set(
    path: Path,
    root: Path,
    models: Mapping[str, type[StudyParameters]],
    today: date,
    as_of: date | None = None,
) -> ParameterSet:
    """Read and check one parameter set.

    Args:
        path: Its YAML file. In params/<study>/ the folder names the study; elsewhere the key `study` does.
        root: The project's root.
        models: The model of each kind of study.
        today: The day from which rules of `as_of` are resolved; later dates are refused.
        as_of: A date that takes the place of the file's own.

    Raises:
        Refused: with every fault found in the file.
    """
    shown = _relative(path, root)
    name = _name_of(path, shown)
    if as_of is not None and as_of > today:
        raise Refused(
            Fault(
                "--as-of", f"the date {as_of} lies in the future, seen from {today}.", "Give one not after it."
            )
        )
    document = read_yaml(path, label=shown.as_posix())
    study = _study_of(shown, document, models)
    values = {key: value for key, value in document.values.items() if key != "study"}
    if GRID in values:
        made = combinations(values, models[study], document.where, today, as_of)
        return ParameterSet(study, name, shown, made[0].parameters, document.lines, made)
    parameters = validated(models[study], values, document.where, today=today, as_of=as_of)
    return ParameterSet(study, name, shown, parameters, document.lines)


def read_schedule(
    path: Path, root: Path, models: Mapping[str, type[StudyParameters]]
) -> tuple[str, str, Schedule | None]:
    """The study, the name and the schedule of a parameter set, whatever else its file says.

    Raises:
        Refused: where one of the three cannot be read.
    """
    shown = _relative(path, root)
    name = _name_of(path, shown)
    document = read_yaml(path, label=shown.as_posix())
    study = _study_of(shown, document, models)
    given = {key: value for key, value in document.values.items() if key == "schedule"}
    return study, name, validated(_Scheduled, given, document.where).schedule


class _Scheduled(BaseModel):
    model_config = ConfigDict(strict=True)

    schedule: Schedule | None = None


def _files_at(path: Path, root: Path) -> list[Path]:
    there, home = _located(path, root), root.resolve()
    if there is None:
        known = [file.relative_to(home).as_posix() for file in _below(home / "params")]
        mend = "Name a file or folder of parameter sets." + nearest(path.as_posix(), [*known, *_folders(known)])
        raise Refused(Fault(path.as_posix(), "there is no such file or folder.", mend))
    passed_over = [home / "params" / name for name in NO_PARAMETER_SETS]
    for folder, what in zip(passed_over, NO_PARAMETER_SETS.values(), strict=True):
        if there == folder or folder in there.parents:
            mend = "Check it with `workbench check`, and run a file of params/<study>/."
            raise Refused(Fault(path.as_posix(), f"this describes {what} and is no parameter set.", mend))
    if there.is_file():
        return [there]
    files = [file for file in _below(there) if not any(folder in file.parents for folder in passed_over)]
    if not files:
        mend = "Write one as params/<study>/<name>.yaml, or name another folder."
        raise Refused(Fault(path.as_posix(), "this folder holds no parameter set.", mend))
    return files


def _located(path: Path, root: Path) -> Path | None:
    for candidate in (path.absolute(), root.absolute() / path):
        plain = _without_dots(candidate)
        if plain.exists():
            return plain
    return None


def _without_dots(path: Path) -> Path:
    """The path without `.` and `..`, its last part left as it is even where that is a link."""
    return path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()


def _below(folder: Path) -> Iterator[Path]:
    """The YAML files in a folder and below it, apart from what is hidden (such as notebook checkpoints)."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _below(entry)
        elif entry.suffix in _SUFFIXES and entry.is_file():
            yield entry


def _folders(files: Iterable[str]) -> set[str]:
    return {parent.as_posix() for file in files for parent in Path(file).parents if parent.name}


def _relative(path: Path, root: Path) -> Path:
    plain, home = _without_dots(path.absolute()), root.resolve()
    return plain.relative_to(home) if plain.is_relative_to(home) else plain


def _name_of(path: Path, shown: Path) -> str:
    if path.suffix != ".yaml":
        raise Refused(Fault(shown.as_posix(), "a parameter set is a file that ends in .yaml.", "Rename it."))
    if not re.fullmatch(NAME_PATTERN.removesuffix("$"), path.stem):
        what = f"{given_in_words(path.stem)} cannot name a parameter set."
        mend = (
            "Rename the file to lower-case letters, digits and _, beginning with a letter, at most 61 of them."
        )
        raise Refused(Fault(shown.as_posix(), what, mend))
    return path.stem


def _study_of(shown: Path, document: Document, models: Mapping[str, type[StudyParameters]]) -> str:
    folder = shown.parts[1] if len(shown.parts) == 3 and shown.parts[0] == "params" else None
    named = document.values.get("study", folder)
    where = document.where(("study",)) if "study" in document.values else document.label
    if named is None and "study" not in document.values:
        mend = f"Write study: and one of {', '.join(models)}, or move the file to params/<study>/."
        raise Refused(Fault(document.where(("study",)), "no folder and no key names the study.", mend))
    if folder is not None and named != folder:
        what = f"{given_in_words(named)} was given, but the folder names the study {folder}."
        raise Refused(Fault(where, what, "Remove the key, or move the file."))
    if not isinstance(named, str) or named not in models:
        suggestion = nearest(named, models) if isinstance(named, str) else ""
        mend = f"Studies are {', '.join(models)}.{suggestion}"
        raise Refused(Fault(where, f"{given_in_words(named)} names no kind of study.", mend))
    return named
