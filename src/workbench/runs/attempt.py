"""One parameter set that is ready to run: executed, examined and published, unless nothing changed."""

import shutil
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from nbformat import NotebookNode

from workbench.parameters.sets import ParameterSet
from workbench.project import private_folder
from workbench.refusal import Refused
from workbench.reports.approval import settle_set
from workbench.reports.harvest import HarvestError
from workbench.reports.locking import UnderWay
from workbench.reports.manifest import changed_parts
from workbench.reports.records import OpenRun, State, open_run
from workbench.reports.store import Store, Version
from workbench.runs.bounds import Bounds
from workbench.runs.disk import PRIVATE, STORE, DiskFailed, disk_sentence, writing
from workbench.runs.due import is_served
from workbench.runs.execution import Progress, execute
from workbench.runs.failures import ExecutionFailed, InfrastructureFailed
from workbench.runs.grid import prepare_all
from workbench.runs.outcome import Outcome
from workbench.runs.publication import Prepared
from workbench.runs.releasing import what_stands
from workbench.runs.studies import STUDIES
from workbench.runs.watching import watch_list_of
from workbench.settings import Limits
from workbench.tables.engines.failures import ConnectionLost
from workbench.tables.opening import open_source

TRACEBACK = "traceback.txt"
# States in which a run leaves a version.
MADE: frozenset[State] = frozenset({"published", "awaiting_approval"})
# Seconds between two attempts, in which what was gone may come back.
PAUSE = 5.0


@dataclass(frozen=True)
class RunOptions:
    """What the command line and the project's settings say of a run.

    `threads` is how many the libraries of one kernel may start, None for as many as they like; `due` the moment from
    which schedules are looked at, None to run sets whether they are due or not.
    """

    root: Path
    store: Path
    as_of: date | None = None
    force: bool = False
    dry_run: bool = False
    limits: Limits = field(default_factory=Limits)
    threads: int | None = None
    due: datetime | None = None


@dataclass(frozen=True)
class Ready:
    """A parameter set that passed every check before a kernel starts, with the fingerprint of its run.

    `slot` is the moment at which its schedule was due, None where it runs whether it is due or not. It can be handed
    to another process.
    """

    chosen: ParameterSet
    fingerprint: dict[str, str]
    slot: datetime | None = None


def run_ready(ready: Ready, options: RunOptions, progress: Callable[[str], Progress]) -> Outcome:
    """Run a set that is ready, unless nothing changed or another run of it is under way."""
    chosen, where, store = ready.chosen, ready.chosen.path.as_posix(), Store(options.store)
    try:
        with nullcontext() if options.dry_run else store.one_at_a_time(chosen.study, chosen.name):
            if ready.slot and is_served(ready.slot, chosen.study, chosen.name, store.records()):
                return Outcome(where, "skipped", "another runner has run it meanwhile")
            last = store.newest(chosen.study, chosen.name)
            stands = what_stands(store, chosen.study, chosen.name, ready.fingerprint)
            if stands is not None and not options.force:
                outcome = Outcome(where, *stands)
                if not options.dry_run:
                    record_outcome(store, chosen.study, chosen.name, outcome)
                return outcome
            why = _why(last, ready)
            if options.dry_run:
                return Outcome(where, "skipped", f"dry run; it would run: {why}")
            return _run_alone(ready, last, why, options, store, progress)
    except UnderWay:
        # It leaves no record: the other run's is the one to read.
        if ready.slot:
            return Outcome(where, "skipped", "another run of it is under way")
        return Outcome(where, "refused", "another run of it is under way; wait until that one has ended.")
    except DiskFailed as error:
        outcome = Outcome(where, "failed", str(error))
        with suppress(OSError):
            record_outcome(store, chosen.study, chosen.name, outcome)
        return outcome
    except OSError as error:
        # Of the lock or the record.
        return Outcome(where, "failed", disk_sentence(error.errno, STORE))


def record_outcome(store: Store, study: str, name: str, outcome: Outcome) -> None:
    """Leave a record of a set that did not come to run, or need not."""
    open_run(store.records_folder, study, name, outcome.where, None).end(outcome.state, outcome.reason)


def _run_alone(
    ready: Ready,
    last: Version | None,
    why: str,
    options: RunOptions,
    store: Store,
    progress: Callable[[str], Progress],
) -> Outcome:
    chosen, where = ready.chosen, ready.chosen.path.as_posix()
    with writing(PRIVATE):
        folder = new_private_folder(options.root, chosen)
    kept, outcome = _shown(folder, options.root), None
    try:
        with open_run(store.records_folder, chosen.study, chosen.name, where, kept) as opened:
            try:
                outcome = _attempt(ready, last, options, store, folder, opened, progress(where))
            except Exception as error:  # noqa: BLE001 - one set that breaks must not stop the others
                outcome = Outcome(where, "failed", _broken(error, folder), (_kept(kept),))
            opened.end(outcome.state, outcome.reason, outcome.version)
    except OSError as error:
        if outcome is None:
            raise
        # What became of the run stands, though its record says that it is under way until the next run mends that.
        told = f"The record of this run could not be written. {disk_sentence(error.errno, STORE)}"
        outcome = replace(outcome, detail=(*outcome.detail, told))
    return replace(outcome, told=f"{outcome.told}; {why}") if outcome.version else outcome


