"""What is told of a load that is kept up, of saturation and of ceilings; and what is not."""

from dataclasses import replace

import pytest

from workbench.message_load.causal.results import (
    Ceiling,
    FrequencyArm,
    FrequencyStep,
    ProposedExperiment,
    SaturationAt,
)
from workbench.message_load.estimate import Estimate
from workbench.parameters.validation import Unfit
from workbench.present.disclosure import PROFILES
from workbench.present.message_load.ceilings import (
    arms_table,
    ceiling_in_words,
    proposal_in_words,
    steps_table,
)
from workbench.present.message_load.kept_up import (
    effects_table,
    following_in_words,
    kept_up_metrics,
    load_effects_figures,
    saturation_in_words,
    saturation_table,
)
from workbench.present.message_load.sentences import _how_many
from workbench.present.message_load.tables import causal_tables
from workbench.refusal import Refused

CMS = PROFILES["cms"]


def test_loads_that_were_not_sent_to_people_like_all_others_are_not_told(kept_up_for):
    causal = kept_up_for(supported=3)
    rows = effects_table(causal.effects, CMS).rows
    assert [row[0].split(",")[0] for row in rows] == ["0", "0", "1", "1", "2", "2"]
    told = {metric.of["load"] for metric in kept_up_metrics(causal.effects, causal.saturation, CMS)[:-1]}
    assert told == {"0 texts a week", "1 texts a week", "2 texts a week"}
    booking, opting_out = load_effects_figures(causal.effects, CMS)
    assert booking.source == opting_out.source == ["load_effects"]


def test_a_chance_of_few_people_is_told_nowhere(kept_up_for):
    causal = kept_up_for(opt_outs=(60, 9, 70, 40, 5))
    (row,) = (row for row in effects_table(causal.effects, CMS).rows if row[0] == "1, opting out")
    assert row[1:] == ["few people"] * 3
    names = [(m.name, m.of["load"]) for m in kept_up_metrics(causal.effects, causal.saturation, CMS)[:-1]]
    assert ("weekly_opt_out", "1 texts a week") not in names
    assert ("weekly_booking", "1 texts a week") in names
    support = next(table for table in causal_tables(causal, CMS) if table.id == "support")
    assert next(row for row in support.rows if row[0] == "1")[1:5] == [None] * 4


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (SaturationAt(3, "not_identified", None, (), "positivity"), "**not identified**: hardly anybody"),
        (SaturationAt(3, "not_identified", None, (), "methods_disagree"), "disagree"),
        (SaturationAt(3, "below_one", Estimate(0.4, 0, 0.8), ()), "One text a week already costs more"),
        (SaturationAt(3, "beyond_what_was_sent", Estimate(4, 2, 4), ()), "No load that was sent costs more"),
        (SaturationAt(3, "load", Estimate(2.1, 1.5, 2.8), ()), "From 2.1 (1.5 to 2.8) texts a week on"),
    ],
)
def test_every_answer_has_its_sentence(kept_up_for, at, said):
    saturation = replace(kept_up_for().saturation, middle=at, low=at, high=at)
    assert said in saturation_in_words(saturation)
    (row,) = saturation_table(saturation).rows
    assert (row[1] == "–") == (at.load is None)


def test_a_ceiling_is_told_of_lots_alone(kept_up_for):
    proposed = ProposedExperiment((1.0, 2.0, 3.5), 1_751, 0.042, 0.064, 0.8, 35)
    ceiling = replace(kept_up_for().ceiling, proposed=proposed)
    assert "a hypothesis to test" in ceiling_in_words(ceiling).lower()
    assert "3 arms of 1, 2 and 3.5 texts a week, 1,751 people in each, 35 days" in proposal_in_words(proposed)


def test_arms_are_told_as_randomized_and_few_of_them_never(kept_up_for):
    share = Estimate(0.1, 0.08, 0.12)
    arms = (
        FrequencyArm("weekly", 1_000, 1.0, 100, 8, share, Estimate(0.008, 0.003, 0.016)),
        FrequencyArm("daily", 1_000, 6.6, 120, 140, share, Estimate(0.14, 0.12, 0.16)),
    )
    step = FrequencyStep("weekly", "daily", Estimate(0.02, -0.01, 0.05), share, Estimate(-0.3, -0.4, -0.2))
    ceiling = Ceiling("ceiling", 3.0, 0.95, texts_a_week=1.0, arms=arms, steps=(step,), experiment="frequency")
    assert ceiling_in_words(ceiling).startswith("**At most about 1.0 texts a week**")
    weekly, daily = arms_table(ceiling, CMS).rows
    assert weekly[-1] == "few people"
    assert daily[-1] == "14.0 % (12.0 to 16.0)"
    assert steps_table(ceiling).rows == [
        ["weekly, daily", "20.0 (−10.0 to 50.0)", "100.0 (80.0 to 120.0)", "−300.0 (−400.0 to −200.0)"]
    ]
    ids = [table.id for table in causal_tables(replace(kept_up_for(), ceiling=ceiling), CMS)]
    assert ids == ["support", "load_effects", "saturation", "frequency_arms", "frequency_steps"]


def test_the_worth_of_an_opt_out_is_given_in_order(settings_for):
    assert settings_for(opt_out_worth=(1.0, 2.0, 2.0)).causal.worth.middle == 2.0
    for worth in ((0.0, 1.0, 2.0), (3.0, 2.0, 4.0)):
        with pytest.raises((Refused, Unfit, ValueError), match="rising order"):
            settings_for(opt_out_worth=worth)


def test_what_texts_that_follow_bookings_may_mean_is_said_with_the_load(kept_up_for):
    followed = kept_up_for(after_booking=Estimate(1.4, 1.2, 1.6))
    assert "no load told here is to be believed" in following_in_words(followed.effects)
    assert "1.40 (1.20 to 1.60)" in following_in_words(followed.effects)
    assert "no load told here is to be believed" in _how_many(followed)
    alike = kept_up_for(after_booking=Estimate(1.05, 0.9, 1.2))
    assert following_in_words(alike.effects).startswith("Texts did not go with")
    assert _how_many(alike) == saturation_in_words(alike.saturation)
    assert following_in_words(kept_up_for().effects) == ""
