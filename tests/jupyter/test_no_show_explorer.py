"""The explorer of a no-show analysis: lists, worth and parameters as the study itself computes them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.jupyter.no_show_explorer import explore_no_show
from workbench.no_show.analysis import MODEL_LIST, analyze
from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.decisions.reminders import reminders_by_capacity
from workbench.no_show.decisions.sessions import OF_SESSIONS
from workbench.no_show.parameters import NoShow
from workbench.parameters.reading import read_yaml
from workbench.present import numbers
from workbench.tables.cohort import Step

SETTINGS = NoShow(
    title="t",
    question="q?",
    audience=("analysts",),
    owner="o",
    source="sample",
    seed=3,
    as_of=date(2026, 11, 16),
    test_from=date(2026, 9, 7),
    subgroups=("lead",),
    who_must_act="Nobody has to act.",
)


def appointments(size=6000):
    """Lead alone tells who misses; the last fifth of the days is for the test."""
    rng = np.random.default_rng(4)
    lead = rng.choice([0, 2, 5, 20], size)
    day = np.sort(rng.integers(0, 100, size))
    made = {name: np.zeros(size) for name in NUMBERS} | dict.fromkeys(WORDS)
    made |= {
        "patient": np.arange(size) // 2,
        "day": pd.Timestamp("2026-06-22") + pd.to_timedelta(day, unit="D"),
        "period": np.select([day > 76, day > 50], ["test", "calibration"], "training"),
        "lead_days": lead,
        "no_show": (rng.random(size) < 0.05 + 0.015 * lead).astype(int),
        "reminded": np.nan,
        "clinic_id": "c",
    }
    made["outcome"] = np.where(made["no_show"] == 1, "no_show", "attended")
    frame = pd.DataFrame(made | dict.fromkeys(OF_SESSIONS, np.nan))
    constant = tuple(name for name in (*NUMBERS, *WORDS) if frame[name].nunique(dropna=False) < 2)
    return Appointments(frame, (Step("with an outcome", size),), 1.0, constant, None, None)


@pytest.fixture(scope="module")
def analysis():
    return analyze(appointments(), SETTINGS)


@pytest.fixture
def explorer(analysis):
    return explore_no_show(analysis)


def put(explorer, **values):
    for name, value in values.items():
        explorer.controls[name].value = value


def only_calls(analysis, size):
    """The same analysis of a test of so many appointments, of which every other one was missed."""
    test = analysis.appointments.of("test").head(size).assign(no_show=np.arange(size) % 2)
    risk = {name: values[:size] for name, values in analysis.predictions.probability.items()}
    lists = reminders_by_capacity(test, {MODEL_LIST: risk[analysis.chosen]}, analysis.settings)
    period = replace(analysis.test, appointments=size, missed=size // 2)
    return replace(
        analysis,
        appointments=replace(analysis.appointments, rows=test),
        predictions=replace(analysis.predictions, probability=risk),
        periods=(*analysis.periods[:-1], period),
        reminders=lists,
    )


def test_it_begins_at_the_parameters(explorer):
    assert explorer.values == {
        "calls_per_day": 20,
        "call_cost": 4.0,
        "kept_slot_value": 100.0,
        "call_keeps": 25.0,
    }
    assert explorer.printed.value == (
        "calls_per_day: 20\ncall_cost: 4.0\nkept_slot_value: 100.0\ncall_keeps: 0.25"
    )


@pytest.mark.parametrize(("calls", "cost", "value", "keeps"), [(3, 4.0, 100.0, 25), (31, 2.5, 60.0, 40)])
def test_it_shows_what_the_study_computes_there(analysis, explorer, calls, cost, value, keeps):
    put(explorer, calls_per_day=calls, call_cost=cost, kept_slot_value=value, call_keeps=float(keeps))
    asked = {"calls_per_day": calls, "call_cost": cost, "kept_slot_value": value, "call_keeps": keeps / 100}
    settings = NoShow.model_validate(SETTINGS.model_dump() | asked)
    risk = analysis.predictions.probability[analysis.chosen]
    test = analysis.appointments.of("test")
    found = reminders_by_capacity(test, {MODEL_LIST: risk}, settings)
    at = found.at(MODEL_LIST, calls)
    shown = explorer.shown.value.replace("\u00a0", " ")
    for count in (at.calls, at.caught, at.missed, len(test) - at.calls):
        assert f">{numbers.count(count)}</td>" in shown
    assert f"({numbers.percent(at.share_caught)})" in shown
    assert f"{numbers.number(at.gain / found.days)} a day" in shown
    assert f"pays from a risk of {numbers.percent(settings.threshold, 0)}" in shown


def test_lists_are_those_counted_one_by_one(analysis, explorer):
    """Of each day the two highest risks, by sorting; ties, if any, are as in the study's own list."""
    put(explorer, calls_per_day=2)
    test = analysis.appointments.of("test").assign(
        risk=analysis.predictions.probability[analysis.chosen],
        luck=np.random.default_rng(SETTINGS.seed).random(analysis.test.appointments),
    )
    called = test.sort_values(["risk", "luck"], ascending=[False, True]).groupby("day").head(2)
    caught, total = int(called["no_show"].sum()), int(test["no_show"].sum())
    assert caught > 10
    shown = explorer.shown.value.replace("\u00a0", " ")
    assert f"catch {caught} of {total} no-shows" in shown
    assert f"miss {total - caught}" in shown


