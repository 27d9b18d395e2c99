"""What a reader sees of a segmentation: honest words, no small cell, and every decision told."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from workbench.present.blocks import FigureBlock, TableBlock
from workbench.present.disclosure import CMS
from workbench.present.fragments import fragment
from workbench.present.segmentation import sections
from workbench.present.segmentation.result import segmentation_result
from workbench.present.segmentation.tables import attribute_table, coarse_share, features_table
from workbench.present.segmentation.terms import study_terms
from workbench.segments.analysis import analyze
from workbench.segments.features import Yardstick
from workbench.segments.membership import membership
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
        }
    )
    return People(rows, (Step("Patients known by then", size + 200), Step("in care", size)), until)


def told(people, **given):
    analysis = analyze(people, settings_of(**given))
    verdict = decide(analysis)
    return analysis, segmentation_result(analysis, verdict)


@pytest.fixture(scope="module")
def found():
    return told(people_of(apart=1))


@pytest.fixture(scope="module")
def none():
    return told(people_of(apart=0))


def blocks(analysis, result):
    for section in (
        sections.which_groups,
        sections.by_what_rule,
        sections.who_they_are,
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


def test_too_few_people_and_old_data_give_no_groups():
    _, few = told(people_of(apart=1, size=200))
    assert few.verdict.decision == "keep_collecting"
    assert not few.has_table("groups")
    _, old = told(people_of(apart=1, until=datetime(2026, 9, 1, tzinfo=UTC)), continuum_draws=19)
    assert old.verdict.decision == "invalid"
    assert any(check.passed is False for check in old.checks)


def test_every_block_of_every_answer_can_be_shown(found, none):
    for analysis, result in (found, none):
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
