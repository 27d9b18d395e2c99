"""Running parameter sets, one after the other: check them all first, then execute, examine and publish each."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from workbench.parameters.sets import ParameterSet, find_parameter_files, read_parameter_set
from workbench.project import private_folder
from workbench.refusal import Fault, Refused
from workbench.reports.catalogue_page import write_catalogue
from workbench.reports.harvest import HarvestError
from workbench.reports.records import OpenRun, mark_lost, open_run
from workbench.reports.store import Store, Version
from workbench.runs.execution import ExecutionFailed, Progress, execute
from workbench.runs.fingerprint import changed_parts, fingerprint
from workbench.runs.outcome import Outcome, exit_code, refused
from workbench.runs.precheck import check_set
from workbench.runs.publication import Prepared, prepare
from workbench.runs.studies import MODELS, STUDIES
from workbench.tables.identifiers import pseudonyms
from workbench.tables.known import Tables
from workbench.tables.source import DataAbsent

Tell = Callable[[str], None]


@dataclass(frozen=True)
class RunOptions:
    """What the command line says of a run."""

    root: Path
    store: Path
    as_of: date | None = None
    force: bool = False
    dry_run: bool = False


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
        _tell_of_lost(store, tell)
    outcomes: list[Outcome] = []
    ready: list[Ready] = []
    for file in files:
        checked = _check(file, options, store)
        if isinstance(checked, Outcome):
            outcomes.append(checked)
            tell(checked.line)
            for line in checked.detail:
                tell(f"  {line}")
        else:
            ready.append(checked)
    for each in ready:
        outcome = _run(each, options, store, progress(each.chosen.path.as_posix()))
        outcomes.append(outcome)
        tell(outcome.line)
        for line in outcome.detail:
            tell(f"  {line}")
    if not options.dry_run:
        write_catalogue(store)
        tell(f"Catalogue: {store.folder / 'index.html'}")
    return exit_code(outcomes, started=bool(ready))


def _tell_of_lost(store: Store, tell: Tell) -> None:
    for record in mark_lost(store.records_folder):
        tell(f"{'lost':<12} {record.parameter_file}: {record.reason}")
    store.clear_incoming({record.id for record in store.records() if record.state == "running"})


def _check(file: Path, options: RunOptions, store: Store) -> Ready | Outcome:
    """Everything that can be known of a parameter set before a kernel starts."""
    where = file.relative_to(options.root).as_posix() if file.is_relative_to(options.root) else file.name
    try:
        today = datetime.now(UTC).date()
        chosen = read_parameter_set(file, options.root, MODELS, today, options.as_of)
        tables = check_set(chosen, options.root)
        return Ready(chosen, tables, fingerprint(chosen, options.root))
    except DataAbsent as absent:
        return _recorded(Outcome(where, "skipped", str(absent)), file, options, store)
    except Refused as error:
        return _recorded(refused(where, error.faults), file, options, store)


def _recorded(outcome: Outcome, file: Path, options: RunOptions, store: Store) -> Outcome:
    """Leave a record of a set that did not come to run, where its place in the store is known."""
    if not options.dry_run and file.parent.name in STUDIES:
        opened = open_run(store.records_folder, file.parent.name, file.stem, outcome.where, None)
        opened.end(outcome.state, "\n".join([outcome.told, *outcome.detail]))
    return outcome


def _run(ready: Ready, options: RunOptions, store: Store, progress: Progress) -> Outcome:
    chosen = ready.chosen
    where = chosen.path.as_posix()
    last = store.latest(chosen.study, chosen.name)
    if last is not None and not options.force and last.manifest.fingerprint == ready.fingerprint:
        return Outcome(where, "unchanged", f"{last.manifest.version} stands")
    why = _why(last, ready, options)
    if options.dry_run:
        return Outcome(where, "skipped", f"dry run; it would run: {why}")
    folder = _private_folder(options.root, chosen)
    with (
        _one_at_a_time(options.root, chosen),
        open_run(
            store.records_folder, chosen.study, chosen.name, where, _shown(folder, options.root)
        ) as opened,
    ):
        outcome = _attempt(ready, options, store, folder, opened, progress)
        opened.end(outcome.state, "\n".join([outcome.told, *outcome.detail]), _version_of(outcome))
        return Outcome(where, outcome.state, outcome.told or why, outcome.detail)


def _attempt(
    ready: Ready, options: RunOptions, store: Store, folder: Path, opened: OpenRun, progress: Progress
) -> Outcome:
    chosen, where = ready.chosen, ready.chosen.path.as_posix()
    kept = f"Kept for those who may read it: {_shown(folder, options.root)}"
    started = time.monotonic()
    try:
        notebook = STUDIES[chosen.study].notebook(options.root)
        executed = execute(notebook, chosen.parameters.as_values(), folder, options.root, progress)
        prepared = prepare(
            chosen,
            executed,
            ready.tables.source,
            ready.fingerprint,
            pseudonyms(ready.tables),
            {"execution": time.monotonic() - started},
            options.root,
        )
    except (ExecutionFailed, HarvestError) as error:
        return Outcome(where, "failed", str(error), (kept,))
    except Refused as error:
        return Outcome(where, "failed", "The report could not be made.", (*map(str, error.faults), kept))
    if prepared.findings:
        return Outcome(where, "withheld", "A release check did not pass.", (*map(str, prepared.findings), kept))
    _publish(store, prepared, opened.record.id)
    shutil.rmtree(folder, ignore_errors=True)
    return Outcome(where, "published", prepared.manifest.version)


def _publish(store: Store, prepared: Prepared, run_id: str) -> None:
    manifest = prepared.manifest
    store.publish(manifest.study, manifest.name, manifest.version, prepared.files, run_id)


def _version_of(outcome: Outcome) -> str | None:
    return outcome.told if outcome.state == "published" else None


def _why(last: Version | None, ready: Ready, options: RunOptions) -> str:
    if last is None:
        return "never published before"
    changed = changed_parts(last.manifest.fingerprint, ready.fingerprint)
    return f"changed: {', '.join(changed)}" if changed else "forced"


def _private_folder(root: Path, chosen: ParameterSet) -> Path:
    runs = private_folder(root) / "runs"
    runs.mkdir(mode=0o700, exist_ok=True)
    folder = runs / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{chosen.study}-{chosen.name}-{os.getpid()}"
    folder.mkdir(mode=0o700)
    return folder


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
            raise Refused(
                Fault(
                    chosen.path.as_posix(), "another run of it is under way.", "Wait until that one has ended."
                )
            ) from None
        yield