def test_what_it_prints_is_read_back_and_fits_the_study(explorer, tmp_path):
    put(explorer, calls_per_day=33, call_cost=2.5, kept_slot_value=155.0, call_keeps=29.0)
    file = tmp_path / "set.yaml"
    file.write_text(explorer.printed.value, encoding="utf-8")
    read = read_yaml(file).values
    assert read == {"calls_per_day": 33, "call_cost": 2.5, "kept_slot_value": 155.0, "call_keeps": 0.29}
    settings = NoShow.model_validate_json(SETTINGS.model_copy(update=read).model_dump_json())
    assert settings.call_keeps == 0.29


def test_steps_counted_in_floating_point_print_as_they_are_meant(explorer):
    put(explorer, call_cost=4.500000000000001, call_keeps=29.000000000000004)
    assert "call_cost: 4.5\n" in explorer.printed.value
    assert explorer.printed.value.endswith("call_keeps: 0.29")


def test_a_call_that_never_pays_is_refused_in_words_and_prints_nothing(explorer):
    put(explorer, kept_slot_value=15.0)
    assert "no call would ever pay" in explorer.shown.value
    assert explorer.printed.value == ""
    explorer.reset()
    assert explorer.printed.value.startswith("calls_per_day: 20\n")


def test_few_are_hidden_in_table_and_words(analysis):
    explorer = explore_no_show(only_calls(analysis, 40))
    put(explorer, calls_per_day=5)
    shown = explorer.shown.value
    assert "would tell of few" in shown
    assert "Slots kept" not in shown
    assert "Not shown: few (fewer than 11" in shown


def test_rounding_of_counts_reaches_the_words(analysis):
    nhs = replace(analysis, settings=SETTINGS.model_copy(update={"disclosure": "nhs"}))
    explorer = explore_no_show(nhs)
    put(explorer, calls_per_day=7)
    risk = analysis.predictions.probability[analysis.chosen]
    test = analysis.appointments.of("test")
    settings = SETTINGS.model_copy(update={"calls_per_day": 7})
    at = reminders_by_capacity(test, {MODEL_LIST: risk}, settings).at(MODEL_LIST, 7)
    calls, caught, missed = ((count + 2) // 5 * 5 for count in (at.calls, at.caught, at.missed))
    shown = explorer.shown.value.replace("\u00a0", " ")
    assert f"catch {caught} of {caught + missed} no-shows" in shown
    assert f"{numbers.number((25 * caught - 4 * calls) / analysis.reminders.days)} a day" in shown


def test_the_sliders_reach_the_parameters_wherever_they_are(analysis):
    given = {"calls_per_day": 5000, "call_cost": 9000.0, "kept_slot_value": 900_000.0, "call_keeps": 0.125}
    far = replace(analysis, settings=SETTINGS.model_copy(update=given))
    explorer = explore_no_show(far)
    assert explorer.values == given | {"call_keeps": 12.5}
    assert "call_keeps: 0.125" in explorer.printed.value
    assert (
        f"{numbers.count(analysis.test.missed)} of {numbers.count(analysis.test.missed)}"
        in explorer.shown.value
    )
    assert explorer.controls["kept_slot_value"].max == 1_000_000.0
