"""Records of runs: every attempt leaves one, whatever became of it.

A record is one small file `.runs/<id>.json` in the store. A run that was killed cannot say so: the next one finds
its record without a heartbeat and marks it lost.
"""

import os
import secrets
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from workbench.parameters.allowed import NAME_PATTERN
from workbench.reports.files import write_whole

State = Literal[
    "running",
    "published",
    "unchanged",
    "awaiting_approval",
    "skipped",
    "refused",
    "withheld",
    "failed",
    "interrupted",
    "lost",
]

Way = Literal["command", "webhook"]
"""By what a record is told to those who look after the runs."""

HEARTBEAT = timedelta(seconds=5)
# A record without a heartbeat for this long belongs to a run that is gone, wherever it ran.
SILENCE = timedelta(seconds=60)


class RunRecord(BaseModel):
    """What is told of one run. `reason` is a sentence, or several, that holds no data.

    `notified` names the ways by which those who look after the runs were told of it.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    id: str = Field(pattern=r"^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}$")
    study: str = Field(pattern=NAME_PATTERN)
    name: str = Field(pattern=NAME_PATTERN)
    parameter_file: str
    state: State
    reason: str = ""
    version: str | None = None
    private_folder: str | None = None
    host: str
    process: int = Field(ge=1, le=2**31 - 1)
    started_at: AwareDatetime
    heartbeat_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    notified: tuple[Way, ...] = ()


def new_run_id(now: datetime) -> str:
    """An identifier that sorts by time."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@dataclass
class OpenRun:
    """A run under way: its record says `running`, with a heartbeat, until it is ended.

    Used as a context: what leaves it without `end` was interrupted or failed by a fault of the workbench itself.
    """

    folder: Path
    record: RunRecord
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> Self:
        self._write()
        self._thread = Thread(target=self._beat, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._silence()
        if self.record.state != "running":
            return
        if kind is not None and not issubclass(kind, Exception):
            self.end("interrupted", "The run was stopped.")
        else:
            told = kind.__name__ if kind else "no end"
            self.end("failed", f"The workbench itself failed ({told}); this is a fault to report.")

    def end(self, state: State, reason: str = "", version: str | None = None) -> None:
        """Write how the run ended."""
        self._silence()
        now = datetime.now(UTC)
        update = {"state": state, "reason": reason, "version": version, "ended_at": now, "heartbeat_at": now}
        ended = self.record.model_copy(update=update)
        # Written first: a run stopped while it writes its end has not ended yet.
        write_record(self.folder, ended)
        self.record = ended

    def _silence(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT.total_seconds()):
            self.record = self.record.model_copy(update={"heartbeat_at": datetime.now(UTC)})
            # A beat that cannot be written, on a full disk or a share that is gone, is made up for by the next.
            with suppress(OSError):
                self._write()

    def _write(self) -> None:
        write_record(self.folder, self.record)


def open_run(folder: Path, study: str, name: str, parameter_file: str, private_folder: str | None) -> OpenRun:
    """A new run of a parameter set, not yet entered; `folder` is the store's folder of records."""
    now = datetime.now(UTC)
    record = RunRecord(
        id=new_run_id(now),
        study=study,
        name=name,
        parameter_file=parameter_file,
        state="running",
        private_folder=private_folder,
        host=socket.gethostname(),
        process=os.getpid(),
        started_at=now,
        heartbeat_at=now,
    )
    return OpenRun(folder, record)


def write_record(folder: Path, record: RunRecord) -> None:
    """Write a record, whole."""
    folder.mkdir(parents=True, exist_ok=True)
    content = record.model_dump_json(by_alias=True, indent=2) + "\n"
    write_whole(folder / f"{record.id}.json", content.encode())


def read_records(folder: Path) -> list[RunRecord]:
    """All records, oldest first; a file that is no record is passed over, and told by `broken_records`."""
    found = (_read(path) for path in folder.glob("*.json"))
    return sorted((record for record in found if record), key=lambda record: record.started_at)


def broken_records(folder: Path) -> list[Path]:
    """Files among the records that are none."""
    return sorted(path for path in folder.glob("*.json") if _read(path) is None)


def _read(path: Path) -> RunRecord | None:
    try:
        record = RunRecord.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        return None
    return record if record.id == path.stem else None


def mark_lost(folder: Path, alone: tuple[str, str] | None = None) -> list[RunRecord]:
    """Mark as lost every run that says it is running and is not; returns them.

    Args:
        folder: the store's folder of records.
        alone: a study and a name, to look at the runs of that parameter set only.
    """
    lost = []
    for record in read_records(folder):
        if record.state != "running" or alone not in {None, (record.study, record.name)}:
            continue
        if _alive(folder, record):
            continue
        reason = "The run was killed before it could say why; the last version stands."
        ended = record.model_copy(update={"state": "lost", "reason": reason, "ended_at": record.heartbeat_at})
        write_record(folder, ended)
        lost.append(ended)
    return lost


def _alive(folder: Path, record: RunRecord) -> bool:
    if record.host != socket.gethostname():
        return _silent_for(folder, record) <= SILENCE
    if datetime.now(UTC) - record.heartbeat_at > SILENCE:
        return False
    try:
        os.kill(record.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _silent_for(folder: Path, record: RunRecord) -> timedelta:
    """How long ago a record was written last, by the clock of the disk it lies on: two machines' clocks differ."""
    with tempfile.TemporaryFile(dir=folder) as now:
        os.write(now.fileno(), b"now")
        seconds = os.fstat(now.fileno()).st_mtime - (folder / f"{record.id}.json").stat().st_mtime
    return timedelta(seconds=seconds)
