"""What would change the verdict: table, figure and sentences agree with the rule applied anew."""

from dataclasses import replace

import pytest

from workbench.experiments.analysis import analyze, reconsidered
from workbench.experiments.verdict import decide
from workbench.present.experiment.result import experiment_result
from workbench.present.experiment.sections import what_would_change_the_verdict
from workbench.present.experiment.sensitivity import exceedance_curves, smallest_effects_table, turning_points
from workbench.present.fragments import DECISIONS


@pytest.fixture(scope="module")
def done(wording_analysis):
    return wording_analysis()


def test_every_row_is_what_the_rule_says_there(done):
    table = smallest_effects_table(done)
    for words, arm, said, matters, equivalent in table.rows:
        smallest = float(words.removesuffix(", as set")) / 1000
        again = reconsidered(done, smallest, done.settings.acceptable_loss)
        effect = next(effect for effect in again.effects if effect.arm == arm)
        decision = next(entry.decision for entry in decide(again).arms if entry.arm == arm)
        assert (matters, equivalent, said) == (effect.matters, effect.equivalent, DECISIONS[decision].words)
    assert [row[0] for row in table.rows].count("10, as set") == 2


def test_the_figure_s_numbers_at_the_smallest_effect_are_the_analysis_own(done):
    alt = exceedance_curves(done).alt
    for effect in done.effects:
        assert f"{effect.arm} {100 * effect.matters:.1f} %" in alt or "99.9 %" in alt


def test_the_verdict_stays_up_to_the_last_step_told_and_not_beyond(done):
    told = turning_points(done)
    assert told.startswith("“Adopt” for “warm” stays at every smallest effect up to ")
    last, first = (float(told.partition(word)[2].split()[0].rstrip(".")) for word in ("up to", "no longer at"))
    assert last < first
    for smallest, decision in ((last, "adopt"), (first, "inconclusive")):
        again = decide(reconsidered(done, smallest / 1000, done.settings.acceptable_loss))
        assert again.decision == decision


def test_sentences_say_that_the_rule_was_set_beforehand(done):
    assert "set beforehand, at 10 and 2 per 1,000" in turning_points(done)


def test_a_loss_that_is_not_acceptable_is_told(wording_analysis):
    # Two arms nearly as good as each other: either may be the wrong choice.
    close = wording_analysis(events=(240, 330, 328))
    strict = reconsidered(close, 0.01, close.leader.loss / 2)
    told = turning_points(strict)
    assert f"if an expected loss of {1000 * close.leader.loss:.1f} per 1,000 were acceptable" in told
    assert "were not acceptable" in turning_points(reconsidered(close, 0.01, 2 * close.leader.loss))


def test_before_the_planned_look_weak_evidence_hangs_on_neither(wording_analysis):
    early = wording_analysis(events=(240, 250, 245), as_of="2026-09-30")
    told = turning_points(early)
    assert told.startswith(
        "“Keep collecting” for “warm” stays at every smallest effect looked at, 1 to 40 per 1,000."
    )
    assert "does not hang on the acceptable loss" in told


def test_a_check_that_failed_stands_above_both(done, wording_analysis):
    uneven = wording_analysis()
    counts = replace(uneven.counts, shares_vary=True)
    told = turning_points(analyze(counts, uneven.settings))
    assert told.startswith("No smallest effect and no acceptable loss changes the verdict")


def test_the_section_shows_sentence_figure_and_the_result_s_table(done):
    result = experiment_result(done, decide(done))
    blocks = what_would_change_the_verdict(done, result)
    assert [block.kind for block in blocks] == ["prose", "figure", "table"]
    assert blocks[2].table == result.table("smallest_effects")
    assert set(blocks[1].source) <= {table.id for table in result.tables}
