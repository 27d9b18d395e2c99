"""Whether to run it: the decision at its edges, and what it says first."""

import pytest

from workbench.experiments.planning.analysis import make_plan
from workbench.experiments.planning.traffic import Segment, Traffic
from workbench.experiments.planning.verdict import decide_plan
from workbench.present.experiment_plan.result import plan_result
from workbench.tables.cohort import Step


def traffic(eligible=4_000, arrived=1_200, texted=5_000, segments=()):
    flow = (Step("in the books", 9_000), Step("who may be texted", eligible))
    return Traffic(flow, tuple(segments), arrived, 0, texted, texted * 4 // 100, texted // 100, None, {})


@pytest.fixture(scope="module")
def settings(planned):
    return planned(sizes=(1_000, 2_000), simulated_experiments=2_500, segment_by="diagnosis_group")


@pytest.fixture(scope="module")
def plan(settings):
    segments = [Segment("anxiety", 3_950, 1_190), Segment("bipolar", 45, 12), Segment("trauma", 5, 0)]
    return make_plan(traffic(segments=segments), settings)


def test_it_is_run_at_the_smallest_size_that_reaches_the_target_in_time(plan):
    assert decide_plan(plan) == "run_it"
    assurances = [size.chances.assurance.verdicts["adopt"] for size in plan.sizes]
    assert plan.chosen.chances.people_per_arm == 1_000 or assurances[0] < 0.5
    result = plan_result(plan, decide_plan(plan))
    size = f"{plan.chosen.chances.people_per_arm:,}"
    assert result.verdict.headline.startswith(f"Run it with {size} patients in each arm")
    assert [fact.label for fact in result.verdict.facts][:2] == ["With how many", "How long"]
    assert "cannot be counted on to show" in result.verdict.reasons[2]


def test_assurance_rises_to_no_more_than_the_prior_allows(plan):
    assurances = [size.chances.assurance.verdicts["adopt"] for size in plan.sizes]
    assert assurances == sorted(assurances)
    assert assurances[-1] < plan.ceiling + 0.03
    assert plan.ceiling == pytest.approx(0.841, abs=1e-3)


def test_it_is_not_run_where_no_size_reaches_the_target_in_time(settings):
    plan = make_plan(traffic(eligible=1_500, arrived=0), settings)
    assert decide_plan(plan) == "not_as_planned"
    result = plan_result(plan, "not_as_planned")
    assert result.verdict.headline == "Not as planned: no size has its planned look within 180 days."
    assert {row[3] for row in result.table("sizes").rows} == {"never"}


def test_it_is_not_run_where_nothing_is_believed_to_come_of_it(settings):
    plan = make_plan(traffic(), settings.model_copy(update={"expected_effect": 0.001, "effect_sd": 0.002}))
    assert decide_plan(plan) == "not_as_planned"
    assert (
        "even 2,000 patients in each arm (4,000 in all), the largest size within 180 days"
        in plan_result(plan, "not_as_planned").verdict.headline
    )


@pytest.mark.parametrize(
    ("texted", "drawn", "failed"),
    [(199, 2_500, "Base rates known"), (5_000, 1_000, "Experiments enough")],
)
def test_a_plan_on_what_is_not_known_says_nothing(settings, texted, drawn, failed):
    changed = settings.model_copy(update={"simulated_experiments": drawn, "sizes": (1_000,)})
    plan = make_plan(traffic(texted=texted), changed)
    assert decide_plan(plan) == "invalid"
    result = plan_result(plan, "invalid")
    assert [check.name for check in result.checks if check.passed is False] == [failed]


def test_small_segments_are_hidden_with_all_that_tells_of_them(plan):
    rows = {row[0]: row[1:] for row in plan_result(plan, "run_it").table("reach").rows}
    assert rows["trauma"] == [None, None, None]
    # Hidden too, for the whole is known: the smallest of the others.
    assert rows["bipolar"][:2] == [None, None]
    assert rows["anxiety"][:2] == [3_950, 1_190]
    assert rows["anxiety"][2].endswith(" days")
