"""The counts of a simulated provider, against those of another way, row by row."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from workbench.message_load.bands import LOAD
from workbench.message_load.counts import load_counts

TABLES = ("patients", "patient_states", "consents", "messages")


@pytest.fixture(scope="module")
def frames(provider_folder):
    return {name: pd.read_parquet(provider_folder / f"{name}.parquet") for name in TABLES}


def recounted(frames, settings):
    """Texts at risk and opt-outs by band of load, one person after the other."""
    moment = pd.Timestamp(settings.as_of, tz="UTC")
    adults = frames["patients"].loc[settings.as_of.year - frames["patients"]["birth_year"] >= 19, "patient_id"]
    consents = frames["consents"]
    consents = consents[(consents["channel"] == "sms") & (consents["changed_at"] < moment)]
    consents = consents[(consents["purpose"] == "care") | (consents["scope"] == "all")]
    texts = frames["messages"]
    texts = texts[(texts["known_at"] < moment) & texts["status"].isin(["delivered", "sent"])]
    counts = np.zeros((len(LOAD), 2), int)
    by_person = dict(tuple(consents.sort_values("changed_at").groupby("patient_id")))
    for who, own in texts.sort_values("sent_at").groupby("patient_id"):
        if who not in set(adults) or who not in by_person:
            continue
        _count(counts, own, by_person[who], moment, settings)
    return counts


def _count(counts, own, changes, moment, settings):
    agreed = changes.loc[changes["status"] == "opt_in", "changed_at"]
    if agreed.empty:
        return
    left = changes[(changes["status"] == "opt_out") & (changes["changed_at"] > agreed.min())]
    ended = left["changed_at"].min() if len(left) else pd.Timestamp.max.tz_localize("UTC")
    story = own[(own["sent_at"] >= agreed.min()) & (own["sent_at"] < ended) & (own["kind"] != "consent_prompt")]
    hours = timedelta(hours=settings.attribution_hours)
    for sent_at in story["sent_at"]:
        if not moment - timedelta(days=settings.lookback_days) <= sent_at <= moment - hours:
            continue
        week = own["sent_at"].between(sent_at - timedelta(days=7), sent_at, inclusive="right").sum()
        last = sent_at == story["sent_at"].max() and ended - sent_at <= hours
        by_text = last and left.sort_values("changed_at")["source"].iloc[0] in ("keyword", "platform_block")
        counts[LOAD.place_of(int(week))] += (1, bool(by_text))


def test_texts_and_opt_outs_by_load_are_those_of_another_way(frames, settings_for, known_for):
    settings = settings_for()
    counts = load_counts(known_for(frames, settings), settings)
    found = counts.cells.groupby("load")[["texts", "opt_outs"]].sum().reindex(range(len(LOAD)), fill_value=0)
    assert found.to_numpy().tolist() == recounted(frames, settings).tolist()
    assert counts.answered > 30


def test_margins_add_up_to_the_cells(frames, settings_for, known_for):
    settings = settings_for()
    counts = load_counts(known_for(frames, settings), settings)
    sums = counts.margins.groupby("by")[["texts", "opt_outs"]].sum()
    assert (sums["texts"] == counts.texts).all()
    assert (sums["opt_outs"] == counts.answered).all()
