"""Qualtrics exports: three header rows, of names, question texts, and ImportIds with the zone of times.

Names are those of the export ("QuestionText" and "Status" among them are the vendor's); see "Understanding Your
Dataset" in Qualtrics' support pages.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workbench.ingest.reading import Export, Reading
from workbench.ingest.surveys.clock import Clock
from workbench.ingest.surveys.form import Form, Record
from workbench.ingest.surveys.layout import Layout, named, places_by_name
from workbench.ingest.surveys.reading import read_surveys
from workbench.ingest.surveys.settings import QualtricsFeed
from workbench.refusal import Fault, Refused
from workbench.tables.records import first_records

HEADER_ROWS = 3
RESPONSE_IDS = ("_recordId", "ResponseId", "responseId")
ANSWERED = ("endDate", "EndDate", "recordedDate", "RecordedDate")
FINISHED = ("finished", "Finished")
STATUS = ("status", "Status")
# Seen but unanswered, where the export was told to write it.
UNANSWERED = frozenset({"-99"})
PRIVATE = (
    "ipAddress",
    "locationLatitude",
    "locationLongitude",
    "recipientFirstName",
    "recipientLastName",
    "recipientEmail",
    "IPAddress",
    "LocationLatitude",
    "LocationLongitude",
    "RecipientFirstName",
    "RecipientLastName",
    "RecipientEmail",
)
# As words and as numbers, by what the export was told to write.
PATIENTS = {"IP Address": "0", "Imported": "4", "Offline": "16", "EX": "32", "EX Offline": "48"}
PREVIEWS = {"Survey Preview": "1", "Survey Test": "2", "Offline Survey Preview": "17", "Synthetic": "256"}
SPAM = {"Spam": "8", "Survey Preview Spam": "9", "Imported Spam": "12", "EX Spam": "40"}
LEFT_OUT = {
    **dict.fromkeys((*PREVIEWS, *PREVIEWS.values()), "of a preview or test"),
    **dict.fromkeys((*SPAM, *SPAM.values()), "marked as spam"),
}
KEPT = frozenset({*PATIENTS, *PATIENTS.values()})


def read_qualtrics(export: Export, feed: QualtricsFeed) -> Reading:
    """Stage the answers of Qualtrics exports.

    Raises:
        Refused: a file that is no such export, or what `read_surveys` refuses.
    """
    return read_surveys(export, feed, qualtrics_form)


def qualtrics_form(path: Path, label: str) -> Form:
    """How a Qualtrics export is laid out.

    Raises:
        Refused: it has not the three header rows, or no keys of responses.
    """
    header = first_records(path, label, HEADER_ROWS)
    names, tags = (header[0], import_tags(header[2])) if len(header) == HEADER_ROWS else ([], None)
    if tags is None or len(tags) != len(names):
        what = "it has not the three header rows of a Qualtrics export: names, question texts, ImportIds."
        mend = "Export it as CSV again, without the choice to leave header rows out."
        raise Refused(Fault(label, what, mend))
    ids = [str(tag.get("ImportId", "")) for tag in tags]
    by_name, by_id = places_by_name(names), places_by_name(ids)
    private = frozenset(place for name in PRIVATE for place in (*by_id.get(name, ()), *by_name.get(name, ())))
    layout = Layout(label, tuple(map(named, names)), by_name, by_id, spread=False, private=private)
    response = layout.first_of(RESPONSE_IDS)
    if response is None:
        raise Refused(Fault(label, "it has no column ResponseId.", "Export it with all its columns."))
    answered = layout.first_of(ANSWERED)
    zone = None if answered is None else _zone(tags[answered].get("timeZone"))
    status, finished = layout.first_of(STATUS), layout.first_of(FINISHED)

    def left_out(record: Record) -> str | None:
        word = "IP Address" if status is None else record[status].strip()
        if word in LEFT_OUT:
            return LEFT_OUT[word]
        if word not in KEPT:
            return "of a status that Qualtrics does not tell of"
        if finished is not None and record[finished].strip().lower() not in ("true", "1"):
            return "not finished"
        return None

    clock = None if zone is None else Clock(zone)
    return Form(layout, HEADER_ROWS, response, answered, clock, left_out, UNANSWERED)


def import_tags(cells: Sequence[str]) -> list[dict[str, object]] | None:
    """What the cells of the third header row tell, such as {"ImportId": "endDate", "timeZone": "America/Denver"}.

    None where one of them is no such tag.
    """
    tags = []
    for cell in cells:
        try:
            tag = json.loads(cell)
        except (ValueError, RecursionError):
            return None
        if not isinstance(tag, dict) or "ImportId" not in tag:
            return None
        tags.append(tag)
    return tags


def _zone(name: object) -> ZoneInfo | None:
    try:
        return ZoneInfo("UTC" if name == "Z" else str(name))
    except (ZoneInfoNotFoundError, ValueError):
        return None
