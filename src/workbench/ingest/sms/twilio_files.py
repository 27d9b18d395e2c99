"""The files of Twilio's message log as rows of text, in the same columns whether they are CSV or JSON lines."""

import csv
import gzip
from collections.abc import Collection
from pathlib import Path

import duckdb

from workbench.ingest.sms.statements import literal
from workbench.refusal import Fault, Refused
from workbench.tables.soundness import require_sound

# The columns of a message; JSON lines call them so, a CSV writes "NumSegments", and "SentDate" for date_sent.
COLUMNS = (
    "sid",
    "from",
    "to",
    "body",
    "status",
    "direction",
    "error_code",
    "num_segments",
    "price",
    "price_unit",
    "date_sent",
    "date_created",
    "date_updated",
)
NEEDED = ("sid", "from", "to", "body", "status")
TIMES = ("date_sent", "date_created")
TABLE_ENDINGS = (".csv", ".csv.gz")
LINE_ENDINGS = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")
DIALECT = "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"'"
# More broken lines than these are not counted one by one.
MOST_COUNTED = 100_000


def is_table(path: Path) -> bool:
    """Whether a file is CSV."""
    return path.name.endswith(TABLE_ENDINGS)


def rows_of(path: Path, *, knows_own_numbers: bool) -> str:
    """An SQL query for a file's rows: `COLUMNS` as text, null where the file has none of the name.

    Args:
        path: a CSV file or JSON lines, plain or .gz.
        knows_own_numbers: whether own numbers tell who wrote, where the file does not.

    Raises:
        Refused: the file is not what it seems to be, or lacks columns.
    """
    if is_table(path):
        require_sound(path, path.name, delimited=True)
        names = _header(path)
        found = _canonical(names, path)
        scan = _table_scan(path, names)
    elif path.name.endswith(LINE_ENDINGS):
        require_sound(path, path.name)
        found = {column: column for column in COLUMNS}
        scan = _lines_scan(path)
    else:
        what = "it is neither CSV nor JSON lines."
        mend = f"Export it as one of {', '.join((*TABLE_ENDINGS, *LINE_ENDINGS))}."
        raise Refused(Fault(path.name, what, mend))
    _require_columns(path, found, knows_own_numbers)
    columns = (
        f"nullif(trim({_quoted(found[column])}), '') AS {_quoted(column)}"
        if column in found and column != "body"
        else f"{_quoted(found[column]) if column in found else 'NULL::VARCHAR'} AS {_quoted(column)}"
        for column in COLUMNS
    )
    return f"SELECT {', '.join(columns)} FROM {scan}"


def unread(path: Path) -> Refused:
    """The refusal of a file in which the engine met a line that it cannot read, with the number of such lines.

    The engine's own message is not repeated, since it quotes the line.
    """
    with duckdb.connect() as engine:
        count = _broken_rows(engine, path) if is_table(path) else _broken_lines(engine, path)
    lines = (
        "1 line" if count == 1 else f"{count:,} lines" if count < MOST_COUNTED else f"{count:,} lines or more"
    )
    kind = "columns as its header has" if is_table(path) else "JSON objects, one on each line"
    what = f"{lines if count else 'some lines'} cannot be read as {kind}."
    return Refused(Fault(path.name, what, "Export it again, and don't edit it by hand."))


def _header(path: Path) -> list[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file), [])


def _canonical(names: list[str], path: Path) -> dict[str, str]:
    """Column: the name it has in the file."""
    wanted = {column.replace("_", ""): column for column in COLUMNS} | {"sentdate": "date_sent"}
    found: dict[str, str] = {}
    twice = []
    for name in names:
        column = wanted.get("".join(filter(str.isalnum, name)).lower())
        if column in found:
            twice.append(column)
        elif column is not None:
            found[column] = name
    if twice or len(set(names)) < len(names):
        what = f"its header names {', '.join(twice) or 'a column'} twice."
        raise Refused(Fault(path.name, what, "Export it again."))
    return found


def _require_columns(path: Path, found: Collection[str], knows_own_numbers: bool) -> None:
    # What the header has instead is not repeated: a first row may be no header but a person's message.
    faults = [
        Fault(
            path.name, f'there is no column "{column}".', "Export the log with its header and all its columns."
        )
        for column in NEEDED
        if column not in found
    ]
    if not any(column in found for column in TIMES):
        faults.append(
            Fault(
                path.name, "no column says when messages were sent.", "Export it with SentDate, or date_sent."
            )
        )
    if "direction" not in found and not knows_own_numbers:
        what = "nothing says which messages were sent and which were received."
        mend = "Export it with Direction, or name the provider's numbers under own_numbers."
        faults.append(Fault(path.name, what, mend))
    if faults:
        raise Refused(*faults)


def _table_scan(path: Path, names: list[str], more: str = "") -> str:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return f"read_csv({literal(_glob_free(path))}, {DIALECT}, columns = {{{columns}}}{more})"


def _lines_scan(path: Path, more: str = "") -> str:
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in COLUMNS)
    return (
        f"read_json({literal(_glob_free(path))}, format = 'newline_delimited', columns = {{{columns}}}{more})"
    )


def _glob_free(path: Path) -> str:
    """The path with what the engine would take for a pattern escaped."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def _broken_rows(engine: duckdb.DuckDBPyConnection, path: Path) -> int:
    more = f", store_rejects = true, rejects_limit = {MOST_COUNTED}"
    try:
        engine.execute(f"SELECT count(*) FROM {_table_scan(path, _header(path), more)}").fetchall()
        counted = engine.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchone()
    except duckdb.Error:
        return 0
    return counted[0] if counted else 0


def _broken_lines(engine: duckdb.DuckDBPyConnection, path: Path) -> int:
    nothing = " AND ".join(f"{_quoted(column)} IS NULL" for column in COLUMNS)
    scan = _lines_scan(path, ", ignore_errors = true")
    try:
        counted = engine.execute(f"SELECT count(*) FROM {scan} WHERE {nothing}").fetchone()
    except duckdb.Error:
        return 0
    return counted[0] if counted else 0


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
