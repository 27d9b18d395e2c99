"""What is said of message load, at the edges of the rule; and that no few people are told of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from workbench.message_load.analysis import Analysis, Risk
from workbench.message_load.bands import LOAD
from workbench.message_load.causal.results import Ceiling
from workbench.message_load.counts import LoadCounts
from workbench.message_load.curve import GroupRisk, LoadPoint
from workbench.message_load.estimate import Estimate
from workbench.message_load.verdict import OLDEST_DATA, decide
from workbench.present.message_load import sections
from workbench.present.message_load.result import message_load_result
from workbench.sampling.diagnostics import Diagnostics
from workbench.tables.cohort import Step
from workbench.tables.kept_groups import KeptGroups

SOUND = Diagnostics(r_hat=1.001, ess_bulk=900, ess_tail=900, divergences=0, e_bfmi=0.9)
ONE = Estimate(1.0, 0.9, 1.1)
AT_FOUR = LOAD.place_of(4)
MOMENT = datetime(2026, 11, 16, tzinfo=UTC)


def counts(opt_outs=(300, 100, 50, 40, 5, 0), data_until=MOMENT):
    loads = [("load", str(place), 2_000, 40_000, number) for place, number in enumerate(opt_outs)]
    others = [("kind", "4", 9_000, 200_000, sum(opt_outs)), ("hour", "1", 9_000, 200_000, sum(opt_outs))]
    margins = [*loads, *others, ("segment", "active", 9_000, 200_000, sum(opt_outs))]
    cells = pd.DataFrame({"texts": [200_000], "opt_outs": [sum(opt_outs)]})
    left = [("text", "keyword", "not recorded", sum(opt_outs)), ("other", "staff", "too_many", 4)]
    borne = [("active", 0, 500), ("active", 1, 400), ("active", 2, 90), ("lapsed", 0, 4)]
    return LoadCounts(
        cells=cells,
        margins=pd.DataFrame(margins, columns=["by", "place", "people", "texts", "opt_outs"]),
        opt_outs=pd.DataFrame(left, columns=["answered", "route", "reason", "people"]),
        borne=pd.DataFrame(borne, columns=["segment", "texts", "people"]),
        people=9_000,
        flow=(Step("Texts that arrived", 300_000), Step("studied", 200_000)),
        data_until=data_until,
    )


def risk(ratio=ONE, expected=60.0, diagnostics=SOUND):
    curve = [
        LoadPoint(label, 40_000, 50, ONE, ONE, ratio if place == AT_FOUR else ONE, expected)
        for place, label in enumerate(LOAD.labels)
    ]
    groups = {
        "kinds": GroupRisk("kind", "4", "education", 200_000, 495, ONE),
        "hours": GroupRisk("hour", "1", "9:00 to 11:59", 200_000, 495, ONE),
        "segments": GroupRisk("segment", "active", "active", 200_000, 495, ONE),
    }
    told = {name: (group,) for name, group in groups.items()}
    return Risk(tuple(curve), ONE, **told, frailty=ONE, wear=ONE, diagnostics=diagnostics)


@pytest.fixture
def analysis(settings_for):
    return lambda found, **changed: Analysis(counts(**changed), settings_for(), found)


@pytest.mark.parametrize(
    ("ratio", "decision"),
    [
        (Estimate(1.5, 1.01, 2.2), "hypothesis_to_test"),
        (Estimate(1.2, 0.99, 1.49), "no_load_effect_seen"),
        (Estimate(1.2, 0.99, 1.51), "not_identified"),
        (Estimate(0.7, 0.5, 0.9), "no_load_effect_seen"),
    ],
)
def test_the_interval_at_the_high_load_decides(analysis, ratio, decision):
    assert decide(analysis(risk(ratio))).decision == decision


@pytest.mark.parametrize(("expected", "decision"), [(20.0, "no_load_effect_seen"), (19.9, "not_identified")])
def test_a_high_load_that_hardly_anybody_bore_identifies_nothing(analysis, expected, decision):
    assert decide(analysis(risk(expected=expected))).decision == decision


def test_draws_that_are_not_sound_are_not_read(analysis):
    unsound = replace(SOUND, divergences=1)
    assert decide(analysis(risk(diagnostics=unsound))).decision == "invalid"


def test_too_few_opt_outs_are_waited_for(analysis):
    assert decide(analysis(None)).decision == "keep_collecting"


@pytest.mark.parametrize(("late", "decision"), [(0, "no_load_effect_seen"), (1, "invalid")])
def test_old_data_tell_nothing_of_today(analysis, late, decision):
    until = MOMENT - OLDEST_DATA - timedelta(seconds=late)
    assert decide(analysis(risk(), data_until=until)).decision == decision


@pytest.mark.parametrize(
    ("answer", "decision"), [("ceiling", "ceiling_supported"), ("none_found", "no_load_effect_seen")]
)
def test_only_a_ceiling_found_by_lot_is_supported(analysis, answer, decision):
    ceiling = Ceiling(answer, worth=3, level=0.95, texts_a_week=2.0)
    assert decide(analysis(risk()), ceiling).decision == decision


def test_a_failed_sampler_speaks_against_a_ceiling_too(analysis):
    ceiling = Ceiling("ceiling", worth=3, level=0.95, texts_a_week=2.0)
    failed = risk(diagnostics=replace(SOUND, r_hat=1.2))
    assert decide(analysis(failed), ceiling).decision == "invalid"


def test_nothing_is_told_of_few(analysis, kept_up_for):
    found = analysis(risk())
    result = message_load_result(found, kept_up_for(), decide(found))
    told = {row[0]: row[1] for row in result.table("curve").rows}
    assert told["4"] == "1,000.0 (900.0 to 1,100.0)"
    assert told["5–6"] == told["7 or more"] == "few opted out"
    assert [row[1] for row in result.table("reasons").rows] == [None, None]
    assert [row[1] for row in result.table("borne").rows] == [None, None]
    assert "5–6 texts in seven days" not in {metric.of.get("model") for metric in result.metrics}


def test_of_a_high_load_after_which_few_opted_out_no_ratio_is_told(analysis, kept_up_for):
    found = analysis(risk(Estimate(1.23, 0.5, 4.56)), opt_outs=(300, 100, 50, 5, 5, 0))
    result = message_load_result(found, kept_up_for(), decide(found))
    words = " ".join([result.verdict.headline, *result.verdict.reasons])
    assert "1.2" not in words
    assert "few people opted out" in words
    assert result.headline_metric is None


@pytest.mark.parametrize("found", [None, risk()], ids=["too few", "enough"])
def test_every_section_can_be_shown(analysis, found, kept_up_for):
    made = analysis(found)
    result = message_load_result(made, kept_up_for(), decide(made))
    assert sections.how_load_counts(made, result)
    assert sections.after_which_text(made, result)
    assert sections.who_was_studied(made, result)
    assert sections.who_bears_it(result)
    assert sections.how_people_opt_out(result)
    assert sections.what_a_load_does(made, kept_up_for(), result)
    assert sections.is_there_a_ceiling(kept_up_for(), result)


def test_kept_segments_are_named_with_version_and_day(analysis, kept_up_for):
    groups = KeptGroups("behavior_groups", "20251117-0123abcd", date(2025, 11, 17), written_first=False)
    found = replace(analysis(risk()), counts=replace(counts(), groups=groups))
    result = message_load_result(found, kept_up_for(), decide(found))
    told = next(check.detail for check in result.checks if check.name == "Segments fixed beforehand")
    assert "Segments behavior_groups, version 20251117-0123abcd, as of 17 Nov 2025" in told
    assert "written only after the beginning of the days studied" in told
    assert result.table("borne").columns[0].title == "Group of behavior groups"
    terms = sections.who_was_studied(found, result)[-1].terms
    alike = next(term.text for term in terms if term.label == "Other things alike")
    assert "group of behavior groups as known on 17 Nov 2025" in alike
