"""Every decision of the rule, reached from counts."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from workbench.experiments.analysis import analyze
from workbench.experiments.counting.counts import Disturbances, ExperimentCounts
from workbench.experiments.metrics import USUAL_METRICS
from workbench.experiments.models.clusters import ClusterCells, plain_difference
from workbench.experiments.models.segments import SegmentPosterior
from workbench.experiments.parameters import InterimLook
from workbench.experiments.verdict import decide, gates, needed_log_e, needed_probability
from workbench.sampling.diagnostics import Diagnostics

EARLY = date(2026, 4, 10)
# Each arm: enrolled, closed, with the outcome, with the guardrail's event.
LARGE = 20_000


def arms(plain: int, warm: int, out: tuple[int, int] = (200, 200), people: int = LARGE):
    return {"plain": (people, people, plain, out[0]), "warm": (people, people, warm, out[1])}


@pytest.fixture
def decided(experiment, parameters):
    """The verdict on an experiment's counts; keywords named like fields of the counts change those."""

    def decide_on(given, changes=None, **settings):
        return decide(analyze(replace(experiment(given), **(changes or {})), parameters(**settings)))

    return decide_on


AT_THE_LOOK = {
    "adopt": arms(1_000, 1_400),
    "equivalent": arms(1_000, 1_010),
    # Surely too small to matter, and perhaps a little worse: outside the bounds of equivalence.
    "reject": arms(240, 214, people=3_000, out=(30, 30)),
    "inconclusive": arms(60, 75, people=1_000, out=(10, 10)),
}


@pytest.mark.parametrize("decision", AT_THE_LOOK)
def test_decisions_at_the_planned_look(decided, decision):
    verdict = decided(AT_THE_LOOK[decision])
    assert (verdict.decision, verdict.arm) == (decision, "warm")
    assert all(gate.passed for gate in verdict.gates)
    assert [entry.decision for entry in verdict.arms] == [decision]


def test_harm_by_the_guardrail_comes_before_any_gain(decided):
    assert decided(arms(1_000, 1_600, out=(200, 600))).decision == "harmful"


def test_harm_by_the_outcome(decided):
    assert decided(arms(1_400, 1_000)).decision == "harmful"


def test_adoption_without_proof_of_safety_is_monitored(decided):
    assert decided(arms(1_000, 1_400)).monitored is False
    open_risk = arms(1_000, 1_400, out=(200, 380))
    verdict = decided(open_risk)
    assert (verdict.decision, verdict.monitored) == ("adopt", True)
    assert (
        decided({arm: (*n[:3], None) for arm, n in open_risk.items()}, metrics=USUAL_METRICS[:1]).monitored
        is False
    )


def test_before_the_look_adoption_takes_evidence_valid_at_every_look(experiment, parameters, decided):
    likely = arms(60, 85, people=1_000, out=(10, 10))
    early = analyze(experiment(likely), parameters(as_of=EARLY))
    assert early.effects[0].better > needed_probability(early)
    assert early.effects[0].log_e < needed_log_e(early)
    assert decide(early).decision == "keep_collecting"
    # The same counts at the planned look are enough, and overwhelming ones are enough at any time.
    assert decided(likely).decision == "adopt"
    assert decided(arms(60, 140, people=1_000, out=(10, 10)), as_of=EARLY).decision == "adopt"


def test_the_bar_before_the_look_is_the_one_in_the_parameters(experiment, parameters, decided):
    given = arms(60, 97, people=1_000, out=(10, 10))
    log_e = analyze(experiment(given), parameters(as_of=EARLY)).effects[0].log_e
    assert np.log(10) < log_e
    below, above = float(np.exp(log_e)) * 0.999, float(np.exp(log_e)) * 1.001
    assert decided(given, as_of=EARLY, adopt_evidence=below).decision == "adopt"
    assert decided(given, as_of=EARLY, adopt_evidence=above).decision == "keep_collecting"


def test_before_the_look_a_small_effect_however_sure_is_not_adopted(decided):
    given = arms(10_000, 11_000, people=1_000_000, out=(10_000, 10_000))
    assert decided(given, as_of=EARLY).decision == "keep_collecting"


