"""Who is in which group, and by which frozen definition: protected files for other studies, never part of a report.

They stand in `data/segments/<name>/<version>/`: `members.parquet` (patient_id, segment), `definition.json` (what later
people are scored by; nobody is in it) and `manifest.json` (what the groups are made of). A version, once written, is
never written again; it begins with its day and ends in its fingerprint.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.project import private_folder
from workbench.protection.audit import audit
from workbench.protection.private_files import FOLDER_MODE, write_private
from workbench.refusal import Fault, Refused
from workbench.segments.analysis import Analysis
from workbench.segments.weekly.definition import Definition, define
from workbench.segments.weekly.lineage import Followed, named_groups
from workbench.tables.kept_segments import DEFINITION, FOLDER, MANIFEST, MEMBERS, SCHEMA

_OF_REPORTS = {"title", "audience", "owner", "schedule", "release", "question", "who_must_act"}


@dataclass(frozen=True)
class Membership:
    """Who is in which group, and what the groups are. `members` has the columns patient_id and segment."""

    name: str
    version: str
    members: pa.Table
    definition: Definition
    manifest: dict[str, Any]


def membership(analysis: Analysis, followed: Followed | None = None) -> Membership | None:
    """Who is in which group; None where there are no groups, or the parameters name no place for them.

    Args:
        analysis: from `analyze`, its groups with the letters by which they follow those before.
        followed: from `follow`; None for the first version.
    """
    settings, grouping, frame = analysis.settings, analysis.grouping, analysis.frame
    if settings.save_as is None or grouping is None or grouping.labels is None or grouping.model is None:
        return None
    letters = [group.letter for group in analysis.groups]
    members = pa.table(
        {
            "patient_id": pa.array(frame.patient_ids, pa.string()),
            "segment": pa.array([letters[label] for label in grouping.labels], pa.string()),
        }
    )
    definition = define(
        settings.save_as,
        analysis.yardstick,
        grouping.model,
        analysis.people.rows,
        settings,
        named_groups(analysis, followed),
        None if followed is None else (followed.lineage, followed.used),
    )
    manifest = {
        "schema": SCHEMA,
        "name": settings.save_as,
        "as_of": settings.as_of.isoformat(),
        "grouped_as_of": settings.grouped_as_of.isoformat(),
        "columns": members.column_names,
        "people": members.num_rows,
        "kind": grouping.kind,
        "segments": {group.letter: group.name for group in analysis.groups},
        "features": [
            *({"name": each.name, "meaning": each.meaning, "unit": each.unit} for each in frame.features),
            *({"name": each.name, "meaning": each.meaning, "unit": "word"} for each in frame.categorical),
        ],
        "parameters": {name: value for name, value in settings.as_values().items() if name not in _OF_REPORTS},
        "may_not": "lead to a message: who has died, left or withdrawn consent since is not marked here",
    }
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode())
    digest.update(definition.fingerprint.encode())
    for column in members.columns:
        digest.update("\n".join(column.to_pylist()).encode())
    version = f"{settings.as_of:%Y%m%d}-{digest.hexdigest()[:8]}"
    return Membership(settings.save_as, version, members, definition, manifest)


def write_membership(made: Membership | None, root: Path) -> Path | None:
    """Write it below the project's private folder, whole or not at all; the folder, or None where there is nothing.

    Raises:
        Refused: where the place leads outside the private folder, cannot be written, or the audit log cannot.
    """
    if made is None:
        return None
    members = io.BytesIO()
    pq.write_table(made.members, members, compression="zstd", store_schema=False)
    files = {MEMBERS: members.getvalue(), DEFINITION: made.definition.as_bytes()}
    written = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    told = made.manifest | {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "files": written}
    files[MANIFEST] = (json.dumps(told, indent=2) + "\n").encode()
    return write_once(made.name, (made.version,), files, root, people=made.members.num_rows)


def write_once(name: str, below: tuple[str, ...], files: dict[str, bytes], root: Path, people: int) -> Path:
    """Write files into a new folder of kept segments, by one rename; a folder that is there stays as it is.

    Args:
        name: under which segments are kept.
        below: the folders below it, the last of which is new.
        files: what each file holds.
        root: the project's root.
        people: how many people they are of, for the audit log.

    Returns:
        The folder.

    Raises:
        Refused: where the place leads outside the private folder, cannot be written, or the audit log cannot.
    """
    where = f"segments {name}"
    try:
        parent = _place(root, (FOLDER, name, *below[:-1]))
        folder = parent / below[-1]
        if folder.exists():
            return folder
        beside = Path(tempfile.mkdtemp(prefix=f".{below[-1]}.", suffix=".partial", dir=parent))
        try:
            new = beside / "new"
            new.mkdir(mode=FOLDER_MODE)
            for file, content in files.items():
                write_private(new / file, content)
            # What cannot be recorded is not done.
            audit(root, "protected file written", "/".join((FOLDER, name, *below)), people=people)
            try:
                new.rename(folder)
            except OSError:
                # Another run may have written the same meanwhile: what is there stands.
                if not folder.exists():
                    raise
        finally:
            shutil.rmtree(beside)
    except OSError as error:
        mend = "See that the project's folder data belongs to you, on a disk with room."
        raise Refused(Fault(where, f"they cannot be written ({error.strerror}).", mend)) from error
    return folder


def _place(root: Path, parts: tuple[str, ...]) -> Path:
    """The folder below the private one, made where it is missing, each level its owner's alone."""
    folder = private_folder(root).resolve()
    for part in parts:
        above, folder = folder, (folder / part).resolve()
        if folder.parent != above or folder.name != part:
            mend = "Remove what leads elsewhere, or choose another save_as."
            where = f"segments {parts[1]}"
            raise Refused(Fault(where, "their folder would lie outside the private folder.", mend))
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        os.chmod(folder, FOLDER_MODE)
    return folder
