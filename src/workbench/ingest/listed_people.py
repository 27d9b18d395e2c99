"""A protected list of people, and where it comes from: what `workbench hand-back` may take.

A list is a Parquet file with a column patient_id below the private folder. Lists that a study wrote say in the
`manifest.json` beside them which source their people are of and what they rest on; those that an ingest wrote stand in
the current generation of its source, and rest on what the vendors told.
"""

import json
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path
from typing import Any, Literal

from workbench.ingest.filling import LIST
from workbench.project import private_folder
from workbench.refusal import Fault, Refused
from workbench.tables.generation import current_generation
from workbench.tables.source import ingested_location, read_source, source_files, source_path

PERSON = "patient_id"
MANIFEST_FILE, HOLDOUT_FILE = "manifest.json", "holdout.parquet"
# Below the private folder, by source: the lists of whom to call.
REVIEW_LISTS = "review_lists"

# What a manifest names, and so what its list rests on.
RestsOn = Literal["model", "experiment", "segments", "replies"]
_NAMED_BY: dict[RestsOn, str] = {"model": "model", "experiment": "experiment", "segments": "name"}


@dataclass(frozen=True)
class PeopleList:
    """A protected list, and what it says of itself.

    Attributes:
        path: the file.
        label: its place below the project's root.
        source: the source whose people are listed.
        rests_on: an approved model, a drawn experiment, segments; or replies, as an ingest found them.
        about: the model's hash, or the name of the experiment or of the segments; empty for replies.
        holdout: the file of those who are not to be acted on; None where there is none.
    """

    path: Path
    label: str
    source: str
    rests_on: RestsOn
    about: str
    holdout: Path | None


def read_list(path: Path, root: Path) -> PeopleList:
    """Where a list comes from.

    Raises:
        Refused: it does not stand in the private folder, or does not say where it comes from.
    """
    private, real = private_folder(root).resolve(), path.resolve()
    if not real.is_file() or not real.is_relative_to(private):
        what = "it is missing, or does not stand in the project's folder data."
        raise Refused(Fault(str(path), what, "Name a protected list of that folder."))
    label = real.relative_to(private.parent).as_posix()
    manifest = real.parent / MANIFEST_FILE
    if not manifest.is_file():
        return PeopleList(real, label, _ingested_by(real, label, root), "replies", "", None)
    told = _read_manifest(manifest, label)
    found = [kind for kind, name in _NAMED_BY.items() if isinstance(told.get(name), str)]
    parameters = told.get("parameters")
    source = parameters.get("source") if isinstance(parameters, dict) else None
    if not found or not isinstance(source, str):
        what = f"the {MANIFEST_FILE} beside it names no source, or neither model nor study."
        raise Refused(Fault(label, what, "Make the list anew."))
    holdout = real.parent / HOLDOUT_FILE
    return PeopleList(
        path=real,
        label=label,
        source=source,
        rests_on=found[0],
        about=told[_NAMED_BY[found[0]]],
        holdout=holdout if holdout.is_file() else None,
    )


def _read_manifest(path: Path, label: str) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (JSONDecodeError, UnicodeDecodeError):
        told = None
    if not isinstance(told, dict):
        raise Refused(Fault(label, f"the {MANIFEST_FILE} beside it is broken.", "Make the list anew."))
    return told


def _ingested_by(path: Path, label: str, root: Path) -> str:
    """The source whose current generation holds the list."""
    for file in source_files(root / "params" / "sources"):
        source = read_source(source_path(file.stem, root), root)
        if (
            source.ingest is not None
            and current_generation(ingested_location(source, root)) == path.parent
            and path.name.startswith(LIST)
        ):
            return file.stem
    what = "nothing says which study it comes from, and it is none of a source's newest lists."
    raise Refused(Fault(label, what, "Name a list that a study wrote, or one of the last ingest."))
