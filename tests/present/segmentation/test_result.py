"""What a reader sees of a segmentation: honest words, no small cell, and every decision told."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from workbench.present.blocks import FigureBlock, TableBlock
from workbench.present.disclosure import CMS, PROFILES, hide_small_cells
from workbench.present.fragments import fragment
from workbench.present.group_shares import coarse_share, shares_of_all
from workbench.present.segmentation import sections, use_sections
from workbench.present.segmentation.result import segmentation_result
from workbench.present.segmentation.sentences import verdict_in_words
from workbench.present.segmentation.tables import attribute_table, features_table, groups_table
from workbench.present.segmentation.terms import study_terms
from workbench.segments.analysis import analyze
from workbench.segments.features import Yardstick
from workbench.segments.membership import membership
from workbench.segments.methods.clinical_rules import Approval, ClinicalRules, NamedRule
from workbench.segments.methods.conditions import Bounds, OneOf
from workbench.segments.parameters import Segmentation
from workbench.segments.people import People
from workbench.segments.verdict import decide
from workbench.tables.cohort import Step

SIZE = 500


def settings_of(**given):
    values = {
        "title": "Groups",
        "audience": ("analysts",),
        "owner": "Analytics",
        "as_of": date(2026, 11, 16),
        "source": "sample",
        "seed": 7,
        "question": "Are there groups?",
        "who_must_act": "The clinical lead reads it.",
        "method": "k_means",
        "groups_to": 3,
        "resamples": 5,
        "continuum_draws": 19,
        "save_as": "groups",
        "hold_out_days": 28,
    }
    return Segmentation(**{**values, **given})


def people_of(apart, until=datetime(2026, 11, 15, tzinfo=UTC), size=SIZE):
    """Two kinds of people (or one, not apart): one misses much and comes by video."""
    rng = np.random.default_rng(1)
    kind = (np.arange(size) % 2) * apart
    due = rng.integers(15, 30, size)
    logs = rng.normal(2.5, 0.3, size)
    rows = pd.DataFrame(
        {
            "patient_id": [f"person-{at}" for at in range(size)],
            "consented": rng.random(size) < 0.7,
            "diagnosis_group": np.where(np.arange(size) < 8, "rare", "common"),
            "treatment_phase": np.where(rng.random(size) < 0.5, "active", "intake"),
            "weeks": 52.0,
            "due": due,
            "kept": due,
            "missed": rng.binomial(due, rng.beta(4 + 16 * kind, 20 - 12 * kind)),
            "called_off": rng.binomial(due, rng.beta(4, 20, size)),
            "remote": rng.binomial(due, rng.beta(4 + 20 * kind, 24 - 20 * kind)),
            "log_days_ahead": logs * due,
            "log_days_ahead_squares": (logs**2 + 0.5) * due,
            "texts": rng.poisson(9, size),
            "reminders": due,
            "confirmed": rng.binomial(due, rng.beta(20 - 16 * kind, 8 + 16 * kind)),
            "elderly": np.arange(size) % 10 == 0,
            "not_arriving": np.arange(size) < 6,
            "texts_sent": 9,
            "texts_lost": 1,
            "later_came": rng.random(size) < 0.3,
            "later_kept": rng.integers(0, 3, size),
            "later_booked": rng.random(size) < 0.2 + 0.4 * kind,
            "later_opted_out": np.arange(size) < 4,
            "later_texted": rng.random(size) < 0.8,
            "later_replied": rng.random(size) < 0.3,
        }
    )
    rows["later_missed"] = rng.binomial(rows["later_kept"], 0.1 + 0.3 * kind)
    return People(rows, (Step("Patients known by then", size + 200), Step("in care", size)), until)


def people_by_degrees(size=SIZE):
    """One trait behind everything: who misses more also comes more by video and confirms less."""
    rng = np.random.default_rng(2)
    trait = rng.standard_normal(size)
    rows = people_of(apart=0, size=size).rows

    def share(sign):
        return rng.binomial(
            rows["due"], 1 / (1 + np.exp(1 - 1.2 * sign * trait - 0.2 * rng.standard_normal(size)))
        )

    rows = rows.assign(missed=share(1), remote=share(1), confirmed=share(-1), called_off=share(1))
    return replace(people_of(apart=0, size=size), rows=rows)


RULES = ClinicalRules(
    "By attendance",
    (
        NamedRule("Miss often", (Bounds("missed", 0.3, None),)),
        NamedRule("Hardly ever come", (Bounds("appointments", None, 0.1),)),
    ),
    "The rest",
    Approval("clinical lead", date(2026, 11, 2), "minutes of 2 November"),
    (0, 1, 2),
)


def told(people, approved=None, **given):
    analysis = analyze(people, settings_of(**given), rules=approved)
    verdict = decide(analysis)
    return analysis, segmentation_result(analysis, verdict)


@pytest.fixture(scope="module")
def found():
    return told(people_of(apart=1))


@pytest.fixture(scope="module")
def none():
    return told(people_of(apart=0))


@pytest.fixture(scope="module")
def cuts():
    return told(people_by_degrees())


@pytest.fixture(scope="module")
def defined():
    return told(people_of(apart=1), RULES, method="rules", rules="attendance")


def blocks(analysis, result):
    for section in (
        sections.which_groups,
        sections.by_what_rule,
        use_sections.where_they_lie,
        sections.who_they_are,
        use_sections.what_became_of_them,
        use_sections.how_to_reach_them,
        sections.can_it_be_trusted,
        sections.who_was_studied,
    ):
        yield from section(analysis, result)


def test_groups_are_told_in_words_and_people(found):
    analysis, result = found
    assert result.verdict.decision == "groups_found"
    assert result.verdict.headline.startswith("Plan for two groups of patients: ")
    assert {fact.label for fact in result.verdict.facts} >= {"What to do", "People", "Risk", "Who must act"}
    assert "(50 %)" in result.verdict.headline
    words = " ".join(group.name for group in analysis.groups)
    assert "by video or phone" in words or "miss often" in words


def test_no_groups_is_an_answer_with_reasons(none):
    analysis, result = none
    assert result.verdict.decision == "no_groups"
    assert result.verdict.headline.startswith("No groups: ")
    assert len(result.verdict.reasons) >= 2
    assert not result.has_table("groups")
    assert all(check.passed is not False for check in result.checks)
    assert membership(analysis) is None


def test_cuts_of_a_continuum_are_told_as_cuts_and_may_be_planned_by(cuts):
    analysis, result = cuts
    assert result.verdict.decision == "useful_cuts"
    assert result.verdict.headline.startswith("Useful cuts of a continuum, not kinds: ")
    assert any(reason.startswith("A continuum explains what is seen") for reason in result.verdict.reasons)
    assert result.table("groups").caption == "Cuts of a continuum of patients"
    assert "cuts found again most surely" in str(result.table("numbers_of_groups").rows)
    assert membership(analysis) is not None


def test_defined_groups_are_told_with_their_approval_and_claim_no_more(defined):
    analysis, result = defined
    assert result.verdict.decision == "groups_defined"
    assert "as defined" in result.verdict.headline
    assert {group.name for group in analysis.groups} == {"Miss often", "The rest"}
    reasons = " ".join(result.verdict.reasons)
    assert "approved by clinical lead" in reasons
    assert "minutes of 2 November" in reasons
    assert "Nobody is in: Hardly ever come." in reasons
    assert not result.has_table("numbers_of_groups")
    rules = result.table("rules")
    assert [row[1] for row in rules.rows] == [
        "missed at least 30 %",
        "appointments per four weeks below 0.10",
        "everybody else",
    ]
    assert result.headline_metric is None


def test_rules_in_words_are_told_and_so_are_words_that_nobody_has():
    rules = (
        NamedRule("Called", (OneOf("diagnosis", ("rare", "bipolar_disorder", "comon"), excluded=False),)),
        NamedRule("Texted", (OneOf("phase", ("intake",), excluded=True), Bounds("missed", 0.2, None))),
    )
    families = ("appointments", "diagnosis", "phase")
    analysis, result = told(
        people_of(apart=1), replace(RULES, rules=rules), method="rules", rules="by_need", features=families
    )
    assert [row[1] for row in result.table("rules").rows] == [
        "diagnosis is rare, bipolar disorder or comon",
        "treatment phase is not intake, and missed at least 20 %",
        "everybody else",
    ]
    (unheld,) = [check for check in result.checks if check.name.startswith("Words of nobody")]
    assert "The rules name “bipolar_disorder”, “comon”, which holds of none of the patients" in unheld.detail
    # What a rule asks of says nothing of its group that the rule does not, and would give back the few of others.
    assert not result.has_table("by_diagnosis_group")
    assert not result.has_table("by_treatment_phase")
    assert blocks(analysis, result)


def test_too_few_people_and_old_data_give_no_groups():
    _, few = told(people_of(apart=1, size=200))
    assert few.verdict.decision == "keep_collecting"
    assert not few.has_table("groups")
    _, old = told(people_of(apart=1, until=datetime(2026, 9, 1, tzinfo=UTC)), continuum_draws=19)
    assert old.verdict.decision == "invalid"
    assert any(check.passed is False for check in old.checks)


def test_every_block_of_every_answer_can_be_shown(found, none, cuts, defined):
    for analysis, result in (found, none, cuts, defined):
        ids = {table.id for table in result.tables}
        for block in blocks(analysis, result):
            assert fragment(block)
            if isinstance(block, FigureBlock):
                assert set(block.source) <= ids
            if isinstance(block, TableBlock):
                assert block.table in result.tables


def test_no_small_cell_is_shown(found):
    """Eight people of a rare diagnosis, in two groups: no share from which they follow may stand."""
    _, result = found
    table = result.table("by_diagnosis_group")
    assert all(cell is None for row in table.rows for cell in row[1:])
    assert "Not shown" in table.note


def sized(defined, *people):
    """The groups as defined, were they of so many people."""
    analysis, _ = defined
    groups = tuple(
        replace(analysis.groups[0], letter=letter, people=each)
        for letter, each in zip("ABC", people, strict=False)
    )
    return replace(
        analysis, groups=groups, everyone=replace(analysis.everyone, people=sum(people)), outcomes=()
    )


@pytest.mark.parametrize("profile", ["cms", "nhs"])
def test_a_group_of_a_few_percent_is_shown_as_its_people_are(defined, profile):
    analysis = sized(defined, 4_850, 150)
    table = hide_small_cells(groups_table(analysis, PROFILES[profile]), PROFILES[profile])
    assert [row[2:4] for row in table.rows] == [[4_850, "97 %"], [150, "3 %"]]


def test_a_share_gives_back_no_group_of_few_in_the_table_or_in_words(defined):
    """Of 300 people a share tells to within two: eight would follow from the 42 beside them."""
    analysis = sized(defined, 250, 42, 8)
    table = hide_small_cells(groups_table(analysis, CMS), CMS)
    assert [row[3] for row in table.rows] == ["83 %", None, None]
    headline = verdict_in_words(analysis, decide(analysis)).headline
    assert "14 %" not in headline
    assert headline.count("share not shown") == headline.count("fewer than 11") == 1


def test_a_rounded_share_gives_back_no_exact_count(defined):
    assert shares_of_all([112, 88], PROFILES["nhs"]) == ["55 %", "45 %"]
    assert shares_of_all([200], CMS) == ["100 %"]
    assert shares_of_all([200, 0], CMS) == ["100 %", "0 %"]


def test_no_identifier_leaves_the_analysis(found):
    _, result = found
    assert "person-" not in result.model_dump_json()


def test_membership_holds_everybody_once_and_tells_what_the_groups_are(found):
    analysis, _ = found
    made = membership(analysis)
    rows = made.members.to_pandas()
    assert rows.patient_id.tolist() == analysis.people.rows.patient_id.tolist()
    assert set(rows.segment) == {"A", "B"}
    assert (rows.segment == "A").sum() == analysis.groups[0].people
    assert set(made.manifest["segments"]) == {"A", "B"}
    assert made.version.startswith("20261116-")
    again = membership(replace(analysis, settings=settings_of(smallest_group=0.06)))
    assert again.version != made.version


def test_profiles_are_told_to_be_description(found):
    _, result = found
    assert "no test of it would mean anything" in result.table("profiles").note
    assert not any(metric.name.startswith("p_") for metric in result.metrics)


@pytest.mark.parametrize(
    ("events", "people", "shown"),
    [
        (500, 1_000, "50 %"),
        (11, 1_000, "1 %"),
        (10, 1_000, "below 5 %"),
        (0, 1_000, "below 5 %"),
        (990, 1_000, "over 95 %"),
        (1_000, 1_000, "over 95 %"),
        (200, 200, None),
        (5, 10, None),
        (90, 100, None),
        (89, 100, "89 %"),
    ],
)
def test_a_share_that_tells_of_few_is_told_coarsely_or_not_at_all(events, people, shown):
    assert coarse_share(events, people, CMS) == shown


def test_the_headline_number_is_the_stability_of_the_groups_spoken_of(found):
    _, few = told(people_of(apart=1, size=200))
    assert few.headline_metric is None
    _, result = found
    assert result.headline_number.of == {"model": "2 groups"}
    assert result.headline_number.value > 0.75


def test_what_became_of_the_groups_is_told_and_few_events_are_not(found):
    _, result = found
    rows = {str(row[0]).split(":")[0]: row[1:] for row in result.table("outcomes").rows}
    assert all(re.fullmatch(r"\d+ % \(\d+ to \d+\)", cell) for cell in rows["Booked"][:2])
    assert rows["Booked"][2] == "< 0.1 %"
    assert rows["Opted out of texts"] == [None, None, None]
    fact = next(fact for fact in result.verdict.facts if fact.label == "What became of them")
    assert "People who booked an appointment: from" in fact.text
    told = [metric for metric in result.metrics if metric.name == "outcome"]
    assert {metric.of["outcome"] for metric in told} == {"came", "missed_later", "booked", "replied", "agree"}
    # A table hides both groups for a rare diagnosis: then no metric shows them either.
    assert all(metric.value is None and metric.low is None for metric in told)
    corrected = result.table("outcomes_corrected")
    assert all(row[-1] == "nothing to correct" for row in corrected.rows)


def test_outcomes_are_metrics_with_their_intervals():
    _, result = told(people_of(apart=1), profile_by=())
    metrics = [metric for metric in result.metrics if metric.name == "outcome"]
    assert len(metrics) == 10
    assert all(metric.low < metric.value < metric.high for metric in metrics)
    assert {metric.level for metric in metrics} == {0.95}


def test_without_a_period_held_out_the_report_says_how_to_get_one():
    analysis, result = told(people_of(apart=1), hold_out_days=0)
    first = use_sections.what_became_of_them(analysis, result)[0]
    assert "Set `hold_out_days`" in first.text
    assert [str(row[0]).split(":")[0] for row in result.table("outcomes").rows] == ["Agree to texts"]
    assert not any(fact.label == "What became of them" for fact in result.verdict.facts)


def test_whom_texts_do_not_suit_is_told_as_groups(found):
    _, result = found
    rows = {str(row[0]).split(":")[0]: row[1:] for row in result.table("other_channel").rows}
    assert rows["Elderly"][0] == "10 %"
    # Six people whose texts do not arrive: their share is told coarsely, if at all, and nothing of them.
    assert rows["Texts do not arrive"][0] in {None, "below 5 %"}
    by_group = result.table("other_channel_by_group")
    arriving = [column.name for column in by_group.columns].index("not_arriving")
    assert all(row[arriving] is None for row in by_group.rows)
    assert any(fact.label == "Another channel" for fact in result.verdict.facts)


def test_an_exemplar_says_that_it_is_made_up(found):
    analysis, result = found
    table = result.table("exemplars")
    assert "made-up" in table.caption
    assert len(table.rows) == len(analysis.groups)
    assert all("missed" in row[1] for row in table.rows)


def test_words_that_helped_to_make_the_groups_are_told_as_such(found):
    """The same groups, had they been made of diagnoses and ages too."""
    analysis, _ = found
    half = np.where(np.arange(SIZE) < SIZE // 2, "one", "other")
    rows = analysis.people.rows.assign(diagnosis_group=half, age_band=half)
    because = "Material is planned by age."
    changes = {"features": ("appointments", "diagnosis"), "method": "latent_class"}
    for demographics in ((), ("demographics",)):
        settings = analysis.settings.model_copy(
            update=changes
            | {
                "features": (*changes["features"], *demographics),
                "leave_out": ("sex", "language"),
                "demographics_because": because if demographics else None,
            }
        )
        frame = Yardstick.of(rows, settings).frame(rows)
        asked = replace(analysis, settings=settings, frame=frame)
        made = study_terms(asked)["What makes the groups"]
        assert "diagnosis" in made
        assert "no diagnosis" not in made
        assert (because in made) == bool(demographics)
        assert ("no demographics" in made) != bool(demographics)
        assert "helped to make the groups" in attribute_table(asked, "diagnosis_group").note
        assert "did not make the groups" in attribute_table(asked, "treatment_phase").note
        assert "Diagnosis" in {row[0] for row in features_table(asked).rows}
    assert "no demographics, no diagnosis" in study_terms(analysis)["What makes the groups"]