def test_before_the_look_harm_takes_evidence_as_well(experiment, parameters, decided):
    proven = arms(1_000, 1_000, out=(100, 500))
    assert decided(proven, as_of=EARLY).decision == "harmful"
    likely = arms(20, 20, people=400, out=(8, 30))
    guardrail = analyze(experiment(likely), parameters(as_of=EARLY)).guardrail[0]
    assert guardrail.harm > 0.95
    assert np.log(20) < guardrail.log_e < np.log(1_000)
    # Harm has a bar of its own, lower than that of a benefit.
    assert decided(likely, as_of=EARLY, adopt_evidence=1e6).decision == "harmful"
    assert decided(likely, as_of=EARLY, harm_evidence=1_000.0).decision == "keep_collecting"


def test_before_the_look_fewer_bookings_are_harm_too(experiment, parameters, decided):
    worse = arms(140, 60, people=1_000, out=(10, 10))
    effect = analyze(experiment(worse), parameters(as_of=EARLY)).effects[0]
    assert effect.log_e_worse > np.log(20) > effect.log_e
    assert decided(worse, as_of=EARLY).decision == "harmful"
    assert decided(worse, as_of=EARLY, harm_evidence=1e9).decision == "keep_collecting"


def test_by_the_rule_anytime_evidence_alone_adopts_at_the_planned_look_as_well(experiment, parameters, decided):
    likely = arms(60, 85, people=1_000, out=(10, 10))
    assert decided(likely).decision == "adopt"
    assert decided(likely, rule="anytime").decision == "inconclusive"
    strong = arms(60, 95, people=1_000, out=(10, 10))
    assert np.log(20) < analyze(experiment(strong), parameters()).effects[0].log_e < np.log(100)
    for day in (EARLY, date(2026, 6, 1)):
        assert decided(strong, as_of=day, rule="anytime").decision == "adopt"
    assert decided(strong, as_of=EARLY).decision == "keep_collecting"


@pytest.fixture
def planned():
    """Parameters of the rule with two looks."""
    look = InterimLook(day=EARLY, share=0.5)
    return {"rule": "planned", "planned_people": 4_000, "interim_looks": (look,)}


def test_by_the_rule_planned_a_look_takes_its_own_probability(experiment, parameters, decided, planned):
    likely = arms(60, 90, people=1_000, out=(10, 10))
    analysis = analyze(experiment(likely), parameters(as_of=EARLY, **planned))
    assert (analysis.look.number, analysis.look.looks, analysis.look.as_planned) == (1, 2, True)
    assert 0.96 < analysis.effects[0].better < analysis.look.needed
    assert decide(analysis).decision == "keep_collecting"
    assert decided(arms(60, 120, people=1_000, out=(10, 10)), as_of=EARLY, **planned).decision == "adopt"
    # On a day that is no look nothing is adopted, however strong.
    tomorrow = EARLY + timedelta(days=1)
    assert (
        decided(arms(60, 160, people=1_000, out=(10, 10)), as_of=tomorrow, **planned).decision
        == "keep_collecting"
    )


def test_by_the_rule_planned_the_last_look_takes_a_little_more_than_one_look_would(
    experiment, parameters, planned
):
    analysis = analyze(experiment(arms(120, 160, people=2_000, out=(20, 20))), parameters(**planned))
    assert 0.96 < needed_probability(analysis) < 0.97
    assert decide(analysis).decision == "adopt"


@pytest.mark.parametrize("people", [1_300, 700])
def test_looks_that_are_not_those_planned_leave_evidence_alone(
    experiment, parameters, decided, planned, people
):
    strong = arms(60, 125, people=people, out=(10, 10))
    analysis = analyze(experiment(strong), parameters(as_of=EARLY, **planned))
    assert not analysis.look.as_planned
    assert analysis.effects[0].better > 0.9999
    assert decide(analysis).decision == "adopt"
    weaker = arms(60, 90, people=people, out=(10, 10))
    assert decided(weaker, as_of=EARLY, **planned).decision == "keep_collecting"
    at_the_end = arms(60, 90, people=people, out=(10, 10))
    assert decided(at_the_end).decision == "adopt"
    assert decided(at_the_end, **planned).decision == "inconclusive"


