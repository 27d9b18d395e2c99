"""Who is in which group: a protected file for other studies, its owner's alone, and never part of a report.

It stands in `data/segments/<name>/<version>/`: `members.parquet` (patient_id, segment) and `manifest.json` (what the
groups are made of). A version, once written, is never written again; it sorts by day and ends in its fingerprint.
"""

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.project import private_folder
from workbench.refusal import Fault, Refused, nearest
from workbench.segments.analysis import Analysis

MEMBERS, MANIFEST = "members.parquet", "manifest.json"


@dataclass(frozen=True)
class Membership:
    """Who is in which group, and what the groups are. `members` has the columns patient_id and segment."""

    name: str
    version: str
    members: pa.Table
    manifest: dict[str, Any]


def membership(analysis: Analysis) -> Membership | None:
    """Who is in which group; None where there are no groups, or the parameters name no place for them."""
    settings, grouping = analysis.settings, analysis.grouping
    if settings.save_as is None or grouping is None or grouping.labels is None:
        return None
    letters = [group.letter for group in analysis.groups]
    members = pa.table(
        {
            "patient_id": pa.array(analysis.frame.patient_ids, pa.string()),
            "segment": pa.array([letters[label] for label in grouping.labels], pa.string()),
        }
    )
    manifest = {
        "schema": 1,
        "name": settings.save_as,
        "as_of": settings.as_of.isoformat(),
        "columns": members.column_names,
        "people": members.num_rows,
        "kind": grouping.kind,
        "segments": {group.letter: group.name for group in analysis.groups},
        "features": [
            {"name": each.name, "meaning": each.meaning, "unit": each.unit} for each in analysis.frame.features
        ],
        "parameters": {
            name: value
            for name, value in settings.as_values().items()
            if name not in {"title", "audience", "owner", "schedule", "release", "question", "who_must_act"}
        },
        "may_not": "lead to a message: who has died, left or withdrawn consent since is not marked here",
    }
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode())
    for column in members.columns:
        digest.update("\n".join(column.to_pylist()).encode())
    version = f"{settings.as_of:%Y%m%d}-{digest.hexdigest()[:8]}"
    return Membership(settings.save_as, version, members, manifest)


def write_membership(made: Membership | None, root: Path) -> Path | None:
    """Write it below the project's private folder, whole or not at all; the folder, or None where there is nothing.

    Raises:
        Refused: where the place leads outside the private folder, or cannot be written.
    """
    if made is None:
        return None
    try:
        parent = _place(root, made.name)
        folder = parent / made.version
        if folder.exists():
            return folder
        beside = Path(tempfile.mkdtemp(prefix=f".{made.version}.", suffix=".partial", dir=parent))
        try:
            new = beside / "new"
            new.mkdir(mode=0o700)
            with _private(new / MEMBERS) as file:
                pq.write_table(made.members, file, compression="zstd", store_schema=False)
            with _private(new / MANIFEST) as file:
                file.write((json.dumps(made.manifest, indent=2) + "\n").encode())
            new.rename(folder)
        finally:
            shutil.rmtree(beside)
    except OSError as error:
        where = f"segments {made.name}"
        mend = "See that the project's folder data belongs to you, on a disk with room."
        raise Refused(Fault(where, f"they cannot be written ({error.strerror}).", mend)) from error
    return folder


def read_membership(name: str, root: Path, version: str | None = None) -> Membership:
    """The segments of that name, for other studies; the newest version unless one is given.

    Raises:
        Refused: no such segments or version.
    """
    above = private_folder(root) / "segments"
    names = _entries(above)
    if name not in names:
        what = f"nothing is kept under that name.{nearest(name, names)}"
        raise Refused(Fault(f"segments {name}", what, f"There are: {', '.join(names) or 'none'}."))
    versions = _entries(above / name)
    chosen = version or (versions[-1] if versions else "")
    if chosen not in versions:
        what = f'there is no version "{chosen}".{nearest(chosen, versions)}'
        raise Refused(Fault(f"segments {name}", what, f"There are: {', '.join(versions) or 'none'}."))
    folder = above / name / chosen
    manifest = json.loads((folder / MANIFEST).read_text())
    return Membership(name, chosen, pq.read_table(folder / MEMBERS), manifest)


def _entries(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name[0] != ".")


def _place(root: Path, name: str) -> Path:
    """The folder of that name, made where it is missing, each level its owner's alone."""
    private = private_folder(root).resolve()
    folder = private
    for part in ("segments", name):
        above, folder = folder, (folder / part).resolve()
        if folder.parent != above or folder.name != part:
            mend = "Remove what leads elsewhere, or choose another save_as."
            raise Refused(Fault(f"segments {name}", "their folder would lie outside the private folder.", mend))
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    return folder


def _private(path: Path) -> Any:
    """A new file that nobody but its owner can open, not even while it is written."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
