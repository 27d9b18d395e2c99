"""Segments kept by a segmentation: who was in which group, protected, and read by name and version.

`data/segments/<name>/<version>/` holds `members.parquet` (patient_id, segment), `definition.json` and `manifest.json`,
which says as of which day they were found, when they were written, and the hashes of both files. A version is never
written again.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.refusal import Fault, Refused, nearest

FOLDER = "segments"
MEMBERS, DEFINITION, MANIFEST = "members.parquet", "definition.json", "manifest.json"
# Of schema 1 no definition was kept, so that nobody can be scored by it: such versions are passed over.
SCHEMA = 2
REFERENCE_PATTERN = r"^segments/([a-z][a-z0-9_]{0,60})@(\d{8}-[0-9a-f]{8})$"
"""How parameters name kept segments: segments/NAME@VERSION."""


@dataclass(frozen=True)
class KeptVersion:
    """One version of kept segments; `as_of` is the day they look from, `made_at` when they were written."""

    name: str
    version: str
    as_of: date
    made_at: datetime
    manifest: dict[str, Any]
    folder: Path

    @property
    def where(self) -> str:
        """The words by which a message names it."""
        return f"segments {self.name}, version {self.version}"

    def content(self, file: str) -> bytes:
        """What a file of it holds, if that is what was written.

        Raises:
            Refused: the file is missing or broken.
        """
        try:
            content = (self.folder / file).read_bytes()
        except OSError as error:
            raise Refused(self.broken(f"{file} cannot be read ({error.strerror})")) from None
        if hashlib.sha256(content).hexdigest() != self.manifest.get("files", {}).get(file):
            raise Refused(self.broken(f"{file} is not what was written"))
        return content

    def members(self) -> pa.Table:
        """Who is in which group: columns patient_id and segment, both text.

        Raises:
            Refused: the file is missing or broken.
        """
        return pq.read_table(pa.BufferReader(self.content(MEMBERS)))

    def broken(self, what: str) -> Fault:
        """The fault that something of it is not as it was written."""
        mend = "Bring back the folder from a copy, or remove it and run the segmentation again with --force."
        return Fault(self.where, f"{what}.", mend)


def kept_names(root: Path) -> tuple[str, ...]:
    """The names under which segments are kept."""
    return tuple(entry.name for entry in _folders(root / "data" / FOLDER))


def kept_versions(name: str, root: Path) -> tuple[KeptVersion, ...]:
    """Every version kept under a name, the oldest day first, and of one day the one written first.

    Raises:
        Refused: a manifest is broken.
    """
    folders = _folders(root / "data" / FOLDER / name)
    found = [_version(name, folder) for folder in folders if re.fullmatch(r"\d{8}-[0-9a-f]{8}", folder.name)]
    scored = [each for each in found if each is not None]
    return tuple(sorted(scored, key=lambda each: (each.as_of, each.made_at, each.version)))


def find_kept(name: str, root: Path, version: str | None = None, by: date | None = None) -> KeptVersion:
    """Segments kept under a name: the version given, else the newest, of those as of `by` or before where it is given.

    Raises:
        Refused: no such segments or version, or a manifest is broken.
    """
    names = kept_names(root)
    where = f"segments {name}"
    if name not in names:
        what = f"nothing is kept under that name.{nearest(name, names)}"
        told = f"Run the segmentation whose save_as is {name} first; there are: {', '.join(names) or 'none'}."
        raise Refused(Fault(where, what, told))
    versions = kept_versions(name, root)
    there = [each.version for each in versions]
    if version is not None:
        for each in versions:
            if each.version == version:
                return each
        what = f'there is no version "{version}".{nearest(version, there)}'
        raise Refused(Fault(where, what, f"There are: {', '.join(there) or 'none'}."))
    fitting = [each for each in versions if by is None or each.as_of <= by]
    if not fitting:
        what = "no version is kept." if by is None else f"no version was found as of {by} or before."
        told = f"There are: {', '.join(there) or 'none'}. Run the segmentation as of that day or before it."
        raise Refused(Fault(where, what, told))
    return fitting[-1]


def referred(reference: str) -> tuple[str, str] | None:
    """Name and version of segments/NAME@VERSION; None for anything else."""
    found = re.match(REFERENCE_PATTERN, reference)
    return (found[1], found[2]) if found else None


def _version(name: str, folder: Path) -> KeptVersion | None:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["schema"] < SCHEMA:
            return None
        as_of = date.fromisoformat(manifest["as_of"])
        made_at = datetime.fromisoformat(manifest["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        mend = "Bring back the folder from a copy, or remove it and run the segmentation again with --force."
        where = f"segments {name}, version {folder.name}"
        raise Refused(Fault(where, f"its {MANIFEST} is missing or broken.", mend)) from None
    return KeptVersion(name, folder.name, as_of, made_at, manifest, folder)


def _folders(above: Path) -> list[Path]:
    if not above.is_dir():
        return []
    return sorted(entry for entry in above.iterdir() if entry.is_dir() and entry.name[0] != ".")
