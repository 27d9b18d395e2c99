"""`workbench check`: sources and parameter sets looked over, without running anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.ingest.settings import read_ingest_settings
from workbench.ingest.sms.reply_words import read_reply_words
from workbench.ingest.sms.templates import read_templates
from workbench.parameters.sets import find_parameter_files, read_parameter_set
from workbench.refusal import Fault, Refused
from workbench.runs.abilities import abilities, abilities_in_words
from workbench.runs.findings import source_findings
from workbench.runs.precheck import check_set, unqueried
from workbench.runs.studies import MODELS
from workbench.tables.known import Tables
from workbench.tables.opening import open_tables
from workbench.tables.schema import TABLES
from workbench.tables.source import REGISTRIES, DataAbsent, read_source
from workbench.tables.validation import absence_faults, row_faults

Tell = Callable[[str], None]


def check_paths(paths: Sequence[Path], root: Path, tell: Tell) -> int:
    """Check each file or folder; returns 0 where all is well, 1 where something is not."""
    sources: list[Path] = []
    others: list[Path] = []
    for path in paths:
        (sources if _is_source(path, root) else others).append(path)
    files = find_parameter_files(others, root) if others else ()
    well = [_check_source(path, root, tell) for given in sources for path in _source_files(given, root)]
    well += [_check_set(path, root, tell) for path in files]
    return 0 if all(well) else 1


def _is_source(path: Path, root: Path) -> bool:
    folder = (root / "params" / "sources").resolve()
    resolved = _located(path, root).resolve()
    return resolved == folder or folder in resolved.parents


def _located(path: Path, root: Path) -> Path:
    return path if path.exists() else root / path


def _source_files(path: Path, root: Path) -> list[Path]:
    found = _located(path, root).resolve()
    if not found.exists():
        raise Refused(Fault(path.as_posix(), "there is no such file or folder.", "Name one of params/sources."))
    return sorted(found.glob("*.yaml")) if found.is_dir() else [found]


def _check_source(path: Path, root: Path, tell: Tell) -> bool:
    if path.stem in REGISTRIES:
        return _check_registry(path, root.resolve(), tell)
    where = path.relative_to(root.resolve()).as_posix()
    try:
        source = read_source(path, root.resolve())
        if source.ingest is not None:
            read_ingest_settings(path, root.resolve())
        tables = open_tables(source, root)
        looked = _look_over(tables)
    except DataAbsent as absent:
        tell(f"skipped      {where}: {absent}")
        return True
    except Refused as refused:
        return _refused(where, refused.faults, tell)
    except Exception as error:  # noqa: BLE001 - engines raise errors of many kinds
        return _refused(where, (unqueried(where, error),), tell)
    if looked.faults:
        _refused(where, looked.faults, tell)
    else:
        tell(f"ok           {where}: {_described(tables)}")
    for line in looked.told:
        tell(f"  {line}")
    return not looked.faults


@dataclass(frozen=True)
class _Looked:
    """The faults of a source's tables; then its findings, and the studies it can run, a line each."""

    faults: tuple[Fault, ...]
    told: tuple[str, ...]


def _look_over(tables: Tables) -> _Looked:
    known = tables.ever_known()
    by_table = {
        name: (*absence_faults(tables, {name: ()}), *row_faults(tables, known, [name])) for name in tables.names
    }
    faults = tuple(fault for found in by_table.values() for fault in found)
    findings = source_findings(known, datetime.now(UTC))
    faulty = [name for name, found in by_table.items() if found]
    return _Looked(faults, (*findings, *abilities_in_words(abilities(tables, faulty))))


def _check_registry(path: Path, root: Path, tell: Tell) -> bool:
    """Whether the texts that are sent, or the words of replies, are told as they must be."""
    where = path.relative_to(root).as_posix()
    try:
        if path.stem == "templates":
            described = _counted(len(read_templates(path, root).templates), "template")
        else:
            described = f"words in {_counted(len(read_reply_words(path, root).languages), 'language')}"
    except Refused as refused:
        return _refused(where, refused.faults, tell)
    tell(f"ok           {where}: {described}")
    return True


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing if count == 1 else thing + 's'}"


def _described(tables: Tables) -> str:
    missing = [name for name in TABLES if name not in tables.names]
    unrecorded = tables.source.not_recorded.named()
    told = f"{len(tables.names)} tables"
    if missing:
        told += f"; without {', '.join(missing)}"
    if unrecorded:
        told += f"; not recorded: {', '.join(unrecorded)}"
    return told


def _check_set(path: Path, root: Path, tell: Tell) -> bool:
    where = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    try:
        check_set(read_parameter_set(path, root, MODELS, datetime.now(UTC).date()), root)
    except DataAbsent as absent:
        tell(f"skipped      {where}: {absent}")
        return True
    except Refused as refused:
        return _refused(where, refused.faults, tell)
    tell(f"ok           {where}")
    return True


def _refused(where: str, faults: Sequence[Fault], tell: Tell) -> bool:
    tell(f"refused      {where}: {len(faults)} {'fault' if len(faults) == 1 else 'faults'}")
    for fault in faults:
        tell(f"  {fault}")
    return False
