"""Running parameter sets, one after the other: check them all first, then execute, examine and publish each."""

import fcntl
import re
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from workbench.parameters.allowed import NAME_PATTERN
from workbench.parameters.sets import ParameterSet, find_parameter_files, read_parameter_set
from workbench.project import private_folder
from workbench.refusal import Fault, Refused
from workbench.reports.catalogue_page import CATALOGUE_FILE, write_catalogue
from workbench.reports.harvest import HarvestError
from workbench.reports.records import OpenRun, State, mark_lost, open_run
from workbench.reports.store import Store, Version
from workbench.runs.execution import ExecutionFailed, Progress, execute
from workbench.runs.fingerprint import changed_parts, fingerprint
from workbench.runs.outcome import Outcome, exit_code, refused
from workbench.runs.precheck import check_set
from workbench.runs.publication import Prepared, prepare
from workbench.runs.studies import MODELS, STUDIES
from workbench.runs.watching import watch_list_of
from workbench.tables.known import Tables
from workbench.tables.source import DataAbsent

Tell = Callable[[str], None]

TRACEBACK = "traceback.txt"


@dataclass(frozen=True)
class RunOptions:
    """What the command line says of a run."""

    root: Path
    store: Path
    as_of: date | None = None
    force: bool = False
    dry_run: bool = False


class UnderWay(Exception):
    """Another run of the parameter set is under way."""


@dataclass(frozen=True)
class Ready:
    """A parameter set that passed every check before a kernel starts."""

    chosen: ParameterSet
    tables: Tables
    fingerprint: dict[str, str]


def run_sets(
    paths: Sequence[Path], options: RunOptions, tell: Tell, progress: Callable[[str], Progress]
) -> int:
    """Run parameter sets and return the exit code.

    Args:
        paths: files or folders of parameter sets.
        options: of the run.
        tell: told each line of the summary, and what was lost before.
        progress: for a set's name, gives what is told of its cells.

    Raises:
        Refused: the paths name no parameter set.
    """
    store = Store(options.store)
    files = find_parameter_files(paths, options.root)
    if not options.dry_run:
        _require_writable(store)
        _settle(store, tell)
    checked = [_told(_check(file, options, store), tell) for file in files]
    ready = [each for each in checked if isinstance(each, Ready)]
    outcomes = [each for each in checked if isinstance(each, Outcome)]
    outcomes += [_told(_run(each, options, store, progress), tell) for each in ready]
    if not options.dry_run:
        write_catalogue(store)
        tell(f"Catalogue: {store.folder / CATALOGUE_FILE}")
    return exit_code(outcomes, started=bool(ready))


def _told[T](ended: T, tell: Tell) -> T:
    """What became of a set, told as soon as it is known; a set that is ready has not ended yet."""
    if isinstance(ended, Outcome):
        tell(ended.line)
        for line in ended.detail:
            tell(f"  {line}")
    return ended


def _require_writable(store: Store) -> None:
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=store.folder).close()
    except OSError as error:
        what = f"the report store cannot be written ({error.strerror})."
        raise Refused(Fault(str(store.folder), what, "Name a folder that you may write to.")) from None


def _settle(store: Store, tell: Tell) -> None:
    """Tell of runs that were killed, and put right what they left."""
    for record in mark_lost(store.records_folder):
        tell(f"{'lost':<12} {record.parameter_file}: {record.reason}")
    store.clear_incoming({record.id for record in store.records() if record.state == "running"})
    store.point_every_latest()


def _check(file: Path, options: RunOptions, store: Store) -> Ready | Outcome:
    """Everything that can be known of a parameter set before a kernel starts."""
    where = file.relative_to(options.root).as_posix() if file.is_relative_to(options.root) else file.as_posix()
    try:
        today = datetime.now(UTC).date()
        chosen = read_parameter_set(file, options.root, MODELS, today, options.as_of)
        tables = check_set(chosen, options.root)
        return Ready(chosen, tables, fingerprint(chosen, tables, options.root))
    except DataAbsent as absent:
        return _refused_or_skipped(Outcome(where, "skipped", str(absent)), file, options, store)
    except Refused as error:
        return _refused_or_skipped(refused(where, error.faults), file, options, store)


def _refused_or_skipped(outcome: Outcome, file: Path, options: RunOptions, store: Store) -> Outcome:
    """Leave a record of a set that did not come to run, where its place in the store is known."""
    study, name = file.parent.name, file.stem
    if not options.dry_run and study in STUDIES and re.fullmatch(NAME_PATTERN, name):
        _record(store, study, name, outcome)
    return outcome


def _record(store: Store, study: str, name: str, outcome: Outcome) -> None:
    open_run(store.records_folder, study, name, outcome.where, None).end(outcome.state, outcome.reason)


def _run(ready: Ready, options: RunOptions, store: Store, progress: Callable[[str], Progress]) -> Outcome:
    """Run a set that is ready, unless nothing changed or another run of it is under way."""
    chosen, where = ready.chosen, ready.chosen.path.as_posix()
    try:
        with nullcontext() if options.dry_run else _one_at_a_time(options.root, chosen):
            last = store.latest(chosen.study, chosen.name)
            why = _why(last, ready, options)
            if last is not None and not why:
                outcome = Outcome(where, "unchanged", f"{last.manifest.version} stands")
                if not options.dry_run:
                    _record(store, chosen.study, chosen.name, outcome)
                return outcome
            if options.dry_run:
                return Outcome(where, "skipped", f"dry run; it would run: {why}")
            return _run_alone(ready, why, options, store, progress)
    except UnderWay:
        # It leaves no record: the other run's is the one to read.
        return Outcome(where, "refused", "another run of it is under way; wait until that one has ended.")
    except OSError as error:
        return Outcome(where, "failed", f"A folder cannot be written ({error.strerror}).")


def _run_alone(
    ready: Ready, why: str, options: RunOptions, store: Store, progress: Callable[[str], Progress]
) -> Outcome:
    chosen, where = ready.chosen, ready.chosen.path.as_posix()
    folder = _private_folder(options.root, chosen)
    kept = _shown(folder, options.root)
    with open_run(store.records_folder, chosen.study, chosen.name, where, kept) as opened:
        try:
            outcome = _attempt(ready, options, store, folder, opened, progress(where))
        except Exception as error:  # noqa: BLE001 - one set that breaks must not stop the others
            outcome = Outcome(where, "failed", _broken(error, folder), (_kept(kept),))
        opened.end(outcome.state, outcome.reason, _version_of(outcome))
    return replace(outcome, told=f"{outcome.told}; {why}") if outcome.state == "published" else outcome


def _attempt(
    ready: Ready, options: RunOptions, store: Store, folder: Path, opened: OpenRun, progress: Progress
) -> Outcome:
    chosen, where = ready.chosen, ready.chosen.path.as_posix()
    kept = _kept(_shown(folder, options.root))
    started = time.monotonic()
    try:
        notebook = STUDIES[chosen.study].notebook(options.root)
        executed = execute(notebook, chosen.parameters.as_values(), folder, options.root, progress)
        prepared = prepare(
            chosen,
            executed,
            ready.tables.source,
            ready.fingerprint,
            watch_list_of(ready.tables, options.root),
            {"execution": time.monotonic() - started},
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


@contextmanager
def _one_at_a_time(root: Path, chosen: ParameterSet) -> Iterator[None]:
    """Hold the parameter set's lock, so that two runners never work on it at once."""
    locks = private_folder(root) / "locks"
    locks.mkdir(mode=0o700, exist_ok=True)
    with (locks / f"{chosen.study}-{chosen.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnderWay from None
        yield
