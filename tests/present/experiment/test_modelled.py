"""What a report tells of the models beside the verdict: shown where sound, withheld with a word where not."""

from dataclasses import replace

import pytest

from workbench.experiments.exact import Estimate
from workbench.experiments.late.cure import CureFit
from workbench.experiments.late.forecast import ArmForecast, LateOutcomes
from workbench.experiments.models.checks import PosteriorChecks, PowerScaling, PredictiveCheck
from workbench.experiments.models.covariate import StandardizedPosterior
from workbench.experiments.models.factors import CellRate, FactorPosterior, MainEffect
from workbench.experiments.models.segments import NamedSegments
from workbench.experiments.models.summary import Summary
from workbench.experiments.structure import Covariate
from workbench.experiments.verdict import decide
from workbench.present.experiment import sections
from workbench.present.experiment.result import experiment_result
from workbench.reports.release.honesty import find_dishonesty
from workbench.sampling.diagnostics import Diagnostics

ADOPT = {"plain": (20_000, 19_000, 1_000, 190), "warm": (20_000, 19_000, 1_400, 190)}
THREE = ADOPT | {"short": (20_000, 19_000, 1_010, 190)}
DESIGN = {
    "plain": {"tone": "neutral", "length": "long"},
    "warm": {"length": "long", "tone": "warm"},
    "short": {"tone": "neutral", "length": "short"},
}
SOUND = Diagnostics(r_hat=1.002, ess_bulk=2_400.0, ess_tail=2_100.0, divergences=0, e_bfmi=0.8)
UNSOUND = [
    replace(SOUND, r_hat=1.01),
    replace(SOUND, ess_bulk=400.0),
    replace(SOUND, ess_tail=400.0),
    replace(SOUND, divergences=1),
    replace(SOUND, e_bfmi=0.3),
]
SENSITIVE = (PowerScaling("warm", 0.02, 0.11),)
FITS = PosteriorChecks((PredictiveCheck("largest rate of a cell", 0.1, 0.05, 0.2, 0.42),), SENSITIVE)
SURPRISED = PosteriorChecks((PredictiveCheck("largest rate of a cell", 0.4, 0.05, 0.2, 0.001),), SENSITIVE)
CELLS = {
    "anxiety": {"plain": (700, 52), "warm": (700, 80)},
    "depression": {"plain": (800, 60), "warm": (800, 90)},
}


def result_of(analysis):
    return experiment_result(analysis, decide(analysis))


def summary(mean: float, low: float, high: float) -> Summary:
    return Summary(mean, low, high, 0.95, 0.99)


def prose(blocks) -> str:
    return " ".join(block.text for block in blocks if block.kind == "prose")


def checks_of(result):
    return {check.name: check for check in result.checks}


@pytest.fixture
def factorial(analyzed):
    """An analysis with a model of factors, of three arms of a design of two factors."""

    def make(diagnostics=SOUND, checks=FITS):
        # Declared once it is analyzed, so that nothing is sampled.
        analysis = analyzed(THREE)
        settings = analysis.settings.model_copy(update={"factors": DESIGN})
        found = FactorPosterior(
            effects=(
                MainEffect("tone", "warm", "neutral", summary(0.021, 0.012, 0.03)),
                MainEffect("length", "short", "long", summary(0.001, -0.008, 0.01)),
            ),
            two_way=summary(0.08, 0.0, 0.22),
            higher=None,
            rates=(
                CellRate(("warm", "long"), summary(0.074, 0.07, 0.078), 0.998, 0.0),
                CellRate(("neutral", "short"), summary(0.054, 0.051, 0.057), 0.001, 0.02),
                CellRate(("neutral", "long"), summary(0.053, 0.05, 0.056), 0.001, 0.021),
            ),
            unsent=(("warm", "short"),),
            diagnostics=diagnostics,
            checks=checks,
        )
        return replace(analysis, settings=settings, factors=found)

    return make


def test_which_part_of_the_message_did_it_is_told_with_what_was_never_sent(factorial):
    analysis = factorial()
    result = result_of(analysis)
    assert result.table("factors").rows == [
        ["tone", "warm instead of neutral", pytest.approx(21), "12 to 30"],
        ["length", "short instead of long", pytest.approx(1), "−8 to 10"],
    ]
    assert result.table("combinations").rows == [
        ["warm, long", 19_000, 0.074, "7.0 to 7.8"],
        ["neutral, short", 19_000, 0.054, "5.1 to 5.7"],
        ["neutral, long", 19_000, 0.053, "5.0 to 5.6"],
    ]
    blocks = sections.what_it_did(analysis, result)
    assert [block.table.id for block in blocks if block.kind == "table"][-2:] == ["factors", "combinations"]
    assert "“warm, long” is the best with a probability of 99.8 %" in prose(blocks)
    assert "Never sent: “warm, short”" in prose(blocks)
    metric, _ = [metric for metric in result.metrics if "factor" in metric.of]
    assert metric.of == {"factor": "tone", "level": "warm", "versus": "neutral", "outcome": "outcome"}
    assert (metric.value, metric.low, metric.high) == (0.021, 0.012, 0.03)