def test_what_is_adopted_is_counted_on_for_less_than_it_looks(experiment, parameters):
    effect = analyze(experiment(arms(60, 90, people=1_000, out=(10, 10))), parameters()).effects[0]
    assert 0 < effect.skeptical.mean < 0.8 * effect.gain.mean


def test_the_probability_adoption_takes_is_the_one_in_the_parameters(experiment, parameters, decided):
    given = arms(60, 85, people=1_000, out=(10, 10))
    better = analyze(experiment(given), parameters()).effects[0].better
    assert decided(given, adopt_probability=better - 1e-6).decision == "adopt"
    assert decided(given, adopt_probability=better + 1e-6).decision == "inconclusive"


def test_the_error_is_split_over_arms(experiment, parameters, decided):
    two = arms(60, 85, people=1_000, out=(10, 10))
    three = {**two, "cold": (1_000, 1_000, 60, 10)}
    alone, among = (analyze(experiment(given), parameters()) for given in (two, three))
    assert needed_probability(alone) == pytest.approx(0.96)
    assert needed_probability(among) == pytest.approx(0.98)
    assert needed_log_e(alone) == pytest.approx(np.log(100))
    assert needed_log_e(among) == pytest.approx(np.log(200))
    better = alone.effects[0].better
    assert 0.96 < better < 0.98
    assert decided(two).decision == "adopt"
    assert decided(three).decision == "inconclusive"


