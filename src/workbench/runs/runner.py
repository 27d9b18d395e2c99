"""Running parameter sets: check them all first, then run each that is ready, one after the other or several at once."""

import re
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from workbench.parameters.allowed import NAME_PATTERN
from workbench.parameters.sets import find_parameter_files, read_parameter_set
from workbench.refusal import Fault, Refused
from workbench.reports.catalogue_page import CATALOGUE_FILE, write_catalogue
from workbench.reports.records import mark_lost
from workbench.reports.store import Store
from workbench.runs.attempt import Ready, RunOptions, record_outcome, run_ready
from workbench.runs.cluster import run_on_cluster
from workbench.runs.due import due_slots
from workbench.runs.execution import Progress
from workbench.runs.fingerprint import fingerprint
from workbench.runs.notification import notify
from workbench.runs.outcome import Outcome, exit_code, refused
from workbench.runs.precheck import check_set
from workbench.runs.studies import MODELS, STUDIES
from workbench.runs.workers import run_side_by_side
from workbench.settings import read_settings
from workbench.tables.source import DataAbsent

Tell = Callable[[str], None]


def run_sets(
    paths: Sequence[Path],
    options: RunOptions,
    tell: Tell,
    progress: Callable[[str], Progress],
    jobs: int = 1,
    cluster: str | None = None,
) -> int:
    """Run parameter sets and return the exit code.

    Args:
        paths: files or folders of parameter sets.
        options: of the run.
        tell: told each line of the summary, and what was lost before.
        progress: for a set's name, gives what is told of its cells.
        jobs: how many sets run at once, each in a process of its own where it is more than one.
        cluster: the address of a Dask scheduler, to run the sets on its workers.

    Raises:
        Refused: the paths name no parameter set, the project's settings are wrong, or there is no such cluster.
    """
    store, settings = Store(options.store), read_settings(options.root)
    files = find_parameter_files(paths, options.root)
    if not options.dry_run:
        _require_writable(store)
        _settle(store, tell)
    slots = (
        due_slots(files, options.root, options.due, store.records()) if options.due else dict.fromkeys(files)
    )
    if not slots:
        tell("Nothing is due.")
    checked = [_told(_check(file, options, store, slot), tell) for file, slot in slots.items()]
    ready = [each for each in checked if isinstance(each, Ready)]
    outcomes = [each for each in checked if isinstance(each, Outcome)]
    outcomes += _run(ready, options, tell, progress, jobs, cluster)
    if not options.dry_run:
        write_catalogue(store)
        notify(store, settings.notification, options.root, tell)
        tell(f"Catalogue: {store.folder / CATALOGUE_FILE}")
    return exit_code(outcomes, started=bool(ready))


def _run(
    ready: Sequence[Ready],
    options: RunOptions,
    tell: Tell,
    progress: Callable[[str], Progress],
    jobs: int,
    cluster: str | None,
) -> list[Outcome]:
    def ended(outcome: Outcome) -> None:
        _told(outcome, tell)

    if cluster and ready and not options.dry_run:
        return run_on_cluster(ready, options, cluster, ended)
    if min(jobs, len(ready)) > 1 and not options.dry_run:
        return run_side_by_side(ready, options, min(jobs, len(ready)), progress, ended)
    return [_told(run_ready(each, options, progress), tell) for each in ready]


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


def _check(file: Path, options: RunOptions, store: Store, slot: datetime | None) -> Ready | Outcome:
    """Everything that can be known of a parameter set before a kernel starts."""
    where = file.relative_to(options.root).as_posix() if file.is_relative_to(options.root) else file.as_posix()
    try:
        today = datetime.now(UTC).date()
        chosen = read_parameter_set(file, options.root, MODELS, today, options.as_of)
        tables = check_set(chosen, options.root)
        return Ready(chosen, fingerprint(chosen, tables, options.root), slot)
    except DataAbsent as absent:
        return _refused_or_skipped(Outcome(where, "skipped", str(absent)), file, options, store)
    except Refused as error:
        return _refused_or_skipped(refused(where, error.faults), file, options, store)


def _refused_or_skipped(outcome: Outcome, file: Path, options: RunOptions, store: Store) -> Outcome:
    """Leave a record of a set that did not come to run, where its place in the store is known."""
    study, name = file.parent.name, file.stem
    known = study in STUDIES and re.fullmatch(NAME_PATTERN, name)
    if known and not options.dry_run and not (options.due and _is_recorded(store, study, name, outcome)):
        record_outcome(store, study, name, outcome)
    return outcome


def _is_recorded(store: Store, study: str, name: str, outcome: Outcome) -> bool:
    """Whether the last record of the set says the same: one that is due is tried by every call until it can run."""
    last = next((r for r in reversed(store.records()) if (r.study, r.name) == (study, name)), None)
    return last is not None and (last.state, last.reason) == (outcome.state, outcome.reason)
