"""The simulated provider's surveys by text as a Qualtrics export: a CSV with three header rows.

It carries every answer that came through a text, of all instruments: symptom scales item by item, satisfaction as a
number. Beside them stand what Qualtrics writes of everybody, made up: addresses of the internet kept free for
documentation (RFC 5737), places in the sea, names, and free text. Three responses are nobody's: a preview, spam, and
one that was not finished.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pc

from workbench.protection.private_files import new_private_file, private_folder_at
from workbench.simulate.vendors.contacts import contacts

FILE = "qualtrics/surveys_by_text.csv"
# Arizona's clocks keep one time all year, so that no hour comes twice.
ZONE = "America/Phoenix"
RECORD, MESSAGE = "record_number", "message_sid"
LABELS = ("Not at all", "Several days", "More than half the days", "Nearly every day")
HIGHEST_ITEM = len(LABELS) - 1
ITEMS = {"PHQ-9": ("PHQ9", 9), "GAD-7": ("GAD7", 7)}
RATED = {"satisfaction": "NPS"}
SCALES = tuple(f"{stem}_{number}" for stem, count in ITEMS.values() for number in range(1, count + 1))
QUESTIONS = (*SCALES, *RATED.values())
FREE_TEXT = "Comment"
# What Qualtrics writes of every response: name, text and ImportId.
FIRST = (
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
)
ZONED = ("startDate", "endDate", "recordedDate")
TIME = "%Y-%m-%d %H:%M:%S"


def write_qualtrics(tables: Mapping[str, pa.Table], folder: Path, *, seed: int) -> Path:
    """Write the export, for its owner's eyes alone. The same tables and seed give the same bytes.

    Args:
        tables: a simulated provider's canonical tables `patients` and `surveys`.
        folder: the folder of the exports; the file goes below, see `FILE`.
        seed: of what is made up.

    Returns:
        The file. Raises FileExistsError where it is there.
    """
    path = folder / FILE
    private_folder_at(path.parent)
    with duckdb.connect() as engine, new_private_file(path) as file:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("surveys", tables["surveys"])
        engine.register("contacts", contacts(tables["patients"]))
        file.write(_header())
        responses = engine.execute(_responses(seed)).to_arrow_reader(50_000)
        quoted = pc.WriteOptions(include_header=False, quoting_style="needed")
        for batch in responses:
            pc.write_csv(batch, file, quoted)
    return path


def qualtrics_feed_settings(exported_at: datetime) -> dict[str, Any]:
    """The entry under `feeds` of a source file that reads the export back."""
    points = {label: place for place, label in enumerate(LABELS)}
    return {
        "name": "surveys",
        "reads": "qualtrics",
        "files": FILE,
        "exported_at": exported_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "person": {"record": RECORD},
        "message_id": MESSAGE,
        "instruments": [
            *(
                {
                    "instrument": instrument,
                    "items": [f"{stem}_{number}" for number in range(1, count + 1)],
                    "values": points,
                }
                for instrument, (stem, count) in ITEMS.items()
            ),
            *({"instrument": instrument, "score": column} for instrument, column in RATED.items()),
        ],
    }


def response_key(key: str) -> str:
    """Qualtrics' key of a response of the tables."""
    return f"R_{md5(key.encode(), usedforsecurity=False).hexdigest()[:15]}"


def _header() -> bytes:
    asked = [(name, f"Question {name}", f"QID{place}") for place, name in enumerate((*QUESTIONS, FREE_TEXT), 1)]
    columns = [*FIRST, *asked, (RECORD, RECORD, RECORD), (MESSAGE, MESSAGE, MESSAGE)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([name for name, _, _ in columns])
    writer.writerow([asked for _, asked, _ in columns])
    writer.writerow([json.dumps(_tag(name), separators=(",", ":")) for _, _, name in columns])
    return text.getvalue().encode()


def _tag(import_id: str) -> dict[str, str]:
    return {"ImportId": import_id} | ({"timeZone": ZONE} if import_id in ZONED else {})


def _responses(seed: int) -> str:
    """The rows in the order of their times, three of nobody first; every column as text."""
    answers = ", ".join(_answers())
    columns = f"""
        strftime(ends - INTERVAL 1 SECOND * took, '{TIME}') AS started, strftime(ends, '{TIME}') AS ended, status,
        '203.0.113.' || drawn % 255 AS ip, progress, took::VARCHAR AS took, finished,
        strftime(ends + INTERVAL 1 SECOND, '{TIME}') AS recorded, key, family, given, email, '' AS reference,
        (-40 - drawn % 900 / 100)::DECIMAL(6, 2)::VARCHAR AS latitude,
        (-120 - drawn % 1100 / 100)::DECIMAL(6, 2)::VARCHAR AS longitude, 'anonymous' AS channel, 'EN' AS language,
        {answers},
        CASE WHEN drawn % 9 = 0 THEN 'Thank you, ' || given || ' "' || family || E'"\\nhere' END AS comment,
        record_number, message"""
    return f"""
        WITH told AS (
            SELECT timezone('{ZONE}', responded_at) AS ends, response_id, instrument, score::INTEGER AS score,
                'SM' || md5(message_id) AS message, family, given, email, record_number, 'IP Address' AS status,
                '100' AS progress, 'True' AS finished, 'R_' || substr(md5(response_id), 1, 15) AS key,
                md5_number_lower(response_id || '/{seed}') % 1000003 AS drawn
            FROM surveys JOIN contacts USING (patient_id) WHERE message_id IS NOT NULL
        ), everything AS (
            SELECT * FROM told UNION ALL BY NAME {" UNION ALL BY NAME ".join(_of_nobody())}
        )
        SELECT {columns} FROM (SELECT *, 30 + drawn % 400 AS took FROM everything) ORDER BY ends, key"""


def _of_nobody() -> Iterator[str]:
    """A preview, spam and an unfinished response, at the time of the first answer."""
    for status, progress, finished in (
        ("Survey Preview", "100", "True"),
        ("Spam", "100", "True"),
        ("IP Address", "40", "False"),
    ):
        yield f"""(SELECT ends, 'satisfaction' AS instrument, 5 AS score, '{status}' AS status,
            '{progress}' AS progress, '{finished}' AS finished, 'R_{
            md5(f"{status}{finished}".encode(), usedforsecurity=False).hexdigest()[:15]
        }' AS key, 7 AS drawn FROM told ORDER BY ends LIMIT 1)"""


def _answers() -> Iterator[str]:
    """The items of a scale, whose points add up to the score: evenly, the rest on items that are drawn."""
    labels = ", ".join(f"'{label}'" for label in LABELS)
    for instrument, (stem, count) in ITEMS.items():
        for number in range(1, count + 1):
            points = f"score // {count} + (({number} + drawn) % {count} < score % {count})::INTEGER"
            yield f"CASE WHEN instrument = '{instrument}' THEN [{labels}][1 + {points}] END AS {stem}_{number}"
    for instrument, column in RATED.items():
        yield f"CASE WHEN instrument = '{instrument}' THEN score::VARCHAR END AS {column}"
