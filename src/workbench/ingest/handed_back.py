"""Lists that were handed back: files with record numbers, their owner's alone, which expire.

`data/handed_back/<moment>-<code>/` holds `list.csv` and `manifest.json`: who had it written, for whom, resting on what,
and until when it may be used. `workbench reports prune` removes what has expired.
"""

import csv
import io
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from workbench.project import private_folder
from workbench.protection.private_files import FOLDER_MODE, write_private
from workbench.refusal import Fault, Refused

FOLDER, LIST_FILE, MANIFEST_FILE = "handed_back", "list.csv", "manifest.json"
RECORD_NUMBER = "record_number"


class HandedBackManifest(BaseModel):
    """What a list that was handed back says of itself; `to` is the person who gets it, `by` an account."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    list: str
    source: str
    rests_on: str
    leads_to: str
    to: str
    by: str
    handed_at: AwareDatetime
    expires_at: AwareDatetime
    rows: int


def write_handed_back(
    manifest: HandedBackManifest, columns: Sequence[str], rows: Sequence[Sequence[object]], root: Path
) -> Path:
    """Write a list and its manifest, whole or not at all.

    Raises:
        Refused: the folder cannot be written.
    """
    name = f"{manifest.handed_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    try:
        parent = private_folder(root) / FOLDER
        if parent.is_symlink():
            what = "its folder would lie outside the private folder."
            raise Refused(Fault(f"data/{FOLDER}", what, "Remove what leads elsewhere."))
        parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".partial", dir=parent))
        try:
            new = beside / name
            new.mkdir(mode=FOLDER_MODE)
            write_private(new / LIST_FILE, _as_csv(columns, rows))
            write_private(
                new / MANIFEST_FILE, (manifest.model_dump_json(by_alias=True, indent=2) + "\n").encode()
            )
            new.rename(parent / name)
        finally:
            shutil.rmtree(beside)
    except OSError as error:
        mend = "See that the project's folder data belongs to you, on a disk with room."
        what = f"the list cannot be written ({error.strerror})."
        raise Refused(Fault(f"data/{FOLDER}", what, mend)) from None
    return parent / name / LIST_FILE


def handed_back(root: Path) -> Iterator[tuple[Path, HandedBackManifest | None]]:
    """The folders of what was handed back, the oldest first; None for a manifest that cannot be read."""
    folder = root / "data" / FOLDER
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink() and entry.name[0] != ".":
            yield entry, _manifest(entry / MANIFEST_FILE)


def expired(root: Path, now: datetime) -> list[Path]:
    """The folders of lists past their day, and of those that do not say which that is."""
    return [entry for entry, told in handed_back(root) if told is None or told.expires_at <= now]


def unfinished(root: Path) -> list[Path]:
    """What processes left behind that were killed while they wrote, or write now."""
    folder = root / "data" / FOLDER
    return sorted(folder.glob(".*")) if folder.is_dir() else []


def records_texted_since(root: Path, source: str, since: datetime) -> Iterator[str]:
    """The record numbers on lists for texts that were handed back from a moment on, one for each row."""
    for entry, told in handed_back(root):
        if told and told.source == source and told.leads_to != "calls" and told.handed_at >= since:
            columns, rows = _read(entry / LIST_FILE)
            yield from (row[columns.index(RECORD_NUMBER)] for row in rows)


def erase(root: Path, source: str, records: Collection[str]) -> int:
    """Take people out of a source's lists; in how many files they stood, or may have stood."""
    # Of what is unfinished, or does not say what it is, nobody can tell whose record numbers it holds.
    doubtful = [*unfinished(root), *(entry for entry, told in handed_back(root) if told is None)]
    for entry in doubtful:
        shutil.rmtree(entry)
    mine = [
        entry / LIST_FILE for entry, told in handed_back(root) if told is not None and told.source == source
    ]
    return len(doubtful) + sum(_erase_from(path, records) for path in mine)


def _erase_from(path: Path, records: Collection[str]) -> bool:
    columns, rows = _read(path)
    kept = [row for row in rows if row[columns.index(RECORD_NUMBER)] not in records]
    if len(kept) == len(rows):
        return False
    beside = path.with_name(f".{path.name}.partial")
    beside.unlink(missing_ok=True)
    write_private(beside, _as_csv(columns, kept))
    beside.replace(path)
    return True


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of a list; none where somebody took the file away."""
    if not path.is_file():
        return [RECORD_NUMBER], []
    with path.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    return columns, rows


def _manifest(path: Path) -> HandedBackManifest | None:
    try:
        return HandedBackManifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _as_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
