"""The simulated provider's log, written as Twilio would and read back: its tables, up to vendors' keys."""

from bisect import bisect_left
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from workbench.ingest.reading import Export
from workbench.ingest.sms.reader import read_twilio
from workbench.ingest.sms.settings import TwilioFeed
from workbench.parameters.validation import validated
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.contacts import contacts
from workbench.simulate.vendors.twilio import message_sid, twilio_feed_settings, write_twilio

HERE = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tables():
    """A provider's tables, with everything vendors name put in the place of its keys."""
    simulated = simulate_provider(ProviderSettings(patients=600, seed=11)).tables
    told = contacts(simulated["patients"])
    phones = dict(zip(told["patient_id"].to_pylist(), told["phone"].to_pylist(), strict=True))
    renamed = {}
    for name in ("messages", "replies", "consents"):
        rows = simulated[name].to_pylist()
        for row in rows:
            row["person_kind"], row["person_value"] = "phone", phones[row.pop("patient_id")]
            for key in {"message_id", "reply_id"} & row.keys():
                row[key] = row[key] and message_sid(row[key])
        renamed[name] = rows
    return simulated, renamed


@pytest.fixture(scope="module", params=["csv", "json"])
def told(request, tables, tmp_path_factory):
    """What is read back from one of the two shapes: rows by table, and the reading."""
    path = write_twilio(tables[0], tmp_path_factory.mktemp("exports"), form=request.param, seed=4)
    feed = validated(TwilioFeed, twilio_feed_settings(request.param), str)
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        export = Export(engine, (path,), "feed0_", datetime(2026, 11, 16, tzinfo=UTC), HERE)
        reading = read_twilio(export, feed)
        staged = {**reading.tables, **reading.protected}
        rows = {name: engine.execute(f"FROM {table}").to_arrow_table() for name, table in staged.items()}
    return request.param, {name: in_utc(table).to_pylist() for name, table in rows.items()}, reading


def in_utc(table):
    """Times as the simulator writes them, so that values compare."""
    fields = [
        field.with_type(pa.timestamp("us", tz="UTC")) if pa.types.is_timestamp(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def by(rows, key):
    return {row[key]: row for row in rows}


def test_messages_come_back_whole(tables, told):
    form, read, _ = told
    expected, found = by(tables[1]["messages"], "message_id"), by(read["messages"], "message_id")
    assert len(expected) == len(read["messages"]) > 5000
    if form == "csv":
        # A CSV does not say when a message was updated: it counts as known from when it was sent.
        expected = {key: row | {"known_at": row["sent_at"]} for key, row in expected.items()}
    assert found == expected
    assert {row["status"] for row in read["messages"]} >= {
        "delivered",
        "sent",
        "undelivered",
        "failed",
        "canceled",
    }


def test_replies_come_back_with_their_intents(tables, told):
    _, read, _ = told
    expected, found = by(tables[1]["replies"], "reply_id"), by(read["replies"], "reply_id")
    assert len(expected) == len(read["replies"]) > 500
    assert without_texts(found) == without_texts(expected)
    assert len({row["intent"] for row in read["replies"]}) == 7


def without_texts(replies):
    return {key: row | {"message_id": None} for key, row in replies.items()}


def answered_by_the_rule(messages, replies):
    """Each reply's last text of 72 hours that reached the phone, found person by person."""
    texts = defaultdict(list)
    for row in messages:
        if row["status"] in ("delivered", "sent"):
            texts[row["person_value"]].append((row["sent_at"], row["message_id"]))
    for each in texts.values():
        each.sort()
    answered = {}
    for reply in replies:
        mine = texts[reply["person_value"]]
        place = bisect_left(mine, (reply["received_at"], ""))
        near = place and mine[place - 1][0] >= reply["received_at"] - timedelta(hours=72)
        answered[reply["reply_id"]] = mine[place - 1][1] if near else None
    return answered


def test_replies_come_back_with_the_texts_they_answer(tables, told):
    """All but those that the rule itself tells otherwise, each of which is accounted for.

    The simulator knows which text moved a person to answer, however late and whatever came in between; a log does not.
    And of one in fifty it withholds the text, as some gateways do; a log's own rule finds it.
    """
    _, read, _ = told
    rule = answered_by_the_rule(tables[1]["messages"], tables[1]["replies"])
    found = {row["reply_id"]: row["message_id"] for row in read["replies"]}
    assert found == rule
    sent = by(tables[1]["messages"], "message_id")
    same = withheld = 0
    for row in tables[1]["replies"]:
        moved_by = row["message_id"]
        if moved_by is None:
            withheld += 1
        elif found[row["reply_id"]] == moved_by:
            same += 1
        elif found[row["reply_id"]] is None:
            assert row["received_at"] - sent[moved_by]["sent_at"] > timedelta(hours=72)
        else:
            assert sent[moved_by]["sent_at"] < sent[found[row["reply_id"]]]["sent_at"] < row["received_at"]
    assert same > 0.9 * (len(rule) - withheld)
    assert 0 < withheld < 0.05 * len(rule)


def test_withdrawals_by_keyword_come_back(tables, told):
    _, read, reading = told
    columns = ("person_value", "channel", "purpose", "scope", "status", "source", "changed_at")
    expected = [
        tuple(row[name] for name in columns) for row in tables[1]["consents"] if row["source"] == "keyword"
    ]
    assert sorted(tuple(row[name] for name in columns) for row in read["consents"]) == sorted(expected)
    assert len(expected) > 5
    assert read["ambiguous_replies"] == []
    assert [account.dropped for account in reading.accounts] == [(), (), ()]


def test_words_of_distress_are_listed(tables, told):
    _, read, _ = told
    distressed = [row["reply_id"] for row in tables[1]["replies"] if row["intent"] == "distress"]
    assert sorted(row["about"] for row in read["distress"]) == sorted(distressed) != []
