"""One parameter set that is ready to run: executed, examined and published, unless nothing changed."""

import shutil
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from nbformat import NotebookNode

from workbench.parameters.sets import ParameterSet
from workbench.project import private_folder
from workbench.refusal import Refused
from workbench.reports.harvest import HarvestError
from workbench.reports.locking import UnderWay
from workbench.reports.records import OpenRun, State, open_run
from workbench.reports.store import Store, Version
from workbench.runs.due import is_served
from workbench.runs.execution import ExecutionFailed, Progress, execute
from workbench.runs.fingerprint import changed_parts
from workbench.runs.grid import prepare_all
from workbench.runs.outcome import Outcome
from workbench.runs.publication import Prepared
from workbench.runs.studies import STUDIES
from workbench.runs.watching import watch_list_of
from workbench.tables.opening import open_source

TRACEBACK = "traceback.txt"


@dataclass(frozen=True)
class RunOptions:
    """What the command line says of a run.

    `threads` is how many a kernel may take, None for all there are; `due` the moment from which schedules are looked
    at, None to run sets whether they are due or not.
    """

    root: Path
    store: Path
    as_of: date | None = None
    force: bool = False
    dry_run: bool = False
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
            last = store.latest(chosen.study, chosen.name)
            why = _why(last, ready, options)
            if last is not None and not why:
                outcome = Outcome(where, "unchanged", f"{last.manifest.version} stands")
                if not options.dry_run:
                    record_outcome(store, chosen.study, chosen.name, outcome)
                return outcome
            if options.dry_run:
                return Outcome(where, "skipped", f"dry run; it would run: {why}")
            return _run_alone(ready, last, why, options, store, progress)
    except UnderWay:
        # It leaves no record: the other run's is the one to read.
        if ready.slot:
            return Outcome(where, "skipped", "another run of it is under way")
        return Outcome(where, "refused", "another run of it is under way; wait until that one has ended.")
    except OSError as error:
        return Outcome(where, "failed", f"A folder cannot be written ({error.strerror}).")


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
    folder = _private_folder(options.root, chosen)
    kept = _shown(folder, options.root)
    with open_run(store.records_folder, chosen.study, chosen.name, where, kept) as opened:
        try:
            outcome = _attempt(ready, last, options, store, folder, opened, progress(where))
        except Exception as error:  # noqa: BLE001 - one set that breaks must not stop the others
            outcome = Outcome(where, "failed", _broken(error, folder), (_kept(kept),))
        opened.end(outcome.state, outcome.reason, _version_of(outcome))
    return replace(outcome, told=f"{outcome.told}; {why}") if outcome.state == "published" else outcome


def _attempt(
    ready: Ready,
    last: Version | None,
    options: RunOptions,
    store: Store,
    folder: Path,
    opened: OpenRun,
    progress: Progress,
) -> Outcome:
    chosen, where = ready.chosen, ready.chosen.path.as_posix()
    kept = _kept(_shown(folder, options.root))
    started = time.monotonic()
    try:
        executed = _executed(chosen, folder, options, progress)
        tables = open_source(chosen.parameters.source, options.root)
        prepared = prepare_all(
            chosen,
            executed,
            tables.source,
            ready.fingerprint,
            watch_list_of(tables, options.root),
            {"execution": time.monotonic() - started},
            last,
            options.root,
        )
    except (ExecutionFailed, HarvestError) as error:
        return Outcome(where, "failed", str(error), (kept,))
    except Refused as error:
        return Outcome(where, "failed", "The report could not be made.", (*map(str, error.faults), kept))
    if prepared.findings:
        return Outcome(where, "withheld", "A release check did not pass.", (*map(str, prepared.findings), kept))
    state = _publish(store, prepared, opened.record.id)
    shutil.rmtree(folder, ignore_errors=True)
    return Outcome(where, state, prepared.manifest.version)


def _executed(
    chosen: ParameterSet, folder: Path, options: RunOptions, progress: Progress
) -> list[NotebookNode]:
    """The study's notebook, executed for each combination of a grid in a folder of its own, or for the set itself."""
    notebook, each = STUDIES[chosen.study].notebook(options.root), chosen.singly()
    executed = []
    for number, one in enumerate(each, 1):
        place = folder if len(each) == 1 else folder / f"{number:02d}"
        place.mkdir(mode=0o700, exist_ok=True)
        try:
            executed.append(execute(notebook, one.parameters.as_values(), place, options.root, progress))
        except ExecutionFailed as failed:
            if len(each) == 1:
                raise
            raise ExecutionFailed(f"Combination {number} of {len(each)}: {failed}") from None
    return executed


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


def _publish(store: Store, prepared: Prepared, run_id: str) -> State:
    manifest = prepared.manifest
    try:
        store.publish(manifest.study, manifest.name, manifest.version, prepared.files, run_id)
    except FileExistsError:
        # The same fingerprint within the same second.
        return "unchanged"
    return "published"


def _version_of(outcome: Outcome) -> str | None:
    return outcome.told if outcome.state == "published" else None


def _why(last: Version | None, ready: Ready, options: RunOptions) -> str:
    """Why a set has to run; empty where nothing changed since its last version."""
    if last is None:
        return "never published before"
    changed = changed_parts(last.manifest.fingerprint, ready.fingerprint)
    if changed:
        return f"changed: {', '.join(changed)}"
    return "forced" if options.force else ""


def _private_folder(root: Path, chosen: ParameterSet) -> Path:
    runs = private_folder(root) / "runs"
    runs.mkdir(mode=0o700, exist_ok=True)
    prefix = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{chosen.study}-{chosen.name}-"
    return Path(tempfile.mkdtemp(prefix=prefix, dir=runs))


def _shown(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix()
