"""Groups that rules define do not go out of date: what they ask of is looked at, and who is in them is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from workbench.present.disclosure import PROFILES
from workbench.present.segment_review import sections
from workbench.present.segment_review.kept import assigned_in_words, shown_in_words
from workbench.present.segment_review.result import review_result
from workbench.reports.release.honesty import find_dishonesty
from workbench.segments.analysis import analyze
from workbench.segments.membership import membership, write_membership
from workbench.segments.methods.clinical_rules import Approval, ClinicalRules, NamedRule
from workbench.segments.methods.conditions import Bounds, OneOf
from workbench.segments.people import People
from workbench.segments.weekly.assigned import Assigned, write_assigned
from workbench.segments.weekly.definition import Definition
from workbench.segments.weekly.followed import FollowedGroups
from workbench.segments.weekly.lineage import Previous, follow, lettered
from workbench.segments.weekly.parameters import SegmentReview
from workbench.segments.weekly.people import ReviewedPeople
from workbench.segments.weekly.review import review_groups
from workbench.segments.weekly.standing import standing_alarms
from workbench.segments.weekly.verdict import decide
from workbench.tables.cohort import Step
from workbench.tables.kept_segments import find_kept

AS_OF = date(2026, 11, 16)
UNTIL = datetime(2026, 11, 15, tzinfo=UTC)
RULES = ClinicalRules(
    "By attendance",
    (
        NamedRule("Miss often", (Bounds("missed", 0.2, None),)),
        NamedRule("Hardly ever come", (Bounds("appointments", None, 0.1),)),
    ),
    "The rest",
    Approval("clinical lead", date(2026, 9, 1), "minutes"),
    (0, 1, 2),
)
BY_NEED = replace(
    RULES, rules=(NamedRule("Called", (OneOf("diagnosis", ("rare",), excluded=False),)),), numbers=(0, 1)
)


@pytest.fixture(scope="module")
def by_rules(settings):
    """The groups that rules define among the people of some rows."""

    def made(rows, rules=RULES, features=("appointments",), **given):
        asked = {"method": "rules", "rules": "attendance", "features": features, **given}
        people = People(rows, (Step("Patients known by then", len(rows)),), UNTIL)
        return analyze(people, settings.model_copy(update=asked), rules=rules)

    return made


@pytest.fixture(scope="module")
def defined(by_rules, rows):
    return membership(by_rules(rows(500, 1))).definition


def alarms(definition, rows):
    frozen = definition.frozen()
    scored = frozen.score(rows)
    return [
        (each.kind, each.about)
        for each in standing_alarms(frozen, scored.condition(definition.refit.condition))
    ]


def test_a_group_that_nobody_is_in_has_its_letter_and_takes_whom_its_rule_holds_of(defined, rows):
    assert defined.letters == ("A", "B", "C")
    assert defined.names == ("The rest", "Miss often", "Hardly ever come")
    later = rows(3, 2)
    later.loc[0, ["due", "kept", "missed", "called_off", "remote"]] = 0
    assert defined.frozen().score(later).labels[0] == 2


def test_a_definition_does_not_dissolve(defined, rows):
    few = rows(500, 1, shares=(0.98, 0.02))
    assert 0 < (defined.frozen().score(few).labels == 1).sum() < 20
    assert {kind for kind, _ in alarms(defined, few)} <= {"yardstick"}
    nobody = rows(500, 1, shares=(1.0, 0.0)).assign(missed=lambda each: each["kept"] // 12)
    assert ("nobody", 1) in alarms(defined, nobody)
    # The group that held nobody before is told no more.
    assert ("nobody", 2) not in alarms(defined, nobody)


def test_the_yardstick_is_looked_at_where_the_rules_ask(defined, rows):
    everybody = rows(500, 1)
    measures = [each["name"] for each in defined.yardstick["features"]]
    assert alarms(defined, everybody.assign(remote=everybody["due"])) == []
    missed = alarms(defined, everybody.assign(missed=(everybody["missed"] + everybody["due"] // 5)))
    assert missed == [("yardstick", measures.index("missed"))]


def test_groups_of_rules_go_on_by_their_names(by_rules, defined, rows):
    before = Previous("20261019-0123abcd", defined)
    same = by_rules(rows(500, 2, shares=(0.2, 0.8)), leave_out=("remote",))
    followed = follow(before, same)
    assert dict(zip(same.grouping.model.names, followed.letters, strict=True)) == dict(
        zip(defined.names, defined.letters, strict=True)
    )
    assert (followed.lineage.born, followed.lineage.dissolved, followed.lineage.why_not) == ([], [], None)
    kept = membership(lettered(same, followed), followed).definition
    assert dict(zip(kept.names, kept.letters, strict=True)) == dict(
        zip(defined.names, defined.letters, strict=True)
    )
    other = replace(RULES, rules=(RULES.rules[0], replace(RULES.rules[1], name="Come seldom")))
    changed = follow(before, by_rules(rows(500, 2), other))
    assert (changed.lineage.born, changed.lineage.dissolved) == (["D"], ["C"])
    (line,) = [line for line in shown(kept) if "were matched with" in line]
    assert "by their names where rules defined both" in line


def shown(definition):
    class Kept:
        name, version, as_of = "groups", "20261116-0123abcd", AS_OF

    return list(shown_in_words(Kept(), definition, None, PROFILES["cms"]))


@pytest.fixture
def reviewed(settings, monkeypatch):
    def made(definition, *rows):
        days = tuple(AS_OF - place * timedelta(days=7) for place in range(len(rows)))
        people = ReviewedPeople(days, rows, (Step("Patients known by then", len(rows[0])),), UNTIL)
        monkeypatch.setattr(FollowedGroups, "definition", definition)
        asked = SegmentReview(
            title="Review",
            audience=("analysts",),
            owner="Analytics",
            as_of=AS_OF,
            source="sample",
            seed=3,
            question="What changed?",
            segmentation="groups",
            movement_draws=39,
            who_must_act="The team looks at it.",
        )
        review = review_groups(people, FollowedGroups(settings, None, days), asked)
        return review, review_result(review, decide(review))

    return made


def page(review, result):
    told = [*sections.what_calls_for_a_look(review, result), *sections.what_changed(review, result)]
    told += [*sections.who_moved(review, result), *sections.can_it_be_trusted(review, result)]
    return " ".join(map(str, (told, result.verdict.model_dump_json())))


@pytest.mark.parametrize("changed", ["missed", "nobody", "nothing"])
def test_the_review_says_nothing_of_finding_a_definition_anew(reviewed, defined, rows, changed):
    before = rows(500, 1)
    missed = {"missed": before["missed"] + before["due"] // 5, "nobody": 0, "nothing": before["missed"]}[
        changed
    ]
    review, result = reviewed(defined, before.assign(missed=missed), before)
    told = page(review, result)
    assert not any(
        words in told for words in ("anew before planning", "find the groups anew", "found on", "dissolv")
    )
    assert result.verdict.decision == ("fit_for_use" if changed == "nothing" else "fit_with_findings")
    assert result.verdict.headline.startswith("The groups are as the rules define them")
    assert ("ask those who approved the rules" in told) == (changed != "nothing")
    assert ("Nobody is in group B any more." in told) == (changed == "nobody")
    assert list(find_dishonesty(result)) == []


def test_where_words_alone_make_the_groups_no_move_is_called_noise(by_rules, reviewed, rows):
    everybody = rows(300, 1).assign(diagnosis_group=np.where(np.arange(300) < 60, "rare", "common"))
    definition = membership(by_rules(everybody, BY_NEED, ("diagnosis",))).definition
    later = everybody.assign(diagnosis_group=np.where(np.arange(300) < 63, "rare", "common"))
    review, result = reviewed(definition, later, everybody)
    assert review.migration.moved == 3
    assert review.movements == ()
    assert review.alarms == ()
    assert not result.has_table("movement")
    assert not result.has_table("fit")
    (reason,) = result.verdict.reasons
    assert reason.endswith("is there because a word or measure of hers changed, and not by noise.")
    assert page(review, result)


def test_what_assign_says_of_a_definition(by_rules, rows, root):
    write_membership(membership(by_rules(rows(500, 1))), root)
    kept = find_kept("groups", root)
    definition = Definition.read(kept)
    frozen = definition.frozen()
    now = rows(500, 1).assign(missed=0)
    scored = frozen.score(now)
    found = tuple(standing_alarms(frozen, scored.condition(definition.refit.condition)))
    made = Assigned(kept, definition, AS_OF, People(now, (), UNTIL), scored, found)
    told = list(assigned_in_words(made, PROFILES["cms"]))
    assert (
        "Look: nobody is in group B any more. Plan nothing more by this group, and ask those who approved"
        in told[2]
    )
    assert "anew" not in " ".join(told)
    assert write_assigned(made, root).is_dir()
