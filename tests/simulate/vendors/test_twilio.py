"""The simulated log in Twilio's shapes."""

import csv
import gzip
import json
import stat
from pathlib import Path

import pytest
import yaml

from workbench.simulate.attendance import REMINDER_TEMPLATES
from workbench.simulate.campaigns import TEMPLATES
from workbench.simulate.consents import PROMPTS
from workbench.simulate.provider import simulate_provider
from workbench.simulate.replies import INTENTS
from workbench.simulate.scenarios.default import EXPERIMENTS
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.twilio import FILES, message_sid, twilio_feed_settings, write_twilio
from workbench.simulate.vendors.twilio_texts import AS_DESIGNED, REPLIES, TEXTS

HERE = Path(__file__).resolve().parents[3]
ALL_TEMPLATES = (
    *PROMPTS,
    *TEMPLATES,
    *(text for each in EXPERIMENTS for text in each.templates),
    *REMINDER_TEMPLATES,
)


@pytest.fixture(scope="module")
def tables():
    return simulate_provider(ProviderSettings(patients=200, seed=2)).tables


def test_every_template_has_a_text_of_the_length_it_was_designed_with():
    assert {each.template_id for each in ALL_TEMPLATES} == TEXTS.keys()
    for each in ALL_TEMPLATES:
        assert len(TEXTS[each.template_id].format(**AS_DESIGNED)) == each.length, each.template_id


def test_the_committed_registry_describes_these_texts():
    committed = yaml.safe_load((HERE / "params" / "sources" / "templates.yaml").read_text(encoding="utf-8"))
    assert {entry["id"]: entry for entry in committed["templates"]} == {
        each.template_id: {
            "id": each.template_id,
            "pattern": TEXTS[each.template_id],
            "kind": each.kind,
            "campaign_id": each.campaign_id,
            "tone": each.tone,
            "personalization": each.personalization,
            "length": each.length,
            "cta": each.cta,
        }
        for each in ALL_TEMPLATES
    }


def test_there_are_words_for_every_intent():
    assert REPLIES.keys() == set(INTENTS)


def test_a_csv_has_the_columns_of_twilios_log(tables, tmp_path):
    path = write_twilio(tables, tmp_path, form="csv", seed=1)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    columns = (
        "From To Body Status SentDate ApiVersion NumSegments ErrorCode AccountSid Sid Direction Price PriceUnit"
    )
    assert " ".join(reader.fieldnames) == columns
    assert len(rows) == tables["messages"].num_rows + tables["replies"].num_rows
    assert {row["Sid"] for row in rows} == {
        message_sid(key)
        for key in (*tables["messages"]["message_id"].to_pylist(), *tables["replies"]["reply_id"].to_pylist())
    }
    assert {row["Direction"] for row in rows} == {"inbound", "outbound-api"}
    assert all(row["Body"] and "{" not in row["Body"] for row in rows)
    assert all(float(row["Price"]) <= 0 for row in rows)
    assert [row["SentDate"] for row in rows] == sorted(row["SentDate"] for row in rows)


def test_json_lines_have_the_keys_of_the_bulk_export(tables, tmp_path):
    with gzip.open(write_twilio(tables, tmp_path, form="json", seed=1), "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    assert len(records) == tables["messages"].num_rows + tables["replies"].num_rows
    for record in records:
        assert record["date_updated"] >= record["date_created"]
        assert (record["date_sent"] is None) == (record["status"] in ("canceled", "sending"))
        # Twilio's bulk export tells neither.
        assert not {"price_unit", "api_version"} & record.keys()


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_same_seed_gives_the_same_bytes(tables, tmp_path, form):
    one, same, other = (
        write_twilio(tables, tmp_path / name, form=form, seed=seed).read_bytes()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one == same != other


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_log_is_its_owners_alone_and_never_written_over(tables, tmp_path, form):
    path = write_twilio(tables, tmp_path, form=form, seed=1)
    assert path == tmp_path / FILES[form]
    assert twilio_feed_settings(form)["files"] == FILES[form]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        write_twilio(tables, tmp_path, form=form, seed=2)
    assert path.read_bytes() == before
