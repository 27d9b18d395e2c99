"""The frozen definition comes back as it was written, names nobody, and moves nobody who did nothing."""

import hashlib
import json
import stat
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from workbench.present.disclosure import PROFILES
from workbench.present.segment_review.kept import shown_in_words
from workbench.refusal import Refused
from workbench.segments.analysis import analyze
from workbench.segments.membership import membership, write_membership
from workbench.segments.methods.clinical_rules import Approval, ClinicalRules, NamedRule
from workbench.segments.methods.conditions import OneOf
from workbench.segments.people import People
from workbench.segments.weekly.definition import Definition
from workbench.tables.kept_segments import find_kept


@pytest.fixture
def kept(analysis, root):
    write_membership(membership(analysis), root)
    return find_kept("groups", root)


def test_it_scores_as_it_did_before_it_was_written(analysis, kept):
    definition = Definition.read(kept)
    scored = definition.frozen().score(analysis.people.rows)
    np.testing.assert_array_equal(scored.labels, analysis.grouping.labels)
    members = kept.members().to_pydict()
    assert members["segment"] == [definition.letters[label] for label in scored.labels]
    assert definition.letters == ("A", "B")
    assert definition.refit.condition.shares[0] > definition.refit.condition.shares[1]


def test_who_did_nothing_stays_whoever_else_comes(analysis, kept, rows):
    frozen = Definition.read(kept).frozen()
    some = analysis.people.rows.head(50)
    others = rows(400, 9, shares=(0.05, 0.95)).assign(missed=lambda each: each["kept"])
    with_others = frozen.score(pd.concat([some, others], ignore_index=True)).labels[:50]
    np.testing.assert_array_equal(with_others, frozen.score(some).labels)


def test_nobody_is_in_it_and_only_its_owner_can_read_it(analysis, kept):
    path = kept.folder / "definition.json"
    text = path.read_text()
    assert not any(who in text for who in analysis.people.rows["patient_id"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "who_must_act" not in json.loads(text)["parameters"]


def test_its_parameters_count_the_same_people_on_another_day(kept, settings):
    frozen = Definition.read(kept).frozen()
    later = frozen.counted_as_of(settings.as_of.replace(day=26))
    assert later.lookback_days == settings.lookback_days
    assert later.features == settings.features
    assert later.as_of.day == 26


def test_a_broken_file_is_refused(kept):
    path = kept.folder / "definition.json"
    told = json.loads(path.read_text())
    path.unlink()
    with pytest.raises(Refused, match=r"definition\.json cannot be read"):
        Definition.read(kept)
    path.write_text(json.dumps(told | {"letters": ["B", "A"]}))
    with pytest.raises(Refused, match=r"definition\.json is not what was written"):
        Definition.read(kept)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"letters": ["B", "A"]}, "not what its fingerprint says"),
        ({"name": "others"}, "not what its fingerprint says"),
        ({"schema": 2}, "no definition that can be read"),
        ({"stranger": 1}, "no definition that can be read"),
    ],
)
def test_a_changed_one_is_refused_though_its_hash_was_changed_along(kept, changed, what):
    path = kept.folder / "definition.json"
    told = json.loads(path.read_text()) | changed
    path.write_text(json.dumps(told))
    manifest = json.loads((kept.folder / "manifest.json").read_text())
    manifest["files"]["definition.json"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (kept.folder / "manifest.json").write_text(json.dumps(manifest))
    again = find_kept("groups", kept.folder.parents[3])
    with pytest.raises(Refused, match=what):
        Definition.read(again)


def test_a_model_of_another_kind_is_refused(analysis):
    definition = membership(analysis).definition
    for part in ({"model": {"method": "astrology"}}, {"yardstick": {"features": 3}}):
        with pytest.raises(Refused, match=r"un the segmentation again|Fit the groups anew"):
            definition.model_copy(update=part).frozen()


def test_an_empty_group_has_no_center_and_is_still_written(analysis):
    definition = membership(analysis).definition
    refit = definition.refit.model_copy(update={"centers": [[None] * 5, [0.0] * 5]})
    assert np.isnan(refit.condition.centers[0]).all()


def test_rules_of_words_alone_score_later_people_by_words_that_were_rare_or_new(rows, settings_of, root):
    approval = Approval("clinical lead", date(2026, 9, 1), "minutes")
    named = (
        NamedRule("Called", (OneOf("diagnosis", ("rare", "new"), excluded=False),)),
        NamedRule("Texted", (OneOf("diagnosis", ("common",), excluded=True),)),
    )
    given = {"features": ("diagnosis",), "profile_by": (), "other_channel": (), "save_as": "groups"}
    settings = settings_of(method="rules", rules="by_need", **given)
    words = ["rare"] * 3 + ["common"] * 60 + ["another"] * 40 + [None] * 17
    people = People(rows(120, 1).assign(diagnosis_group=words), (), datetime(2026, 11, 15, tzinfo=UTC))
    rules = ClinicalRules("By need", named, "The rest", approval, (0, 1, 2))
    found = analyze(people, settings, rules=rules)
    write_membership(membership(found), root)
    kept = find_kept("groups", root)
    assert [(each["name"], each["unit"]) for each in kept.manifest["features"]] == [("diagnosis", "word")]
    frozen = Definition.read(kept).frozen()
    assert "  features: diagnosis" in shown_in_words(kept, frozen.definition, None, PROFILES["cms"])
    assert frozen.definition.names == ("The rest", "Texted", "Called")
    later = rows(5, 2).assign(diagnosis_group=["rare", "new", "common", "of next year", None])
    assert frozen.score(later).labels.tolist() == [2, 2, 0, 1, 0]
