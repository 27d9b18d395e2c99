"""`workbench source draft`: a source file proposed from an export, for people to check and fill in."""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt

from workbench.ingest.drafting.flat import flat_feed, unused
from workbench.ingest.drafting.lines import FILL, Check, draft_lines
from workbench.ingest.drafting.profile import ROWS_LOOKED_AT, Kind, Profile, looks_like_data, profiles
from workbench.ingest.drafting.surveys import survey_feed
from workbench.ingest.surveys import qualtrics, survey_monkey
from workbench.ingest.surveys.layout import Layout
from workbench.project import external_data_folder
from workbench.refusal import Fault, Refused
from workbench.tables.files import known_ending, read_file, sound_csv, told_apart
from workbench.tables.records import csv_records, first_records
from workbench.tables.soundness import require_sound

TWILIO = {"from", "to", "body", "status", "sid"}
JSON_LINES = (".ndjson", ".jsonl", ".json", ".ndjson.gz", ".jsonl.gz", ".json.gz")
NAME = re.compile(r"[a-z][a-z0-9_]*")


def draft_source(path: Path, name: str | None, root: Path) -> str:
    """The text of a source file that reads an export, with remarks on what must be checked.

    Of the rows nothing is repeated but the words of closed lists (see `profile`).

    Args:
        path: the export: CSV (plain, .gz or zipped), Parquet, or JSON lines of FHIR or Twilio.
        name: the source's name; unless given, made from the file's.
        root: the project's root.

    Raises:
        Refused: a file that is not sound, or that nothing is recognized in.
    """
    called = name or _name_of(path)
    feed, left = _feed(path)
    exports, within = _place_of(path, root)
    ingest: dict[str, Any] = {"exports": exports} | ({"within": within} if within else {})
    ingest["feeds"] = [{"name": _feed_name(feed["reads"])} | feed]
    tree = {
        "title": Check(called.replace("_", " ").capitalize(), "what reports call these data"),
        "location": f"data/{called}",
        "ingest": ingest,
    }
    lines = [
        f"# Drafted from {path.name}. Check every line that says so, fill in {FILL}, and remove the remarks.",
        "# files may be a pattern, such as *.csv, so that later exports are read too.",
        *draft_lines(tree),
    ]
    if left:
        lines += ["# Columns that are not read:", *(f"#   {column}" for column in map(_one_line, left))]
    return "\n".join(lines) + "\n"


def write_draft(text: str, name: str, root: Path) -> Path:
    """Write a draft to `params/sources/<name>.yaml`.

    Raises:
        Refused: the name is none, or taken.
    """
    if not NAME.fullmatch(name):
        raise Refused(Fault(f"--name {name}", "it is no name of a source.", "Write it as north_clinics."))
    path = root / "params" / "sources" / f"{name}.yaml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        what = f"there is a file params/sources/{name}.yaml already, and it is left as it is."
        raise Refused(Fault(f"--name {name}", what, "Give another name.")) from None
    return path


