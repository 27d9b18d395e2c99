"""`workbench ingest`: exports become canonical tables, whole or not at all."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from cryptography.fernet import Fernet

from workbench.ingest import identity
from workbench.ingest.accounts import FeedTold, IngestAccount
from workbench.ingest.crosswalk import Crosswalk, keep_crosswalk, open_crosswalk
from workbench.ingest.exports import exported_at, exports_folder, files_of, reader_of, told_of
from workbench.ingest.filling import gather_lists, table_before, write_lists, write_tables, write_watch_list
from workbench.ingest.generations import new_generation, older_generations, one_at_a_time, remove
from workbench.ingest.identity import PROTECTED, Known, Resolved
from workbench.ingest.keys import VENDOR_KEYS
from workbench.ingest.merging import KEYS, Incoming, Leaving, Merged, merge
from workbench.ingest.part2 import leaving_under_part2
from workbench.ingest.reading import Export, Fed
from workbench.ingest.settings import IngestSettings, Part2, read_ingest_settings
from workbench.protection.audit import audit
from workbench.protection.key import read_key
from workbench.protection.private_files import private_folder_at
from workbench.refusal import Fault, Refused
from workbench.tables.generation import current_generation
from workbench.tables.schema import TABLES
from workbench.tables.source import ingested_location, read_source, source_path

Tell = Callable[[str], None]

# Consents come first: whether other rows may stand there can depend on them.
ORDER = ("consents", *(name for name in TABLES if name != "consents"))
RETRACTED = "taken back by the vendor"


@dataclass(frozen=True)
class _Placed(Fed):
    """What a feed gave, with pseudonyms in the place of vendors' names: by canonical table, and by protected list."""

    tables: dict[str, Resolved]
    lists: dict[str, Resolved]


@dataclass(frozen=True)
class _Done:
    """What an ingest made of its feeds; `generation` is None where nothing changed."""

    fed: Sequence[_Placed]
    people: Known
    merged: Sequence[Merged]
    lists: dict[str, int]
    generation: Path | None


def ingest(name: str, root: Path, tell: Tell) -> IngestAccount:
    """Ingest the source `params/sources/<name>.yaml`.

    Args:
        name: the source's name.
        root: the project's root.
        tell: told what is under way.

    Raises:
        Refused: with everything that is wrong; the tables are as they were.
        DataAbsent: the exports are not on this machine.
    """
    path = source_path(name, root)
    source, settings = read_source(path, root), read_ingest_settings(path, root)
    folder = exports_folder(settings, source.title, root)
    key = read_key()
    location = ingested_location(source, root)
    with one_at_a_time(location), private_engine(location) as engine:
        audit(root, "crosswalk opened", name, purpose="ingest")
        fed = _read_feeds(settings, folder, engine, root, tell)
        done = _place(fed, settings.part2, location, key, engine, tell)
        account = _account(name, location.relative_to(root).as_posix(), done, settings, folder, root)
        account.keep(location)
        audit(
            root,
            "ingest",
            name,
            generation=done.generation.name if done.generation else None,
            new=sum(each.new for each in done.merged),
            changed=sum(each.changed for each in done.merged),
        )
        if older := older_generations(location):
            audit(root, "pruned", name, generations=len(older))
            remove(older)
        for listed, rows in account.lists.items():
            if done.generation:
                audit(root, "protected file written", f"{name}: {listed}", rows=rows)
    return account