def _attempt(
    ready: Ready,
    last: Version | None,
    options: RunOptions,
    store: Store,
    folder: Path,
    opened: OpenRun,
    progress: Progress,
) -> Outcome:
    """Execute, examine and publish; what fails for want of infrastructure is tried again, a failing cell never."""
    kept, bounds = _kept(_shown(folder, options.root)), Bounds(options.limits, options.threads)
    for attempt in range(1, options.limits.retries + 2):
        try:
            prepared = _prepared(ready, last, options, folder, progress, bounds)
        except (InfrastructureFailed, ConnectionLost) as error:
            failed = replace(_failed(ready, error, kept), attempts=attempt)
            if attempt > options.limits.retries or time.monotonic() + PAUSE > bounds.run_ends:
                break
            time.sleep(PAUSE)
        except (ExecutionFailed, DiskFailed, HarvestError, Refused) as error:
            return replace(_failed(ready, error, kept), attempts=attempt)
        else:
            return replace(_released(ready, prepared, store, opened, folder, kept), attempts=attempt)
    return failed


def _prepared(
    ready: Ready, last: Version | None, options: RunOptions, folder: Path, progress: Progress, bounds: Bounds
) -> Prepared:
    chosen, started = ready.chosen, time.monotonic()
    executed = _executed(chosen, folder, options.root, progress, bounds)
    tables = open_source(chosen.parameters.source, options.root)
    return prepare_all(
        chosen,
        executed,
        tables.source,
        ready.fingerprint,
        watch_list_of(tables, options.root),
        {"execution": time.monotonic() - started},
        last,
        options.root,
    )


def _executed(
    chosen: ParameterSet, folder: Path, root: Path, progress: Progress, bounds: Bounds
) -> list[NotebookNode]:
    """The study's notebook, executed for each combination of a grid in a folder of its own, or for the set itself."""
    notebook, each = STUDIES[chosen.study].notebook(root), chosen.singly()
    executed = []
    for number, one in enumerate(each, 1):
        place = folder if len(each) == 1 else folder / f"{number:02d}"
        with writing(PRIVATE):
            place.mkdir(mode=0o700, exist_ok=True)
        try:
            executed.append(execute(notebook, one.parameters.as_values(), place, root, progress, bounds))
        except ExecutionFailed as failed:
            if len(each) == 1:
                raise
            raise type(failed)(f"Combination {number} of {len(each)}: {failed}") from None
    return executed


def _failed(ready: Ready, error: Exception, kept: str) -> Outcome:
    where = ready.chosen.path.as_posix()
    if isinstance(error, Refused):
        return Outcome(where, "failed", "The report could not be made.", (*map(str, error.faults), kept))
    return Outcome(where, "failed", str(error), (kept,))


def _released(
    ready: Ready, prepared: Prepared, store: Store, opened: OpenRun, folder: Path, kept: str
) -> Outcome:
    where, version = ready.chosen.path.as_posix(), prepared.manifest.version
    if prepared.findings:
        return Outcome(where, "withheld", "A release check did not pass.", (*map(str, prepared.findings), kept))
    try:
        state, told = _publish(store, prepared, opened.record.id)
    except DiskFailed as error:
        return Outcome(where, "failed", str(error), (kept,))
    shutil.rmtree(folder, ignore_errors=True)
    return Outcome(where, state, version, told, version=version if state in MADE else None)


def _broken(error: Exception, folder: Path) -> str:
    """A fault of the workbench or of the machine, by its kind; its traceback, which may quote data, is private."""
    with suppress(OSError):
        (folder / TRACEBACK).write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    kind = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        kind = f"{kind}: {error.strerror}"
    return f"The run broke off ({kind}); its traceback is kept in the private folder."


def _kept(folder: str) -> str:
    return f"Kept for those who may read it: {folder}"


def _publish(store: Store, prepared: Prepared, run_id: str) -> tuple[State, tuple[str, ...]]:
    """Publish a version, or let it wait for a person; an older one that still waits is superseded by it.

    Gives the state it leads to, and what is to be told beside.

    Raises:
        DiskFailed: the store cannot be written, and nothing was published.
    """
    manifest = prepared.manifest
    waits = manifest.release == "reviewed"
    bring, root = (store.let_wait, store.awaiting_folder) if waits else (store.publish, store.folder)
    state: State = "awaiting_approval" if waits else "published"
    try:
        bring(manifest.study, manifest.name, manifest.version, prepared.files, run_id)
        settle_set(store, manifest.study, manifest.name)
    except FileExistsError:
        # The same fingerprint within the same second.
        return "unchanged", ()
    except OSError as error:
        told = disk_sentence(error.errno, STORE)
        if not (root / manifest.study / manifest.name / manifest.version).exists():
            raise DiskFailed(told) from None
        there = (
            "It waits in the store."
            if waits
            else "It is published, and `latest` may still name the version before."
        )
        return state, (f"{there} {told}",)
    return state, ()


def _why(last: Version | None, ready: Ready) -> str:
    """Why a set has to run."""
    if last is None:
        return "never published before"
    changed = changed_parts(last.manifest.fingerprint, ready.fingerprint)
    return f"changed: {', '.join(changed)}" if changed else "forced"


def new_private_folder(root: Path, chosen: ParameterSet) -> Path:
    """A private folder of a run's own."""
    runs = private_folder(root) / "runs"
    runs.mkdir(mode=0o700, exist_ok=True)
    prefix = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{chosen.study}-{chosen.name}-"
    return Path(tempfile.mkdtemp(prefix=prefix, dir=runs))


def _shown(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix()
