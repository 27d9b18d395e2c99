"""A mapping proposed for a flat file: which canonical table it may be, and which column is what."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from workbench.ingest.drafting.lines import FILL, Check
from workbench.ingest.drafting.profile import Kind, Profile, plain
from workbench.ingest.drafting.vocabulary import NAMES, RECORD_NAMES, canonical_word, fits
from workbench.ingest.mapped.settings import KNOWN_AT, PATIENT
from workbench.tables.schema import NUMBER, TABLES, TIME, TRUTH, WHOLE, vocabulary_of

CLOCKED = (Kind.CLOCK, Kind.MOMENT)
NUMBERED = (Kind.WHOLE, Kind.NUMBER)
AGE = "age"
# Of the columns that a table cannot do without, the share that must be recognized.
FEWEST_NEEDED = 0.3


def flat_feed(path: PurePath, columns: Sequence[Profile]) -> dict[str, Any] | None:
    """The entry under `feeds` for a flat file; None where its columns look like no canonical table's."""
    found = {name: dict(_matched(name, columns)) for name in NAMES}
    name = max(NAMES, key=lambda table: _score(table, found[table], path))
    if _score(name, found[name], path)[0] < FEWEST_NEEDED:
        return None
    person = _person(columns) if PATIENT in TABLES[name].columns else None
    table: dict[str, Any] = {}
    if person is not None:
        table["person"] = person
    table["columns"] = dict(_columns(name, found[name], person))
    sure = "which canonical table this is, and that each column means what stands here"
    return {"reads": "table", "files": path.name, "tables": Check({name: table}, sure)}


def unused(feed: dict[str, Any], columns: Sequence[Profile]) -> list[str]:
    """The names of columns that a proposed feed does not read."""
    read = set(_texts(feed))
    return [column.name for column in columns if column.name not in read]


def _matched(table: str, columns: Sequence[Profile]) -> Iterator[tuple[str, Profile]]:
    """The canonical columns of a table that one of the columns may be, the best names first."""
    taken: set[str] = set()
    candidates = sorted(
        (
            (place, len(fitting.plain.split()) - len(called.split()), canonical, fitting)
            for canonical, names in NAMES[table].items()
            for place, called in enumerate((plain(canonical), *names))
            for fitting in columns
            if fits(called, fitting.plain) and _can_be(table, canonical, fitting)
        ),
        key=lambda candidate: candidate[:2],
    )
    given: set[str] = set()
    for _, _, canonical, column in candidates:
        if canonical not in given and column.name not in taken:
            given.add(canonical)
            taken.add(column.name)
            yield canonical, column


def _can_be(table: str, canonical: str, column: Profile) -> bool:
    """Whether what a column holds can be made the canonical type."""
    declared = TABLES[table].columns[canonical].dtype.type
    if declared == TIME:
        return column.kind in CLOCKED
    if declared in (NUMBER, WHOLE):
        return column.kind is Kind.WHOLE or (declared == NUMBER and column.kind is Kind.NUMBER)
    if declared == TRUTH:
        return set(column.words) <= {"0", "1", "true", "false", "True", "False"} and bool(column.words)
    return column.kind not in (*CLOCKED, Kind.EMAIL, Kind.PHONE, Kind.EMPTY)


def _score(table: str, found: dict[str, Profile], path: PurePath) -> tuple[float, int]:
    """How much speaks for a table: the share of what it cannot do without, then how much of it is there."""
    needed = [name for name in _needed(table) if name in NAMES[table]]
    called = 1 if plain(table).rstrip("s").split()[0] in plain(path.stem) else 0
    there = sum(name in found for name in needed) / max(len(needed), 1)
    return (round(there, 2) + called, len(found))


def _needed(table: str) -> list[str]:
    columns = TABLES[table].columns
    return [name for name in columns if columns[name].required and name not in (PATIENT, KNOWN_AT)]


def _person(columns: Sequence[Profile]) -> dict[str, Any]:
    named = (column for called in RECORD_NAMES for column in columns if fits(called, column.plain))
    record = next((column for column in named if column.kind not in (*CLOCKED, Kind.EMAIL, Kind.EMPTY)), None)
    if record is not None:
        return {"record": Check(record.name, "that this is the provider's record number")}
    for kind, key in ((Kind.PHONE, "phone"), (Kind.EMAIL, "email")):
        column = next((column for column in columns if column.kind is kind), None)
        if column is not None:
            return {key: Check(column.name, "the person is found by this contact point alone")}
    return {"record": Check(FILL, "the column of record numbers; or phone, or email, with their column")}


def _columns(table: str, found: dict[str, Profile], person: dict[str, Any] | None) -> Iterator[tuple[str, Any]]:
    named = {given.value for given in (person or {}).values()}
    for canonical in TABLES[table].columns:
        column = found.get(canonical)
        if column is not None and column.name not in named:
            yield canonical, _mapping(table, canonical, column)
        elif canonical in _needed(table):
            yield canonical, _unknown(table, canonical)


def _unknown(table: str, canonical: str) -> Check:
    allowed = vocabulary_of(table, canonical)
    if allowed:
        return Check({"constant": FILL}, f"a column, or one of {', '.join(allowed)}")
    return Check({"column": FILL}, "the column that tells this; or a constant")


def _mapping(table: str, canonical: str, column: Profile) -> Any:
    if canonical == "birth_year" and AGE in column.plain.split():
        return {"age": column.name, "in_year": Check(FILL, "the year in which people had that age")}
    if column.typed:
        return {"column": column.name}
    if column.kind is Kind.MOMENT:
        return {"moment": Check(column.name, "that its offset is true, not a Z written after local times")}
    if column.kind is Kind.CLOCK:
        return _clock(column)
    allowed = vocabulary_of(table, canonical)
    if not allowed:
        return {"column": column.name}
    if not column.words:
        why = f"each of its words, and which of {', '.join(allowed)} it is"
        return {"column": column.name, "values": Check({FILL: FILL}, why)}
    return {"column": column.name, "values": {word: _word(word, column, allowed) for word in column.words}}


def _word(word: str, column: Profile, allowed: tuple[str, ...]) -> Check | str:
    asks_for = canonical_word(column.plain, allowed)
    if word.lower() in ("yes", "no", "true", "false", "1", "0") and asks_for == "no_show":
        return "no_show" if word.lower() in ("yes", "true", "1") else "attended"
    guessed = canonical_word(word, allowed)
    return guessed if guessed is not None else Check(FILL, f"one of {', '.join(allowed)}")


def _clock(column: Profile) -> dict[str, Any]:
    clock: dict[str, Any] = {
        "local_time": column.name,
        "time_zone": Check(FILL, "the zone of the clock, such as America/New_York"),
    }
    if column.format is not None:
        clock["format"] = Check(column.format, "month or day first") if column.doubtful else column.format
    return clock


def _texts(value: Any) -> Iterator[str]:
    """Every text in a proposed feed."""
    match value:
        case Check():
            yield from _texts(value.value)
        case dict():
            for entry in value.values():
                yield from _texts(entry)
        case list():
            for entry in value:
                yield from _texts(entry)
        case str():
            yield value
