"""Lists by capacity, counted by hand; the paradox of reminders; groups without events."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.decisions.reminders import places_in_day, reminders_by_capacity
from workbench.no_show.effect.paradox import paradox
from workbench.no_show.scores.subgroups import score_groups

MONDAY, TUESDAY = pd.Timestamp("2026-09-07"), pd.Timestamp("2026-09-08")


def visits(**columns):
    made = {
        "day": [MONDAY] * 3 + [TUESDAY] * 3,
        "no_show": [1, 0, 1, 0, 0, 1],
        "patient": range(6),
        "lead_days": [5] * 6,
    }
    return pd.DataFrame(made | columns)


def test_each_day_has_its_own_list(settings):
    risk = np.array([0.9, 0.5, 0.1, 0.8, 0.2, 0.3])
    found = reminders_by_capacity(visits(), {"the model": risk}, settings(calls_per_day=2))
    at = found.at("the model", 2)
    # Monday .9 (missed) and .5; Tuesday .8 and .3 (missed).
    assert (at.calls, at.caught, at.missed) == (4, 2, 1)
    assert at.precision == 0.5
    assert at.share_caught == pytest.approx(2 / 3)
    assert at.gain == pytest.approx(2 * 0.25 * 100 - 4 * 4)


def test_more_calls_catch_no_less(simulated_analysis):
    for by_capacity in simulated_analysis.reminders.by_rule.values():
        caught = [found.caught for found in by_capacity]
        assert caught == sorted(caught)
        assert {found.caught + found.missed for found in by_capacity} == {simulated_analysis.test.missed}


def test_ties_are_broken_by_the_luck_given():
    day = np.array([MONDAY] * 3, dtype="datetime64[ns]")
    assert places_in_day(day, np.zeros(3), np.array([0.5, 0.1, 0.9])).tolist() == [1, 0, 2]


def test_sign_turns_though_reminders_do_nothing():
    """Reminders that do nothing, sent by lead alone: worse over all leads, the same among like leads."""
    rng = np.random.default_rng(2)
    lead = rng.choice([0, 10], 20_000)
    reminded = (lead == 10) & (rng.random(lead.size) < 0.6)
    rows = pd.DataFrame(
        {
            "lead_days": lead,
            "reminded": reminded.astype(float),
            "no_show": (rng.random(lead.size) < np.where(lead == 10, 0.3, 0.05)).astype(int),
            "patient": np.arange(lead.size),
        }
    )
    found = paradox(rows, 3)
    assert found.among_all > 0.1
    assert abs(found.among_long) < 0.03
    assert [group.appointments for group in found.groups[:2]] == [reminded.sum(), (~reminded).sum()]


def test_no_paradox_is_told_where_reminders_are_not_recorded():
    assert paradox(visits(reminded=np.nan), 3) is None


def test_group_without_events_is_not_scored_and_says_why():
    rows = visits(sex=["female"] * 3 + ["male"] * 3, no_show=[0, 0, 0, 0, 1, 1])
    female, male = score_groups(rows, np.linspace(0.1, 0.6, 6), ["sex"])
    assert female.auroc is None
    assert female.unscored == "nobody missed, so that nothing tells them apart"
    assert male.auroc is not None
    assert female.excess.value == pytest.approx(-0.2)


def test_missing_values_are_a_group_of_their_own():
    rows = visits(sex=[None, "male", "male", "male", "male", None], age=[np.nan, 20, 30, 40, 70, 17.0])
    assert {group.group for group in score_groups(rows, np.full(6, 0.5), ["sex"])} == {"male", "not recorded"}
    assert [group.group for group in score_groups(rows, np.full(6, 0.5), ["age_band"])] == [
        "under 18", "18 to 34", "35 to 49", "65 and over", "not recorded"
    ]  # fmt: skip


def test_threshold_is_where_a_call_pays(settings):
    assert settings(call_cost=5.0, kept_slot_value=100.0, call_keeps=0.5).threshold == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"call_cost": 30.0}, "no call would ever pay"),
        ({"slope_within": (1.1, 1.3)}, "slope_within"),
        ({"test_from": date(2026, 11, 12)}, "leaves no day"),
        ({"goes_on_without": {"time": "It has none at all."}}, "without time"),
        ({"subgroups": ("sex", "sex")}, "more than once"),
    ],
)
def test_parameters_that_contradict_themselves_are_refused(settings, given, words):
    with pytest.raises(ValueError, match=words):
        settings(**given)
