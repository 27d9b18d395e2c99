"""The explorer of a segmentation: groups and profiles as they are computed, the tests as the rule applies them."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
import yaml

from workbench.jupyter.segmentation_explorer import explore_groups
from workbench.present import numbers
from workbench.present.fragments import typeset
from workbench.segments.analysis import analyze
from workbench.segments.methods.fitting import fit_groups
from workbench.segments.parameters import Segmentation
from workbench.segments.people import People
from workbench.tables.cohort import Step

SIZE = 600


def settings_of(**given):
    values = {
        "title": "Groups",
        "audience": ["analysts"],
        "owner": "Analytics",
        "as_of": "2026-11-16",
        "source": "sample",
        "seed": 7,
        "question": "Are there groups?",
        "who_must_act": "The clinical lead reads it.",
        "method": "k_means",
        "groups_to": 4,
        "resamples": 5,
        "continuum_draws": 19,
    }
    return Segmentation.from_cell({**values, **given}, today=date(2026, 11, 23))


def people_of(size=SIZE, until=datetime(2026, 11, 15, tzinfo=UTC)):
    """A third miss much and come by video; few are of a rare diagnosis."""
    rng = np.random.default_rng(1)
    kind = np.arange(size) % 3 == 0
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


@pytest.fixture(scope="module")
def analysis():
    return analyze(people_of(), settings_of())


@pytest.fixture
def explorer(analysis):
    return explore_groups(analysis)


def cell(text):
    return f">{typeset(text)}</td>"


def test_it_begins_at_the_number_chosen(explorer):
    assert explorer.values == {"groups": 2, "smallest_group": 5.0}
    assert explorer.printed.value == "groups_from: 2\ngroups_to: 2\nsmallest_group: 0.05"
    assert "chosen: gains most over continua" in explorer.shown.value


@pytest.mark.parametrize("groups", [2, 3, 4])
def test_sizes_and_profiles_are_those_of_a_model_fitted_anew(explorer, analysis, groups):
    explorer.controls["groups"].value = groups
    frame, rows = analysis.frame, analysis.people.rows
    labels = fit_groups("k_means", frame, groups, 7).labels
    sizes = np.bincount(labels)
    shown = explorer.shown.value
    assert "Group D" in shown if groups == 4 else "Group D" not in shown
    for group in range(groups):
        theirs = rows[labels == group]
        assert cell(numbers.count(int(sizes[group]))) in shown
        assert cell(numbers.percent(theirs.missed.sum() / theirs.due.sum(), 0)) in shown
        assert cell(numbers.percent((theirs.treatment_phase == "active").mean(), 0)) in shown


@pytest.mark.parametrize("groups", [2, 3, 4])
def test_fit_and_stability_are_those_of_the_candidate(explorer, analysis, groups):
    explorer.controls["groups"].value = groups
    (each,) = (each for each in analysis.grouping.candidates if each.groups == groups)
    shown = explorer.shown.value
    for text in (numbers.number(each.fit, 3), numbers.number(each.continuum_fit, 3)):
        assert cell(text) in shown
    for stable in each.stability:
        assert cell(numbers.number(stable, 2)) in shown


def test_the_rule_is_applied_anew_at_another_smallest_group(explorer, analysis):
    assert "the rule takes two groups" in explorer.shown.value
    explorer.controls["smallest_group"].value = 40.0
    assert min(analysis.grouping.chosen.shares) < 0.4
    assert "the rule takes no groups" in explorer.shown.value
    assert "a group is too small" in explorer.shown.value


@pytest.mark.parametrize(("groups", "smallest"), [(2, 0.5), (4, 40.0), (3, 7.5)])
def test_what_is_printed_is_valid_for_the_study(explorer, analysis, groups, smallest):
    explorer.controls["groups"].value = groups
    explorer.controls["smallest_group"].value = smallest
    printed = yaml.safe_load(explorer.printed.value)
    again = Segmentation.from_cell(analysis.settings.as_values() | printed, today=analysis.settings.as_of)
    assert (again.groups_from, again.groups_to) == (groups, groups)
    assert again.smallest_group == pytest.approx(smallest / 100)


def test_no_small_cell_is_shown(explorer):
    """Eight people of a rare diagnosis: no share from which they follow may stand, in any number of groups."""
    for groups in (2, 3, 4):
        explorer.controls["groups"].value = groups
        table = explorer.shown.value.partition("Groups by diagnosis")[2].partition("</table>")[0]
        assert "Rare" in table
        assert "%" not in table.partition("<tbody>")[2]
        assert "person-" not in explorer.shown.value


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (people_of(size=200), "Too early to say"),
        (people_of(until=datetime(2026, 9, 1, tzinfo=UTC)), "The groups cannot be told"),
    ],
)
def test_without_groups_to_tell_of_it_says_why(people, told):
    explorer = explore_groups(analyze(people, settings_of(groups_to=2)))
    assert told in explorer.shown.value
    assert "<table" not in explorer.shown.value
