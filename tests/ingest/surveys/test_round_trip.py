"""The simulated provider's surveys by text, written as Qualtrics would and read back, exactly."""

import csv
import stat
from datetime import UTC, datetime

import pytest

from workbench.ingest.surveys.qualtrics import read_qualtrics
from workbench.ingest.surveys.settings import QualtricsFeed
from workbench.parameters.validation import validated
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.contacts import contacts
from workbench.simulate.vendors.qualtrics import qualtrics_feed_settings, response_key, write_qualtrics
from workbench.simulate.vendors.twilio import message_sid

ENDS = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def tables():
    return simulate_provider(ProviderSettings(patients=600, seed=11)).tables


def test_what_is_read_back_is_what_was_written(tables, make_export, engine, tmp_path):
    path = write_qualtrics(tables, tmp_path, seed=4)
    feed = validated(QualtricsFeed, qualtrics_feed_settings(ENDS), str)
    reading = read_qualtrics(make_export({}, path), feed)
    query = f"SELECT * REPLACE (epoch_us(responded_at) AS responded_at) FROM {reading.tables['surveys']}"
    staged = {tuple(row) for row in engine.execute(query).fetchall()}
    told = contacts(tables["patients"])
    records = dict(zip(told["patient_id"].to_pylist(), told["record_number"].to_pylist(), strict=True))
    by_text = [row for row in tables["surveys"].to_pylist() if row["message_id"] is not None]
    assert staged == {
        (
            "record",
            records[row["patient_id"]],
            f"{response_key(row['response_id'])}/{row['instrument']}",
            message_sid(row["message_id"]),
            row["instrument"],
            row["score"],
            int(row["responded_at"].timestamp()) * 1_000_000,
        )
        for row in by_text
    }
    (account,) = reading.accounts
    assert (account.read, account.used) == (len(by_text) + 3, len(by_text))
    assert {each.reason for each in account.dropped} == {
        "of a preview or test",
        "marked as spam",
        "not finished",
    }
    assert account.told == ()


def test_the_export_holds_what_must_not_be_read(tables, tmp_path):
    path = write_qualtrics(tables, tmp_path, seed=4)
    with path.open(encoding="utf-8", newline="") as file:
        names, _, _, *rows = csv.reader(file)
    assert all(len(row) == len(names) for row in rows)
    for name in ("IPAddress", "LocationLatitude", "RecipientEmail", "RecipientLastName", "Comment"):
        assert any(row[names.index(name)] for row in rows)


def test_the_same_seed_gives_the_same_private_bytes(tables, tmp_path):
    one, other, another = (
        write_qualtrics(tables, tmp_path / name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.read_bytes() == other.read_bytes()
    assert one.read_bytes() != another.read_bytes()
    assert stat.S_IMODE(one.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_qualtrics(tables, tmp_path / "a", seed=1)
