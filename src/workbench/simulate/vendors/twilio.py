"""The simulated provider's message log as Twilio exports it: a CSV, or gzipped JSON lines as of its bulk export.

Bodies are the templates' texts with a made-up name, day and time filled in; replies say what their intent says in one
of several ways. The same tables and seed give the same bytes.
"""

from collections.abc import Mapping
from hashlib import md5
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa

from workbench.protection.private_files import new_private_file, private_folder_at, write_private
from workbench.simulate.vendors.composed_texts import SentTemplate, registry_text, sent_templates
from workbench.simulate.vendors.contacts import COUNTRY, contacts
from workbench.simulate.vendors.twilio_texts import REPLIES, TEXTS

Form = Literal["csv", "json"]

FILES: Mapping[Form, str] = {"csv": "twilio/messages.csv", "json": "twilio/messages.json.gz"}
REGISTRY = "twilio/templates.yaml"
OWN_NUMBER = f"{COUNTRY}000000000"
API_VERSION = "2010-04-01"
# What Twilio calls what became of a text sent.
STATUSES = {
    "delivered": "delivered",
    "sent": "sent",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "canceled",
    "pending": "sending",
}
PRICE_OF_A_REPLY = 0.0079  # US dollars
TIME = "%Y-%m-%dT%H:%M:%SZ"
_CSV = "FORMAT csv, HEADER true"
_JSON = "FORMAT json, COMPRESSION gzip"


def message_sid(key: str) -> str:
    """Twilio's key of a message or reply of the tables."""
    return f"SM{md5(key.encode(), usedforsecurity=False).hexdigest()}"


def write_twilio(tables: Mapping[str, pa.Table], folder: Path, *, form: Form, seed: int) -> Path:
    """Write the log of all messages and replies, in the order of their times, for its owner's eyes alone.

    Args:
        tables: a simulated provider's canonical tables `patients`, `messages` and `replies`.
        folder: the folder of the exports; the log goes below, see `FILES`.
        form: which of Twilio's two shapes.
        seed: of what bodies and replies are worded with.

    Where templates are sent that nobody worded, and the project's registry does not know, one that knows them lies
    beside it (`REGISTRY`).

    Returns:
        The file. Raises FileExistsError where it is there.
    """
    path = folder / FILES[form]
    private_folder_at(path.parent)
    new_private_file(path).close()
    templates = sent_templates(tables["messages"])
    if any(template.template_id not in TEXTS for template in templates):
        write_private(folder / REGISTRY, registry_text(templates).encode())
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("messages", tables["messages"])
        engine.register("replies", tables["replies"])
        engine.register("contacts", contacts(tables["patients"]))
        log = f"SELECT * FROM ({_sent(templates, seed)} UNION ALL {_received(seed)}) ORDER BY created, sid"
        columns = _csv_columns(seed) if form == "csv" else _json_keys(seed)
        how = _CSV if form == "csv" else _JSON
        target = _literal(str(path))
        engine.execute(f"COPY (SELECT {columns} FROM ({log})) TO {target} ({how}, USE_TMP_FILE false)")
    return path


def twilio_feed_settings(form: Form) -> dict[str, Any]:
    """The entry under `feeds` of a source file that reads the log back."""
    return {"name": "sms", "reads": "twilio", "files": FILES[form], "own_numbers": [OWN_NUMBER]}


def _sent(templates: tuple[SentTemplate, ...], seed: int) -> str:
    statuses = " ".join(f"WHEN {_literal(word)} THEN {_literal(put)}" for word, put in STATUSES.items())
    bodies = " ".join(f"WHEN {_literal(each.template_id)} THEN {_filled(each.text)}" for each in templates)
    return f"""
        SELECT 'SM' || md5(message_id) AS sid, {_literal(OWN_NUMBER)} AS sender, phone AS receiver,
            CASE template_id {bodies} END AS body, CASE status {statuses} END AS status,
            'outbound-api' AS direction, sent_at AS created,
            CASE WHEN status NOT IN ('canceled', 'pending') THEN sent_at END AS sent, known_at AS updated,
            parts, error_code, price
        FROM (SELECT messages.*, phone, given, strftime(sent_at + INTERVAL 2 DAYS, '%a %m/%d') AS day,
                strftime(TIMESTAMP '2026-01-01 08:00:00'
                    + INTERVAL 30 MINUTES * ({_drawn("message_id", seed)} % 20)::INTEGER, '%I:%M %p') AS clock
            FROM messages JOIN contacts USING (patient_id))"""


def _received(seed: int) -> str:
    bodies = " ".join(
        f"WHEN {_literal(intent)} THEN [{', '.join(map(_literal, texts))}]"
        f"[1 + ({_drawn('reply_id', seed)} % {len(texts)})::INTEGER]"
        for intent, texts in REPLIES.items()
    )
    return f"""
        SELECT 'SM' || md5(reply_id), phone, {_literal(OWN_NUMBER)}, CASE intent {bodies} END, 'received',
            'inbound', received_at, received_at, received_at, 1, NULL, {PRICE_OF_A_REPLY}
        FROM replies JOIN contacts USING (patient_id)"""


def _csv_columns(seed: int) -> str:
    return f"""sender AS "From", receiver AS "To", body AS "Body", status AS "Status",
        strftime(created, '{TIME}') AS "SentDate", '{API_VERSION}' AS "ApiVersion", parts AS "NumSegments",
        error_code AS "ErrorCode", '{_account(seed)}' AS "AccountSid", sid AS "Sid", direction AS "Direction",
        {_price()} AS "Price", 'USD' AS "PriceUnit\""""


def _json_keys(seed: int) -> str:
    """Those of Twilio's bulk export, which tells neither the unit of prices nor the version of the interface."""
    return f"""'{_account(seed)}' AS account_sid, body, strftime(created, '{TIME}') AS date_created,
        strftime(sent, '{TIME}') AS date_sent, strftime(updated, '{TIME}') AS date_updated, direction,
        error_code::INTEGER AS error_code, sender AS "from", 0 AS num_media, parts::VARCHAR AS num_segments,
        {_price()} AS price, sid, status, receiver AS "to\""""


def _price() -> str:
    """What is charged is a negative number."""
    return "CASE WHEN price = 0 THEN '0.00000' ELSE printf('-%.5f', price) END"


def _account(seed: int) -> str:
    return f"AC{md5(str(seed).encode(), usedforsecurity=False).hexdigest()}"


def _filled(text: str) -> str:
    """An SQL expression: a text with its placeholders filled in."""
    made = _literal(text)
    for name, column in (("first_name", "given"), ("day", "day"), ("time", "clock")):
        made = made.replace(f"{{{name}}}", f"' || {column} || '")
    return made


def _drawn(key: str, seed: int) -> str:
    """An SQL expression: a whole number that looks drawn by lot, the same for the same key and seed."""
    return f"md5_number_lower({key} || '/{seed}')"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