@pytest.mark.parametrize("diagnostics", UNSOUND)
def test_a_model_of_factors_that_did_not_sample_well_is_not_shown_and_the_verdict_stands(
    factorial, diagnostics
):
    analysis = factorial(diagnostics)
    result = result_of(analysis)
    assert not result.has_table("factors")
    assert not result.has_table("combinations")
    assert not [metric for metric in result.metrics if "factor" in metric.of]
    assert "did not sample well" in prose(sections.what_it_did(analysis, result))
    check = checks_of(result)["Sampler of the model of factors"]
    assert check.passed is None
    assert check.detail.endswith("Its numbers are not shown.")
    assert result.verdict.decision == "adopt"
    assert list(find_dishonesty(result)) == []


def test_a_small_arm_s_combination_is_hidden(factorial):
    analysis = factorial()
    few = analysis.counts.cells.copy()
    few.loc[(few["arm"] == "warm") & (few["followed"] == 14), "people"] = 2
    result = result_of(replace(analysis, counts=replace(analysis.counts, cells=few)))
    assert ["warm, long", None, None, None] in result.table("combinations").rows


def test_factors_that_cannot_be_told_apart_from_time_say_so(factorial):
    analysis = factorial()
    counts = replace(analysis.counts, shares_vary=True)
    told = prose(sections.what_it_did(replace(analysis, counts=counts, factors=None), result_of(analysis)))
    assert "is not told: the chances of the arms were changed on the way" in told


def test_segments_that_cannot_be_told_apart_from_time_say_so(analyzed):
    analysis = analyzed(ADOPT)
    changed = replace(analysis, counts=replace(analysis.counts, shares_vary=True))
    told = prose(sections.for_whom(changed, result_of(changed)))
    assert "not told apart by segment: the chances of the arms were changed on the way" in told
    assert prose(sections.for_whom(analysis, result_of(analysis))) == "The effect is not told apart by segment."


@pytest.fixture
def covered(analyzed):
    def make(diagnostics=SOUND):
        analysis = analyzed(ADOPT, covariate=Covariate(of="bookings_before", days=180))
        found = StandardizedPosterior(
            {"warm": summary(0.0207, 0.016, 0.025)}, {"warm": 0.12}, diagnostics, FITS
        )
        return replace(analysis, standardized=found)

    return make


def test_the_adjusted_difference_stands_beside_the_unadjusted_one(covered):
    analysis = covered()
    result = result_of(analysis)
    table, plain = result.table("covariate"), analysis.effects[0].difference
    assert table.rows[0][0:2] == ["warm", 1000 * plain.mean]
    assert table.rows[0][3:] == [pytest.approx(20.7), "16 to 25", pytest.approx(12)]
    assert "bookings in the 180 days before the assignment" in table.caption
    assert table in [b.table for b in sections.can_it_be_trusted(analysis, result) if b.kind == "table"]
    saved = [metric for metric in result.metrics if metric.name == "variance_saved"]
    assert [metric.value for metric in saved] == [0.12]
    # The playbook and the catalogue go on reading the unadjusted one.
    assert result.headline_number.value == plain.mean


def test_an_adjusted_difference_that_is_not_told_says_why(covered):
    unsound = covered(UNSOUND[0])
    result = result_of(unsound)
    assert not result.has_table("covariate")
    assert not [metric for metric in result.metrics if metric.of.get("model") == "covariate"]
    assert "its model did not sample well" in prose(sections.can_it_be_trusted(unsound, result))
    alike = replace(unsound, standardized=None)
    assert "all people are alike in it" in prose(sections.can_it_be_trusted(alike, result_of(alike)))