def _feed(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The entry under `feeds` that reads a file, and the columns it does not read."""
    if path.name.endswith(JSON_LINES):
        return _json_feed(path), []
    if known_ending(path, path.name) == ".parquet":
        return _flat(path, _parquet(path))
    with sound_csv(path, path.name) as csv:
        header = first_records(csv, path.name, qualtrics.HEADER_ROWS)
        if not header:
            raise Refused(Fault(path.name, "it has no header.", "Export it again."))
        if _is_twilio(header[0]):
            return {"reads": "twilio", "files": path.name}, []
        if len(header) == qualtrics.HEADER_ROWS and qualtrics.import_tags(header[2]) is not None:
            return _qualtrics(csv, path)
        if len(header) > 1 and survey_monkey.is_header(header[0], header[1]):
            return _survey_monkey(csv, path)
        if looks_like_data(header[0]):
            what = "its first row looks like data, so that nobody can say what its columns are."
            raise Refused(Fault(path.name, what, "Export it with a header."))
        return _flat(path, _looked_at(csv, path.name, told_apart(header[0]), 1))


def _flat(path: Path, columns: Sequence[Profile]) -> tuple[dict[str, Any], list[str]]:
    feed = flat_feed(path, columns)
    if feed is None:
        what = "none of its columns is called as one of a canonical table may be."
        raise Refused(Fault(path.name, what, "Write the mapping by hand: docs/operations/sources.md."))
    return feed, unused(feed, columns)


def _qualtrics(csv: Path, path: Path) -> tuple[dict[str, Any], list[str]]:
    layout = qualtrics.qualtrics_form(csv, path.name).layout
    ids = {place: name for name, places in layout.others.items() for place in places}
    columns = _looked_at(csv, path.name, layout.called, qualtrics.HEADER_ROWS)
    answers = [column for place, column in enumerate(columns) if re.match(r"QID\d", ids.get(place, ""))]
    mails = [name for name in ("RecipientEmail",) if name in layout.names]
    return _survey("qualtrics", path, layout, columns, answers, mails)


def _survey_monkey(csv: Path, path: Path) -> tuple[dict[str, Any], list[str]]:
    layout = survey_monkey.survey_monkey_form(csv, path.name, None).layout
    columns = _looked_at(csv, path.name, layout.called, survey_monkey.HEADER_ROWS)
    second = first_records(csv, path.name, survey_monkey.HEADER_ROWS)[1]
    answers = [column for column, answer in zip(columns, second, strict=True) if answer.strip()]
    mails = [name for name in ("Email Address",) if name in layout.names]
    feed, left = _survey("survey_monkey", path, layout, columns, answers, mails)
    dates = next((column for column in columns if column.name in survey_monkey.ANSWERED), None)
    if dates is not None:
        feed["time_zone"] = Check(FILL, "the zone of the account's clock, such as America/New_York")
    if dates is not None and dates.format is not None:
        order = "day_first" if dates.format.startswith("%d") else "month_first"
        feed["slashes"] = Check(order, "what 06/07/2026 means") if dates.doubtful else order
    return feed, left


def _survey(
    reads: str,
    path: Path,
    layout: Layout,
    columns: Sequence[Profile],
    answers: Sequence[Profile],
    mails: Sequence[str],
) -> tuple[dict[str, Any], list[str]]:
    private = {layout.called[place] for place in layout.private}
    asked = [column for column in answers if column.name not in private]
    others = [column for column in columns if column not in answers and column.name not in private]
    feed = survey_feed(reads, path.name, asked, others, mails)
    return feed, unused(feed, asked)


def _looked_at(csv: Path, label: str, header: Sequence[str], header_rows: int) -> tuple[Profile, ...]:
    rows = islice(csv_records(csv, label), header_rows, header_rows + ROWS_LOOKED_AT)
    return profiles(header, rows)


def _parquet(path: Path) -> tuple[Profile, ...]:
    """What the first rows of a Parquet file look like; its own types tell moments."""
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    rows = read_file(engine, path.parent, path.name)
    text = rows.limit(ROWS_LOOKED_AT).select(**{name: rows[name].cast("string") for name in rows.columns})
    try:
        table = text.to_pyarrow()
    except duckdb.Error as error:
        what = f"the file cannot be read as Parquet ({type(error).__name__})."
        raise Refused(Fault(path.name, what, "Export it again.")) from None
    columns = [[cell or "" for cell in column.to_pylist()] for column in table.columns]
    return tuple(
        replace(column, kind=Kind.MOMENT, typed=True) if _is_moment(rows[column.name].type()) else column
        for column in profiles(rows.columns, zip(*columns, strict=True))
    )


def _is_moment(kind: dt.DataType) -> bool:
    return isinstance(kind, dt.Timestamp) and kind.timezone is not None


def _json_feed(path: Path) -> dict[str, Any]:
    require_sound(path, path.name)
    with (
        gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file
    ):
        try:
            first = json.loads(file.readline())
        except (ValueError, RecursionError):
            first = None
    if isinstance(first, dict) and isinstance(first.get("resourceType"), str):
        zone = Check(FILL, "the zone of dates without a time, such as America/New_York")
        return {"reads": "fhir", "files": Check(path.name, "*.ndjson* reads all resources"), "time_zone": zone}
    if isinstance(first, dict) and _is_twilio(first):
        return {"reads": "twilio", "files": path.name}
    what = "its lines are neither FHIR resources nor messages of Twilio."
    raise Refused(Fault(path.name, what, "Bring other tables as CSV or Parquet."))


def _is_twilio(names: Sequence[str] | dict[str, Any]) -> bool:
    return {name.strip().lower() for name in names} >= TWILIO


def _place_of(path: Path, root: Path) -> tuple[str | Check, str | None]:
    """What a source file calls the folder of an export, and within which it lies."""
    folder = path.resolve().parent
    for base, within in ((root.resolve(), None), (external_data_folder(), "WORKBENCH_DATA")):
        if base is not None and folder != base and folder.is_relative_to(base):
            return folder.relative_to(base).as_posix(), within
    return Check(FILL, "a folder below the project, or below WORKBENCH_DATA, to put the file in"), None


def _name_of(path: Path) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", path.name.split(".")[0].lower()).strip("_")
    return stem if NAME.fullmatch(stem) else f"source_{stem}".rstrip("_")


def _feed_name(reads: str) -> str:
    return {"fhir": "ehr", "twilio": "sms", "table": "list"}.get(reads, "surveys")


def _one_line(text: str) -> str:
    return " ".join(text.split())
