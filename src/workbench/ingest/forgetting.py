"""`workbench forget`: what is held of a person is erased, and no later export brings it back."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from cryptography.fernet import Fernet

from workbench.ingest import identity
from workbench.ingest.crosswalk import FILE as CROSSWALK
from workbench.ingest.crosswalk import keep_crosswalk, open_crosswalk
from workbench.ingest.generations import new_generation, older_generations, one_at_a_time, remove
from workbench.ingest.handed_back import erase as erase_handed_back
from workbench.ingest.ingesting import private_engine
from workbench.ingest.keys import RECORD
from workbench.ingest.listed_people import REVIEW_LISTS
from workbench.project import private_folder
from workbench.protection.audit import audit
from workbench.protection.key import read_key
from workbench.protection.private_files import FILE_MODE
from workbench.refusal import Fault, Refused
from workbench.tables.assigned import drawn_folder
from workbench.tables.generation import current_generation
from workbench.tables.source import ingested_location, read_source, source_path


@dataclass(frozen=True)
class Forgotten:
    """What an erasure did.

    Attributes:
        people: how many were erased.
        rows: rows erased, by table or protected list.
        files: other protected files in which rows were erased.
        runs: private folders of runs that were removed whole, since they may have held rows.
    """

    people: int
    rows: dict[str, int]
    files: int
    runs: int


def forget(name: str, records: Sequence[str], root: Path) -> Forgotten:
    """Erase people from the source `params/sources/<name>.yaml`.

    Their keys stay as salted hashes inside the encrypted crosswalk, so that a later export does not bring them
    back. Older generations of the tables go too, and so do the private folders of runs, which may hold rows.

    Args:
        name: the source's name.
        records: record numbers.
        root: the project's root.

    Raises:
        Refused: the source is not ingested, or one of the record numbers is nobody's; then nothing is erased.
    """
    source = read_source(source_path(name, root), root)
    location = ingested_location(source, root)
    before = current_generation(location)
    if source.ingest is None or before is None:
        what = "its tables were not made by workbench ingest, so that nobody can be found by a record number."
        raise Refused(Fault(f"source {name}", what, "Erase the person where the tables come from."))
    key = read_key()
    with one_at_a_time(location), private_engine(location) as engine:
        audit(root, "crosswalk opened", name, purpose="erasure")
        salt = _find(engine, records, before, key)
        people = len(engine.table("going"))
        # What cannot be recorded is not done.
        audit(root, "forgotten", name, people=people)
        with new_generation(location) as new:
            rows = _copy_without(engine, before, new)
            keep_crosswalk(identity.unload_crosswalk(engine, salt), new, key)
        remove(older_generations(location, keep=1))
        private = private_folder(root)
        files = sum(
            _erase_elsewhere(engine, place)
            for place in (private / "segments", drawn_folder(name, root), private / REVIEW_LISTS / name)
        )
        files += erase_handed_back(root, name, {record.strip() for record in records})
        runs = _remove_runs(private_folder(root) / "runs")
    return Forgotten(people, rows, files, runs)


def _find(engine: duckdb.DuckDBPyConnection, records: Sequence[str], before: Path, key: Fernet) -> str:
    """`going` (pseudonym): the people to erase, out of the crosswalk already; returns its salt."""
    crosswalk = open_crosswalk(before, key)
    identity.load_crosswalk(engine, crosswalk)
    asked = sorted({record.strip() for record in records if record.strip()})
    if not asked:
        raise Refused(Fault("record numbers", "none is given.", "Give one on each line."))
    engine.execute("CREATE TABLE asked (value VARCHAR)")
    engine.executemany("INSERT INTO asked VALUES (?)", [[record] for record in asked])
    engine.execute(
        f"""
        CREATE TABLE going AS
        SELECT DISTINCT pseudonym FROM who_keys JOIN asked USING (value) WHERE kind = '{RECORD}'
        """
    )
    found = engine.execute(
        f"SELECT count(*) FROM asked WHERE value IN (SELECT value FROM who_keys WHERE kind = '{RECORD}')"
    ).fetchone()
    unknown = len(asked) - (found[0] if found else 0)
    if unknown:
        what = f"{unknown:,} of the {len(asked):,} given belong to nobody; nothing was erased."
        raise Refused(
            Fault("record numbers", what, "Correct them; those erased before need not be named again.")
        )
    engine.execute(
        f"""
        INSERT INTO who_erased
        SELECT {identity.erased_digest(crosswalk.salt)} FROM who_keys WHERE pseudonym IN (FROM going);
        DELETE FROM who_keys WHERE pseudonym IN (FROM going);
        DELETE FROM who_contacts WHERE pseudonym IN (FROM going);
        """
    )
    return crosswalk.salt


def _copy_without(engine: duckdb.DuckDBPyConnection, before: Path, new: Path) -> dict[str, int]:
    """Every file of a generation but the crosswalk, without the rows of those who go; how many went from each."""
    gone = {}
    for path in sorted(before.iterdir()):
        if path.suffix == ".parquet":
            gone[path.stem] = _without(engine, path, new / path.name)
        elif path.name != CROSSWALK:
            shutil.copyfile(path, new / path.name)
            (new / path.name).chmod(FILE_MODE)
    return {name: rows for name, rows in gone.items() if rows}


def _without(engine: duckdb.DuckDBPyConnection, path: Path, to: Path) -> int:
    """Copy a table without the rows of those who go; returns how many these are."""
    columns = [column for column, *_ in engine.sql(f"DESCRIBE FROM '{path}'").fetchall()]
    going = "patient_id IN (FROM going)" if "patient_id" in columns else "false"
    engine.execute(f"COPY (FROM '{path}' WHERE NOT ({going})) TO '{to}' (FORMAT parquet, COMPRESSION zstd)")
    to.chmod(FILE_MODE)
    found = engine.execute(f"SELECT count(*) FROM '{path}' WHERE {going}").fetchone()
    return found[0] if found else 0


def _erase_elsewhere(engine: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Other protected files by pseudonym, such as who is in which segment; returns how many had rows to erase."""
    erased = 0
    for path in sorted(folder.rglob("*.parquet")):
        beside = path.with_suffix(".partial")
        if _without(engine, path, beside):
            erased += 1
            beside.replace(path)
        else:
            beside.unlink()
    return erased


def _remove_runs(folder: Path) -> int:
    runs = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    for path in runs:
        shutil.rmtree(path)
    return len(runs)
