"""Whom texts do not suit: who counts, at the edges, and that groups are told and nobody else."""

import numpy as np
import pandas as pd
import pytest

from workbench.segments.people import declared_cohort, people_in_care
from workbench.segments.use.channels import find_unsuited, looked_for, needed_for_channels

EVERY = ("minors", "elderly", "do_not_text", "not_arriving", "never_replied")


@pytest.fixture(scope="module")
def counted(provider_folder, open_folder, settings_of):
    settings = settings_of(other_channel=EVERY, minors="include", elderly_from=70)
    folder = provider_folder(1.0)
    known = open_folder(folder).known(settings.as_of, declared_cohort(settings))
    return settings, folder, people_in_care(known, settings).rows.set_index("patient_id")


def test_who_counts_is_what_the_tables_say(counted):
    settings, folder, rows = counted
    patients = pd.read_parquet(folder / "patients.parquet").set_index("patient_id").loc[rows.index]
    age = settings.as_of.year - patients.birth_year
    assert (rows.elderly == (age >= 70)).all()
    assert rows.elderly.any()
    assert (rows.minors == ~(age >= 19)).all()
    assert rows.minors.any()
    assert (rows.do_not_text == patients.do_not_text.fillna(False).astype(bool)).all()
    messages = pd.read_parquet(folder / "messages.parquet")
    end = pd.Timestamp(settings.as_of, tz="UTC")
    messages = messages[(messages.known_at < end) & (messages.sent_at < end)]
    messages = messages.sort_values("known_at").drop_duplicates("message_id", keep="last")
    arrived = messages[messages.status.isin(["delivered", "sent"])].groupby("patient_id").size()
    replies = pd.read_parquet(folder / "replies.parquet")
    replied = set(replies[replies.received_at < end].patient_id)
    ever = arrived.reindex(rows.index, fill_value=0)
    assert (rows.never_replied == ((ever >= 6) & ~rows.index.isin(replied))).all()
    recent = messages[messages.sent_at >= end - pd.Timedelta(days=settings.lookback_days)]
    lost = recent[recent.status.isin(["undelivered", "failed"])].groupby("patient_id").size()
    lost = lost.reindex(rows.index, fill_value=0)
    sent = (
        recent[recent.status.isin(["delivered", "sent", "undelivered", "failed"])].groupby("patient_id").size()
    )
    sent = sent.reindex(rows.index, fill_value=0)
    assert (rows.not_arriving == ((sent >= 3) & (2 * lost >= sent))).all()


def test_kinds_are_counted_by_group_and_a_group_is_flagged_from_half_on(settings_of):
    settings = settings_of(other_channel=("elderly", "do_not_text"))
    rows = pd.DataFrame(
        {
            "elderly": [True, True, False, False, True, False],
            "do_not_text": [True, False, True, False, False, False],
            "consented": [True, False, True, True, True, True],
            "texts_sent": 4,
            "texts_lost": 1,
        }
    )
    found = find_unsuited(rows, np.array([0, 0, 0, 1, 1, 1]), settings)
    elderly, marked = found.kinds
    assert (elderly.people, elderly.by_group, elderly.consenting, elderly.sent, elderly.lost) == (
        3,
        (2, 1),
        2,
        12,
        3,
    )
    assert (marked.people, marked.by_group) == (2, (2, 0))
    assert (found.any_kind, found.any_by_group) == (4, (3, 1))
    assert found.flagged == (0,)
    without = find_unsuited(rows, None, settings)
    assert (without.kinds[0].by_group, without.flagged) == ((), ())


def test_minors_are_looked_for_only_where_they_are_studied(settings_of):
    assert [kind.name for kind in looked_for(settings_of(other_channel=EVERY))] == list(EVERY[1:])
    included = settings_of(other_channel=EVERY, minors="include")
    assert [kind.name for kind in looked_for(included)] == list(EVERY)
    ageless = settings_of(other_channel=EVERY, minors="include", goes_on_without={"age": "It is not kept."})
    assert [kind.name for kind in looked_for(ageless)] == list(EVERY[2:])


def test_what_is_read_follows_what_is_looked_for(settings_of):
    assert needed_for_channels(settings_of(), {"age": False}) == {}
    needed = needed_for_channels(settings_of(other_channel=EVERY), {"age": True})
    assert needed["patients"] == ("birth_year", "do_not_text")
    assert "received_at" in needed["replies"]