def three(warm: tuple[int, int], cold: tuple[int, int], people: int = LARGE):
    """Two arms with (outcome, opt-outs) beside a control of 5 % and 1 %."""
    plain = (people // 20, people // 100)
    return {
        "plain": (people, people, *plain),
        "warm": (people, people, *warm),
        "cold": (people, people, *cold),
    }


def test_of_two_good_arms_the_better_is_spoken_of(decided):
    verdict = decided(three((1_600, 200), (1_300, 200)))
    assert (verdict.decision, verdict.arm) == ("adopt", "warm")
    # Each is told of against the control.
    assert {entry.arm: entry.decision for entry in verdict.arms} == {"warm": "adopt", "cold": "adopt"}


def test_a_harmful_leader_makes_way_for_the_next(decided):
    verdict = decided(three((1_600, 700), (1_300, 200)))
    assert (verdict.decision, verdict.arm) == ("adopt", "cold")
    assert verdict.arms[0].decision == "harmful"


def test_a_runner_up_is_not_adopted_past_a_leader_too_costly_to_choose(decided):
    """Both beat the control; which of them is better is open, and choosing either may cost more than is acceptable."""
    given = three((84, 10), (82, 10), people=1_000)
    verdict = decided(given, acceptable_loss=0.002)
    assert {entry.arm: entry.decision for entry in verdict.arms} == {"warm": "inconclusive", "cold": "adopt"}
    assert (verdict.decision, verdict.arm) == ("inconclusive", "warm")
    verdict = decided(given, acceptable_loss=0.01)
    assert (verdict.decision, verdict.arm) == ("adopt", "warm")


def test_too_few_closed_windows_at_the_look_keep_collecting(decided):
    closed = {"plain": (1_000, 890, 50, 5), "warm": (1_000, 900, 120, 5)}
    verdict = decided(closed)
    assert verdict.decision == "keep_collecting"
    assert [gate.name for gate in verdict.gates if not gate.passed] == ["maturity"]
    assert decided(closed, required_maturity=0.895).decision == "adopt"


def test_nobody_with_a_closed_window_keeps_collecting(decided):
    verdict = decided({"plain": (500, 0, 0, 0), "warm": (500, 0, 0, 0)}, as_of=EARLY)
    assert (verdict.decision, verdict.arm, verdict.arms) == ("keep_collecting", None, ())


def test_before_the_look_part_of_the_windows_is_enough_for_overwhelming_evidence(decided):
    given = {"plain": (3_000, 1_000, 60, 10), "warm": (3_000, 1_000, 140, 10)}
    assert decided(given, as_of=EARLY).decision == "adopt"


def in_epochs(counts: ExperimentCounts, later: ExperimentCounts) -> ExperimentCounts:
    """One experiment of two epochs."""
    cells = pd.concat([counts.cells, later.cells.assign(epoch=1)], ignore_index=True)
    allocation = pd.concat([counts.allocation, later.allocation.assign(epoch=1)], ignore_index=True)
    return replace(counts, cells=cells, allocation=allocation)


def test_a_ramp_is_compared_within_its_epochs(experiment, parameters):
    """While the share of "warm" rose from a tenth to a half, the base rate doubled; the arm did nothing."""
    first = {"plain": (9_000, 9_000, 270, 90), "warm": (1_000, 1_000, 30, 10)}
    counts = in_epochs(
        experiment(first, shares=(0.9, 0.1)),
        experiment(arms(300, 300, people=5_000, out=(50, 50))),
    )
    analysis = analyze(counts, parameters())
    verdict = decide(analysis)
    assert all(gate.passed for gate in verdict.gates)
    assert verdict.decision not in ("adopt", "harmful", "invalid")
    assert analysis.effects[0].better == pytest.approx(0.5, abs=0.05)
    assert analysis.effects[0].log_e < 0
    # Taken together, the same people make the arm look better by a quarter.
    pooled = analyze(
        experiment({"plain": (14_000, 14_000, 570, 140), "warm": (6_000, 6_000, 330, 60)}), parameters()
    )
    assert pooled.effects[0].better > 0.9999


def test_more_epochs_than_can_be_told_apart_make_it_invalid(experiment, parameters):
    counts = experiment(arms(50, 60, people=1_000, out=(10, 10)))
    for epoch in range(1, 5):
        later = experiment(arms(50, 60, people=1_000, out=(10, 10)))
        cells = pd.concat([counts.cells, later.cells.assign(epoch=epoch)], ignore_index=True)
        allocation = pd.concat([counts.allocation, later.allocation.assign(epoch=epoch)], ignore_index=True)
        counts = replace(counts, cells=cells, allocation=allocation)
    verdict = decide(analyze(counts, parameters()))
    assert verdict.decision == "invalid"
    assert [gate.name for gate in verdict.gates if not gate.passed] == ["allocation"]


def triggered(experiment, plain: int, warm: int) -> dict[str, object]:
    """How many of each arm the campaign sent a text."""
    allocation = experiment(arms(1_000, 1_400)).allocation
    return {"allocation": allocation.assign(triggered=[plain, warm])}


def test_texted_people_are_held_against_the_design_where_every_arm_has_some(experiment, decided):
    given = arms(1_000, 1_400)
    verdict = decided(given, triggered(experiment, 15_000, 15_050))
    assert "triggered_ratio" in [gate.name for gate in verdict.gates]
    assert verdict.decision == "adopt"
    broken = decided(given, triggered(experiment, 15_000, 12_000))
    assert (broken.decision, [gate.name for gate in broken.gates if not gate.passed]) == (
        "invalid",
        ["triggered_ratio"],
    )
    # A control that is sent nothing is no ratio.
    assert "triggered_ratio" not in [
        gate.name for gate in decided(given, triggered(experiment, 0, 15_000)).gates
    ]


BROKEN = {
    "sample_ratio": ({"plain": (10_000, 10_000, 500, 50), "warm": (11_000, 11_000, 900, 50)}, {}),
    "one_arm_each": (arms(1_000, 1_400), {"in_two_arms": 401}),
    "allocation": (arms(1_000, 1_400), {"shares_vary": True}),
    "texted_after": (arms(1_000, 1_400), {"disturbances": Disturbances(texted_before=401)}),
}


@pytest.mark.parametrize("gate", BROKEN)
@pytest.mark.parametrize("as_of", [EARLY, date(2026, 6, 1)])
def test_what_broke_the_experiment_makes_it_invalid_whatever_it_shows(decided, gate, as_of):
    given, changes = BROKEN[gate]
    verdict = decided(given, changes, as_of=as_of)
    assert verdict.decision == "invalid"
    assert [found.name for found in verdict.gates if not found.passed] == [gate]
    assert {entry.decision for entry in verdict.arms} == {"invalid"}
    assert not verdict.monitored


def test_invalid_comes_before_keep_collecting(decided):
    given = {"plain": (10_000, 100, 5, 0), "warm": (11_000, 100, 9, 0)}
    verdict = decided(given)
    assert verdict.decision == "invalid"
    assert {gate.name for gate in verdict.gates if not gate.passed} == {"sample_ratio", "maturity"}


def test_people_in_two_arms_are_borne_up_to_one_in_a_hundred(decided):
    # 40,000 were assigned.
    assert decided(arms(1_000, 1_400), {"in_two_arms": 400}).decision == "adopt"


@pytest.mark.parametrize(
    "flaw",
    [{"r_hat": 1.02}, {"ess_bulk": 399.0}, {"ess_tail": 399.0}, {"divergences": 1}, {"e_bfmi": 0.29}],
)
def test_a_sampler_that_failed_makes_it_invalid(experiment, parameters, flaw):
    well = Diagnostics(r_hat=1.001, ess_bulk=2_000.0, ess_tail=1_900.0, divergences=0, e_bfmi=0.9)
    analysis = analyze(experiment(arms(1_000, 1_400)), parameters())
    sound = replace(analysis, segments=SegmentPosterior((), {}, well))
    assert decide(sound).decision == "adopt"
    assert gates(sound)[-1].name == "sampler"
    failed = replace(analysis, segments=SegmentPosterior((), {}, replace(well, **flaw)))
    assert decide(failed).decision == "invalid"


def clustered(analysis, per_cluster: int, spread: float, seed: int = 1):
    """The same analysis as if clusters of so many had been randomized, whose rates spread around their arm's."""
    rng = np.random.default_rng(seed)
    arms = tuple(arm.arm for arm in analysis.counts.arms)
    place, events = [], []
    for k, arm in enumerate(analysis.counts.arms):
        clusters = arm.closed // per_cluster
        rates = np.clip(rng.normal(arm.events / arm.closed, spread, clusters), 0, 1)
        place += [k] * clusters
        events += list(rng.binomial(per_cluster, rates))
    ones = np.ones(len(place), dtype=np.int64)
    cells = ClusterCells(arms, np.array(place), per_cluster * ones, np.array(events), ones)
    units = pd.DataFrame({"epoch": 0, "arm": arms, "units": [len(place) // 2] * 2, "triggered": 0})
    found = SimpleNamespace(withheld=None, plain={"warm": plain_difference(cells, 1)})
    return replace(analysis, counts=replace(analysis.counts, units=units), clusters=found)


def test_where_clusters_were_randomized_a_gain_must_stand_by_cluster(experiment, parameters):
    analysis = analyze(experiment(AT_THE_LOOK["adopt"]), parameters())
    assert decide(clustered(analysis, per_cluster=2, spread=0.01)).decision == "adopt"
    assert decide(clustered(analysis, per_cluster=1_000, spread=0.1)).decision == "inconclusive"


def test_nor_are_few_clusters_called_equivalent(experiment, parameters):
    analysis = analyze(experiment(AT_THE_LOOK["equivalent"]), parameters())
    assert decide(clustered(analysis, per_cluster=2, spread=0.0)).decision == "equivalent"
    assert decide(clustered(analysis, per_cluster=1_000, spread=0.1)).decision == "inconclusive"


def test_where_clusters_were_randomized_nothing_is_adopted_before_the_planned_look(experiment, parameters):
    analysis = analyze(experiment(arms(1_000, 1_600)), parameters(as_of=EARLY))
    assert decide(analysis).decision == "adopt"
    assert decide(clustered(analysis, per_cluster=2, spread=0.0)).decision == "keep_collecting"