@contextmanager
def private_engine(location: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine in UTC whose rows lie in a private folder, which is gone afterwards.

    Raises:
        Refused: memory or disk do not suffice; the engine's own message is not repeated.
    """
    work = Path(tempfile.mkdtemp(prefix=".ingest-", dir=private_folder_at(location)))
    try:
        with duckdb.connect(work / "staged.duckdb", config={"temp_directory": str(work / "spilled")}) as engine:
            engine.execute("SET TimeZone = 'UTC'")
            yield engine
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        what = f"the engine could not go on ({type(error).__name__}); the tables are as they were."
        raise Refused(
            Fault(location.name, what, "Make room in memory and on the disk, or report it.")
        ) from None
    finally:
        shutil.rmtree(work)


def _read_feeds(
    settings: IngestSettings, folder: Path, engine: duckdb.DuckDBPyConnection, root: Path, tell: Tell
) -> list[Fed]:
    """Every feed read, or everything that is wrong with any of them."""
    read: list[Fed] = []
    faults: list[Fault] = []
    for number, feed in enumerate(settings.feeds):
        try:
            files = files_of(feed, folder)
            at = exported_at(feed, files)
            tell(f"Reading {feed.name}: {len(files)} {'file' if len(files) == 1 else 'files'}")
            reading = reader_of(feed)(Export(engine, files, f"feed{number}_", at, root), feed)
            read.append(Fed(feed.name, at, reading))
        except Refused as refused:
            faults += refused.faults
    if faults:
        raise Refused(*faults)
    return read


def _place(
    fed: Sequence[Fed],
    part2: Part2 | None,
    location: Path,
    key: Fernet,
    engine: duckdb.DuckDBPyConnection,
    tell: Tell,
) -> _Done:
    """Give rows to people, hold them against what was there, and put a new generation in place if anything changed."""
    before = current_generation(location)
    crosswalk = open_crosswalk(before, key)
    tell("Finding out who is who")
    identity.load_crosswalk(engine, crosswalk)
    people = identity.register(engine, fed, crosswalk.salt)
    placed = [_placed(engine, each, crosswalk.salt) for each in fed]
    tell("Holding what came against what was there")
    merged = _merge_all(engine, placed, part2, before, crosswalk.salt)
    after = identity.unload_crosswalk(engine, crosswalk.salt)
    lists = gather_lists(engine, _listed(placed), before)
    done = _Done(placed, people, merged, lists, None)
    if before is not None and _same(crosswalk, after) and not any(each.differs for each in merged):
        return done
    tell("Writing the tables")
    with new_generation(location) as new:
        write_tables(engine, merged, before, new)
        write_lists(engine, tuple(lists), new)
        keep_crosswalk(after, new, key)
        watched = [each.reading.watched for each in fed if each.reading.watched is not None]
        write_watch_list(engine, watched, before, new)
    return replace(done, generation=current_generation(location))


def _placed(engine: duckdb.DuckDBPyConnection, fed: Fed, salt: str) -> _Placed:
    reading = fed.reading
    return _Placed(
        fed.feed,
        fed.exported_at,
        reading,
        {name: identity.resolve(engine, name, staged, salt) for name, staged in reading.tables.items()},
        {name: identity.resolve(engine, PROTECTED, staged, salt) for name, staged in reading.protected.items()},
    )


def _listed(placed: Sequence[_Placed]) -> dict[str, list[str]]:
    names = {name for each in placed for name in each.lists}
    return {name: [each.lists[name].table for each in placed if name in each.lists] for name in names}


def _merge_all(
    engine: duckdb.DuckDBPyConnection,
    placed: Sequence[_Placed],
    part2: Part2 | None,
    before: Path | None,
    salt: str,
) -> list[Merged]:
    merged: list[Merged] = []
    for name in ORDER:
        incoming = [
            Incoming(each.tables[name].table, each.exported_at) for each in placed if name in each.tables
        ]
        there = table_before(name, before)
        if incoming or there is not None:
            consents = any(each.name == "consents" for each in merged)
            leaving = (
                *leaving_under_part2(part2, name, consents=consents),
                *_retracted(name, placed, salt),
            )
            merged.append(merge(engine, name, incoming, there, leaving))
    return sorted(merged, key=lambda each: list(TABLES).index(each.name))


def _retracted(name: str, fed: Sequence[Fed], salt: str) -> Iterator[Leaving]:
    key = KEYS.get(name, ("",))[0]
    if key not in VENDOR_KEYS:
        return
    value = identity.hashed("value", VENDOR_KEYS[key], salt)
    for each in fed:
        if each.reading.retracted is not None:
            taken_back = f"SELECT {value} FROM {each.reading.retracted} WHERE table_name = '{name}'"
            yield Leaving(RETRACTED, f"{key} IN ({taken_back})")


def _same(before: Crosswalk, after: Crosswalk) -> bool:
    return all(getattr(before, name).equals(getattr(after, name)) for name in ("keys", "contacts", "erased"))


def _account(
    name: str, location: str, done: _Done, settings: IngestSettings, folder: Path, root: Path
) -> IngestAccount:
    files = {
        feed.name: tuple(told_of(path, folder) for path in files_of(feed, folder)) for feed in settings.feeds
    }
    feeds = tuple(
        FeedTold(each.feed, each.exported_at, files[each.feed], each.reading.accounts, each.tables)
        for each in done.fed
    )
    return IngestAccount(
        source=name,
        location=location,
        at=datetime.now(UTC),
        feeds=feeds,
        people=done.people,
        tables=tuple(done.merged),
        lists={listed: rows for listed, rows in done.lists.items() if rows},
        generation=done.generation.relative_to(root.resolve()).as_posix() if done.generation else None,
    )
