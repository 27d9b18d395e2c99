"""The lines of a bulk export: which kinds of resources the files hold, and one kind's lines in a staged table.

The engine streams the files; of a line, only the elements that are declared are read.
"""

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import duckdb

from workbench.ingest.fhir.macros import META, define_macros, quoted
from workbench.ingest.fhir.settings import FhirFeed
from workbench.ingest.reading import Export
from workbench.refusal import Fault, Refused
from workbench.tables.soundness import require_sound

READ = "read_json(?, format = 'newline_delimited', ignore_errors = true, filename = true, columns = {{{}}})"
KIND = "[A-Z][A-Za-z]{1,63}"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GLOBBED = frozenset("*?[]")


@dataclass(frozen=True)
class Census:
    """How many lines of each kind of resource there are, and in which files; "" is for lines that name none."""

    lines: Mapping[str, int]
    files: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Stage:
    """Where lines are staged: the export, what the source file says of it, and what is in it."""

    export: Export
    feed: FhirFeed
    census: Census
    made: list[str] = field(default_factory=list)

    def has(self, kind: str) -> bool:
        """Whether the export has lines of a kind of resource."""
        return bool(self.census.lines.get(kind))

    def table(self, name: str) -> str:
        """The name of a staged table of this feed."""
        return f"{self.export.prefix}{name}"

    def run(self, statement: str, *values: object) -> list[tuple]:
        """The rows of a statement."""
        return self.export.engine.execute(statement, list(values)).fetchall()

    def make(self, name: str, query: str, *values: object) -> str:
        """Stage what a query tells; the full name of the table."""
        table = self.table(name)
        self.run(f"CREATE OR REPLACE TABLE {table} AS {query}", *values)
        self.made.append(table)
        return table

    @property
    def zone(self) -> str:
        """SQL of the zone of dates without a time."""
        return quoted(self.feed.time_zone)

    @property
    def exported(self) -> str:
        """SQL of the moment of the export."""
        return f"TIMESTAMPTZ '{self.export.exported_at.astimezone(UTC).isoformat()}'"

    @property
    def known(self) -> str:
        """SQL of the moment from which on a line was known: its last update, else the export."""
        return f"coalesce(fhir_moment(meta.lastUpdated, {self.zone}), {self.exported})"

    def drop_but(self, kept: set[str | None]) -> None:
        """Remove the tables that were made on the way."""
        for table in dict.fromkeys(self.made):
            if table not in kept:
                self.run(f"DROP TABLE {table}")

    def lines(self, kind: str, columns: Mapping[str, str], chosen: str) -> str:
        """Stage the lines of one kind of resource, each with its `id` and `known_at`.

        Args:
            kind: the type of resource.
            columns: the further elements that are read, and their shapes in SQL.
            chosen: what is kept of them: SQL of a SELECT's list.
        """
        columns = {"id": "VARCHAR", "meta": META, **columns}
        chosen = f"id, {self.known} AS known_at, {chosen}"
        files = self.census.files.get(kind, ())
        if not files:
            nothing = ", ".join(f'NULL::{shape} AS "{name}"' for name, shape in columns.items())
            return self.make(kind, f"SELECT {chosen} FROM (SELECT {nothing}) AS line LIMIT 0")
        source = READ.format(_declared({"resourceType": "VARCHAR", **columns}))
        query = f"SELECT {chosen} FROM {source} AS line WHERE resourceType = ?"
        return self.make(kind, query, list(files), kind)


def open_stage(export: Export, feed: FhirFeed) -> Stage:
    """Look through an export's files.

    Raises:
        Refused: a file is not sound, or holds lines that are no JSON objects.
    """
    define_macros(export.engine)
    faults = [fault for path in export.files for fault in _file_faults(path)]
    if faults:
        raise Refused(*faults)
    try:
        return Stage(export, feed, _census(export))
    except duckdb.InvalidInputException as error:
        if "maximum_object_size" not in str(error):
            raise
        what, mend = "a line is longer than 16 MB.", "Leave files of documents and pictures out of the pattern."
        raise Refused(Fault(f"feed {feed.name}", what, mend)) from None


def _declared(columns: Mapping[str, str]) -> str:
    return ", ".join(f"\"{name}\": '{shape}'" for name, shape in columns.items())


def _file_faults(path: Path) -> Iterator[Fault]:
    label = path.name
    try:
        require_sound(path, label)
    except Refused as refused:
        yield from refused.faults
        return
    if GLOBBED & set(str(path)):
        yield Fault(label, "its path holds one of the signs * ? [ ].", "Rename the file or its folder.")
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        marked = file.read(3) == BYTE_ORDER_MARK
    if marked:
        yield Fault(label, "it begins with a byte order mark.", "Export it as UTF-8 without one.")


def _census(export: Export) -> Census:
    source = READ.format(_declared({"resourceType": "VARCHAR"}))
    rows = export.engine.execute(
        f"SELECT filename, coalesce(regexp_extract(resourceType, '^{KIND}$'), '') AS kind, count(*) "
        f"FROM {source} GROUP BY ALL ORDER BY ALL",
        [[str(path) for path in export.files]],
    ).fetchall()
    _require_objects(export, [name for name, kind, _ in rows if not kind])
    lines: Counter[str] = Counter()
    files: defaultdict[str, list[str]] = defaultdict(list)
    for name, kind, count in rows:
        lines[kind] += count
        files[kind].append(name)
    return Census(lines, {kind: tuple(names) for kind, names in files.items()})


def _require_objects(export: Export, suspected: list[str]) -> None:
    """Refuse files with lines that are no JSON object; `suspected` have lines without a type of resource."""
    if not suspected:
        return
    rows = export.engine.execute(
        "SELECT filename, count(*) FROM read_ndjson_objects(?, ignore_errors = true, filename = true) "
        "WHERE json IS NULL OR json_type(json) <> 'OBJECT' GROUP BY filename ORDER BY filename",
        [suspected],
    ).fetchall()
    if rows:
        mend = "Export it again as NDJSON: one resource a line."
        raise Refused(
            *(
                Fault(Path(name).name, f"{count:,} {'line is' if count == 1 else 'lines are'} no JSON.", mend)
                for name, count in rows
            )
        )
