"""Review lists as protected files, written whole or not at all, their owner's alone.

`data/review_lists/<source>/<day>-<model>/` holds `list.parquet`, `holdout.parquet` of those who are not to be acted on,
and `manifest.json`.
"""

import hashlib
import json
import os
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.no_show.oversight.review_list import REASONS, ReviewList
from workbench.no_show.parameters import NoShow
from workbench.project import private_folder
from workbench.protection.audit import audit
from workbench.protection.private_files import FOLDER_MODE, new_private_file, write_private
from workbench.refusal import Fault, Refused

FOLDER = "review_lists"
LIST_FILE, HOLDOUT_FILE, MANIFEST_FILE = "list.parquet", "holdout.parquet", "manifest.json"

_WHAT = [
    ("patient_id", pa.string()),
    ("appointment_id", pa.string()),
    ("clinic_id", pa.string()),
    ("starts_at", pa.timestamp("us", tz="UTC")),
    ("clinic_time", pa.string()),
    ("risk", pa.float64()),
]
_HOLDOUT = pa.schema(_WHAT)
_LIST = pa.schema([*_WHAT, ("rank", pa.int64()), *((name, pa.string()) for name in REASONS)])


def write_list(made: ReviewList, hash: str, day: date, settings: NoShow, root: Path) -> Path:
    """Write a day's list below the private folder.

    Args:
        made: the list.
        hash: of the model.
        day: of the list.
        settings: the parameters.
        root: the project's root.

    Returns:
        The folder.

    Raises:
        Refused: the day's list was made already, the audit log cannot be written, or the folder cannot.
    """
    name, where = f"{day}-{hash[:12]}", f"review list of {day}"
    try:
        parent = _place(settings.source, root)
        folder = parent / name
        beside = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".partial", dir=parent))
        try:
            new = beside / "new"
            new.mkdir(mode=FOLDER_MODE)
            _write(made.rows, _LIST, new / LIST_FILE)
            _write(made.holdout, _HOLDOUT, new / HOLDOUT_FILE)
            write_private(new / MANIFEST_FILE, _manifest(made, hash, day, settings, new))
            if folder.exists():
                raise Refused(_made_already(where))
            # What cannot be recorded is not done.
            audit(
                root,
                "protected file written",
                f"{settings.source}: {FOLDER}/{name}",
                model=hash,
                rows=len(made.rows),
                held_out=len(made.holdout),
                ethics_reference=settings.ethics_reference,
            )
            try:
                new.rename(folder)
            except OSError:
                # A folder that holds something is never replaced by a rename.
                if folder.exists():
                    raise Refused(_made_already(where)) from None
                raise
        finally:
            shutil.rmtree(beside)
    except OSError as error:
        mend = "See that the project's folder data belongs to you, on a disk with room."
        raise Refused(Fault(where, f"it cannot be written ({error.strerror}).", mend)) from None
    return folder


def _made_already(where: str) -> Fault:
    what = "it was made already by this model, and people may have been called by it."
    return Fault(where, what, "Take the one that is there, or remove its folder if nobody used it.")


def _place(source: str, root: Path) -> Path:
    folder = private_folder(root)
    for part in (FOLDER, source):
        folder = folder / part
        if folder.is_symlink():
            what = "its folder would lie outside the private folder."
            raise Refused(Fault(f"review lists of {source}", what, "Remove what leads elsewhere."))
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        os.chmod(folder, FOLDER_MODE)
    return folder


def _write(rows: pd.DataFrame, schema: pa.Schema, path: Path) -> None:
    table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
    with new_private_file(path) as file:
        pq.write_table(table.replace_schema_metadata(None), file, compression="zstd", store_schema=False)
        file.flush()
        os.fsync(file.fileno())


def _manifest(made: ReviewList, hash: str, day: date, settings: NoShow, folder: Path) -> bytes:
    told: dict[str, Any] = {
        "schema": 1,
        "model": hash,
        "day": day.isoformat(),
        "booked": made.booked,
        "ethics_reference": settings.ethics_reference,
        "parameters": settings.as_values(),
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.glob("*.parquet"))
        },
        "may_not": f"{HOLDOUT_FILE}: be acted on; {LIST_FILE}: be used to punish, or to deny care",
    }
    return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()
