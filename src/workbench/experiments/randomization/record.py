"""The protected lists of a draw, written whole or not at all, their owner's alone, and never a second time."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.project import private_folder
from workbench.protection.audit import audit
from workbench.protection.private_files import FILE_MODE, FOLDER_MODE, new_private_file, write_private
from workbench.refusal import Fault, Refused
from workbench.tables.assigned import ASSIGNMENTS_FILE, TABLE, drawn_folder
from workbench.tables.known import Tables

SENDING_FILE, HOLDOUT_FILE, MANIFEST_FILE = "sending.parquet", "holdout.parquet", "manifest.json"
_LOCK = ".lock"

_TIME = pa.timestamp("us", tz="UTC")
_ASSIGNMENTS = pa.schema(
    [
        ("experiment_id", pa.string()),
        ("patient_id", pa.string()),
        ("cluster_id", pa.string()),
        ("stratum", pa.string()),
        ("arm", pa.string()),
        ("probability", pa.float64()),
        ("epoch", pa.int64()),
        ("assigned_at", _TIME),
    ]
)
_SENDING = pa.schema(
    [("patient_id", pa.string()), ("arm", pa.string()), ("send_from", _TIME), ("send_until", _TIME)]
)
_HOLDOUT = pa.schema([("patient_id", pa.string())])


@dataclass(frozen=True)
class Lists:
    """Rows of the canonical table `assignments`; who is texted what, and within which hours; who is held out."""

    assignments: pd.DataFrame
    sending: pd.DataFrame
    holdout: pd.DataFrame


def refuse_drawn(tables: Tables, plan: ExperimentPlan, root: Path) -> None:
    """Refuse an experiment to which anybody was ever assigned, here or elsewhere: it is drawn once."""
    there = drawn_folder(tables.source.name, root) / plan.experiment
    known = False
    if TABLE in tables.names:
        rows = tables.whole(TABLE)
        known = bool(rows.filter(rows["experiment_id"] == plan.experiment).limit(1).count().execute())
    if known or there.exists():
        raise Refused(_drawn_before(plan))


@contextmanager
def one_at_a_time(source: str, root: Path) -> Iterator[None]:
    """Hold the lock of a source's draws.

    Raises:
        Refused: another draw is under way, or the folder cannot be written.
    """
    try:
        lock = os.fdopen(os.open(_place(source, root) / _LOCK, os.O_RDWR | os.O_CREAT, FILE_MODE), "wb")
    except OSError as error:
        raise Refused(_unwritable(f"source {source}", error)) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = "another draw from its people is under way."
            raise Refused(Fault(f"source {source}", what, "Wait until that one has ended.")) from None
        yield


def write_lists(lists: Lists, plan: ExperimentPlan, root: Path) -> Path:
    """Write the lists below the private folder; they count from the rename at the end on.

    Returns:
        The folder, `data/assigned/<source>/<experiment>/`.

    Raises:
        Refused: the experiment was drawn meanwhile, the audit log cannot be written, or the folder cannot.
    """
    where = f"experiment {plan.experiment}"
    try:
        parent = _place(plan.source, root)
        beside = Path(tempfile.mkdtemp(prefix=f".{plan.experiment}.", suffix=".partial", dir=parent))
        try:
            new = beside / "new"
            new.mkdir(mode=FOLDER_MODE)
            _write(lists.assignments, _ASSIGNMENTS, new / ASSIGNMENTS_FILE)
            _write(lists.sending, _SENDING, new / SENDING_FILE)
            _write(lists.holdout, _HOLDOUT, new / HOLDOUT_FILE)
            write_private(new / MANIFEST_FILE, _manifest(plan, new))
            _onto_the_disk(new)
            # What cannot be recorded is not done.
            audit(
                root,
                "randomized",
                f"{plan.source}: {plan.experiment}",
                people=len(lists.assignments),
                held_out=len(lists.holdout),
                ethics_reference=plan.ethics_reference,
            )
            _appear(new, parent / plan.experiment, plan)
            _onto_the_disk(parent)
        finally:
            shutil.rmtree(beside)
    except OSError as error:
        raise Refused(_unwritable(where, error)) from None
    return parent / plan.experiment


def _appear(new: Path, folder: Path, plan: ExperimentPlan) -> None:
    try:
        new.rename(folder)
    except OSError:
        # A folder that holds something is never replaced by a rename.
        if folder.exists():
            raise Refused(_drawn_before(plan)) from None
        raise


def _unwritable(where: str, error: OSError) -> Fault:
    mend = "See that the project's folder data belongs to you, on a disk with room."
    return Fault(where, f"its lists cannot be written ({error.strerror}).", mend)


def _drawn_before(plan: ExperimentPlan) -> Fault:
    what = "people were assigned to it before: a second draw would tear it apart."
    mend = "Give another experiment, or analyze this one as it was drawn."
    return Fault(f"experiment {plan.experiment}", what, mend)


def _place(source: str, root: Path) -> Path:
    """The folder of a source's draws, made where it is missing, each level its owner's alone."""
    private_folder(root)
    folder = drawn_folder(source, root)
    for level in (folder.parent, folder):
        if level.is_symlink():
            what = "its folder would lie outside the private folder."
            raise Refused(Fault(f"draws of {source}", what, "Remove what leads elsewhere."))
        level.mkdir(mode=FOLDER_MODE, exist_ok=True)
        level.chmod(FOLDER_MODE)
    return folder


def _write(rows: pd.DataFrame, schema: pa.Schema, path: Path) -> None:
    # In the order of pseudonyms: the order of a list tells nothing of the draw.
    table = pa.Table.from_pandas(rows.sort_values("patient_id"), schema=schema, preserve_index=False)
    with new_private_file(path) as file:
        pq.write_table(table.replace_schema_metadata(None), file, compression="zstd", store_schema=False)
        file.flush()
        os.fsync(file.fileno())


def _manifest(plan: ExperimentPlan, folder: Path) -> bytes:
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.parquet"))
    }
    told = {
        "schema": 1,
        "experiment": plan.experiment,
        "as_of": plan.as_of.isoformat(),
        "ethics_reference": plan.ethics_reference,
        "parameters": plan.as_values(),
        "files": files,
        "may_not": "be sent by as it stands: who withdrew consent since is left out when the list is handed back",
    }
    return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()


def _onto_the_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
