"""From an approved model to a day's protected list, and back from what became of the holdout."""

import json
import stat
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from workbench.no_show.at_risk.risk_set import declared_cohort
from workbench.no_show.models.training import train, unfitted
from workbench.no_show.oversight.kept_models import keep_model, read_model
from workbench.no_show.oversight.making import make_list
from workbench.no_show.oversight.reasons import reference_of
from workbench.no_show.oversight.watched import watched
from workbench.protection.audit import entries
from workbench.refusal import Refused
from workbench.tables.opening import open_source

DAY = date(2026, 10, 9)
BY = ("maker", datetime(2026, 11, 16, tzinfo=UTC))


@pytest.fixture
def chosen(settings):
    return settings(calls_per_day=15, holdout_share=0.3, ethics_reference="QI-2026-041")


@pytest.fixture
def kept(provider, rows, chosen):
    training = rows(2000, 1)
    model = train(unfitted("logistic", 1), training, rows(2000, 2))
    return keep_model(model, "logistic", "calls", chosen.as_values(), reference_of(training), BY, provider)


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}


def test_a_model_is_kept_under_its_hash_once_and_for_its_owner_alone(provider, kept, rows, chosen):
    folder = provider / "data" / "models" / kept.hash
    assert modes(folder) == {kept.hash: 0o700, "model.skops": 0o600, "manifest.json": 0o600}
    back = read_model(kept.hash, provider)
    assert back.manifest == kept
    again = keep_model(back.model, "logistic", "calls", {}, {}, ("other", BY[1]), provider)
    assert again == kept
    assert [entry.name for entry in folder.parent.iterdir()] == [kept.hash]


def test_a_model_that_was_exchanged_or_is_gone_is_refused(provider, kept, rows, chosen):
    other = train(unfitted("own_rate", 1), rows(500, 3), rows(500, 4))
    another = keep_model(other, "own_rate", "calls", chosen.as_values(), {}, BY, provider)
    folder = provider / "data" / "models"
    (folder / another.hash / "model.skops").replace(folder / kept.hash / "model.skops")
    with pytest.raises(Refused, match="hash is not the one"):
        make_list(chosen, kept.hash, DAY, DAY, provider)
    with pytest.raises(Refused, match="not in the folder data"):
        read_model("0" * 64, provider)


def test_a_day_s_list_is_protected_and_written_once(provider, kept, chosen):
    made, folder = make_list(chosen, kept.hash, DAY, DAY, provider)
    assert folder == provider / "data" / "review_lists" / "sample" / f"{DAY}-{kept.hash[:12]}"
    files = {"list.parquet", "holdout.parquet", "manifest.json"}
    assert modes(folder) == {folder.name: 0o700, **dict.fromkeys(files, 0o600)}
    rows, holdout = (pd.read_parquet(folder / f"{name}.parquet") for name in ("list", "holdout"))
    assert rows["rank"].tolist() == list(range(1, 16))
    assert set(rows["patient_id"]).isdisjoint(holdout["patient_id"])
    assert made.booked > len(rows) + len(holdout)
    told = json.loads((folder / "manifest.json").read_text())
    assert (told["model"], told["day"], told["ethics_reference"]) == (kept.hash, "2026-10-09", "QI-2026-041")
    last = entries(provider)[-1]
    assert (last.action, last.details["rows"]) == ("protected file written", 15)
    people = {*rows["patient_id"], *holdout["patient_id"]}
    assert not any(name in last.line().decode() for name in people)
    before = (folder / "list.parquet").read_bytes()
    with pytest.raises(Refused, match="made already"):
        make_list(chosen, kept.hash, DAY, DAY, provider)
    assert (folder / "list.parquet").read_bytes() == before


@pytest.mark.parametrize(
    ("changed", "day", "told"),
    [
        ({"ethics_reference": None}, DAY, "ethics_reference"),
        ({"decide_days_before": 5}, DAY, "key decide_days_before: the model was made by another value"),
        ({"history_days": 30}, DAY, "key history_days"),
        ({}, date(2030, 1, 1), "no appointment"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(provider, kept, chosen, changed, day, told):
    with pytest.raises(Refused, match=told):
        make_list(chosen.model_copy(update=changed), kept.hash, day, DAY, provider)
    assert not list((provider / "data").glob("review_lists/*/*"))


def test_what_became_of_the_holdout_is_found_in_order_of_days(provider, kept, chosen):
    _, folder = make_list(chosen, kept.hash, DAY, DAY, provider)
    make_list(chosen, kept.hash, DAY + timedelta(days=3), DAY, provider)
    tables = open_source("sample", provider)
    found = watched(tables, kept.hash, chosen, provider)
    assert len(found.probability) == len(found.outcome) == len(found.day)
    assert (found.day[1:] >= found.day[:-1]).all()
    assert set(found.day.astype(str)) == {"2026-10-12", "2026-10-15"}
    held = pd.read_parquet(folder / "holdout.parquet")
    assert (found.day == pd.Timestamp("2026-10-12")).sum() <= len(held)
    outcomes = tables.known(chosen.as_of, declared_cohort(chosen)).table("appointments").execute()
    missed = set(outcomes.loc[outcomes["status"] == "no_show", "appointment_id"])
    first = found.outcome[found.day == pd.Timestamp("2026-10-12")]
    assert first.sum() == held["appointment_id"].isin(missed).sum()
    # Before the outcomes were recorded there is nothing to watch, and of another model neither.
    assert 0 < found.people <= len(found.outcome)
    early = chosen.model_copy(update={"as_of": DAY})
    assert watched(tables, kept.hash, early, provider).outcome.size == 0
    assert watched(tables, "0" * 64, chosen, provider).outcome.size == 0


def test_a_day_that_is_past_is_refused_but_for_made_up_sources(provider, kept, chosen):
    late = DAY + timedelta(days=2)
    source = provider / "params" / "sources" / "sample.yaml"
    source.write_text(source.read_text().replace("simulated: true", "simulated: false"), encoding="utf-8")
    with pytest.raises(Refused, match="is past"):
        make_list(chosen, kept.hash, DAY, late, provider)
    assert make_list(chosen, kept.hash, DAY, DAY + timedelta(days=1), provider)[1].is_dir()