def test_segments_are_named_only_where_the_extremes_are_no_surprise(analyzed, with_segments):
    whole = {"plain": (1_500, 1_500, 112, 15), "warm": (1_500, 1_500, 170, 15)}
    analysis = with_segments(analyzed(whole), CELLS)
    named = (NamedSegments("warm", 0.99, ("anxiety",), (), 0.01),)

    def told(checks):
        chosen = replace(analysis, segments=replace(analysis.segments, named=named, checks=checks))
        result = result_of(chosen)
        return prose(sections.for_whom(chosen, result)), checks_of(result), result

    words, checks, _ = told(FITS)
    assert "bookings rose in anxiety" in words
    assert checks["Extremes as the model by segment expects"].passed is True
    assert "“warm” 0.02 and 0.11" in checks["Priors of the model by segment"].detail
    assert checks["Priors of the model by segment"].passed is None
    words, checks, result = told(SURPRISED)
    assert "rose in anxiety" not in words
    assert "No segment is named: data as extreme as these are rare" in words
    assert "largest rate of a cell" in words
    found = checks["Extremes as the model by segment expects"]
    assert found.passed is None
    assert found.detail.endswith("its list of named segments is withheld.")
    # The list is withheld, and not the verdict.
    assert result.verdict.decision == "adopt"
    assert list(find_dishonesty(result)) == []


def test_segments_of_a_sampler_that_failed_are_in_no_table_and_no_metric(analyzed, with_segments):
    analysis = with_segments(analyzed(ADOPT), CELLS)
    result = result_of(replace(analysis, segments=replace(analysis.segments, diagnostics=UNSOUND[3])))
    assert not [table for table in result.tables if table.id.startswith("segments_")]
    assert not [metric for metric in result.metrics if "segment" in metric.of]


def forecast(mean: float, extrapolated: int = 0) -> LateOutcomes:
    def arm(name: str, mean: float) -> ArmForecast:
        rate = Estimate(mean, mean - 0.01, mean + 0.01, 0.95)
        return ArmForecast(name, 20_000, 0.9, 900, 0.9, rate, 0.005, rate, 0.005, extrapolated, None, 1.0)

    return LateOutcomes(14, (arm("plain", 0.05), arm("warm", mean)), {}, 0.5)


def cure(mean: float, diagnostics=SOUND) -> CureFit:
    rates = {
        "plain": Estimate(0.052, 0.045, 0.06, 0.95),
        "warm": Estimate(mean, mean - 0.005, mean + 0.02, 0.95),
    }
    return CureFit("weibull", rates, diagnostics)


def test_both_models_of_open_windows_are_told_and_where_they_disagree(analyzed):
    analysis = replace(analyzed(ADOPT), late=forecast(0.08), cure=cure(0.075))
    result = result_of(analysis)
    assert [row[-1] for row in result.table("cure").rows] == ["agree", "agree"]
    assert result.table("cure").rows[1][:6] == ["warm", 20_000, 0.08, "7.0 to 9.0", 0.075, "7.0 to 9.5"]
    assert checks_of(result)["Cure model beside the forecast"].passed is True
    assert {(m.of["arm"], m.of["model"]) for m in result.metrics if m.name == "rate_within_window"} == {
        (arm, model) for arm in ("plain", "warm") for model in ("hazards", "cure")
    }
    # Beyond the interval of the one, though within the other's.
    apart = result_of(replace(analysis, cure=cure(0.0905)))
    assert [row[-1] for row in apart.table("cure").rows] == ["agree", "disagree"]
    check = checks_of(apart)["Cure model beside the forecast"]
    assert check.passed is None
    assert "“warm”" in check.detail
    assert "“plain”" not in check.detail


def test_a_cure_model_that_did_not_sample_well_is_not_shown(analyzed):
    result = result_of(replace(analyzed(ADOPT), late=forecast(0.08), cure=cure(0.2, UNSOUND[1])))
    assert result.has_table("forecast")
    assert not result.has_table("cure")
    assert not [metric for metric in result.metrics if metric.name == "rate_within_window"]
    assert "did not sample well" in checks_of(result)["Cure model beside the forecast"].detail


def test_what_lies_beyond_the_follow_up_is_marked_as_extrapolated(analyzed):
    result = result_of(replace(analyzed(ADOPT), late=forecast(0.08, extrapolated=5), cure=cure(0.08)))
    for id in ("forecast", "cure"):
        table = result.table(id)
        assert "extrapolated" in table.caption
        assert "followed for more than 9 days" in table.note
    assert checks_of(result)["Forecast of open windows"].detail.startswith("It is extrapolated:")
    unsteady = replace(forecast(0.08), steadiness=0.01)
    withheld = result_of(replace(analyzed(ADOPT), late=unsteady))
    assert not withheld.has_table("forecast")
    assert checks_of(withheld)["Forecast of open windows"].detail.startswith("None is given:")
