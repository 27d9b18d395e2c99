"""What the parameters say of factors and of what was known before: what fits, and a sentence for what does not."""

import pytest

from workbench.experiments.parameters import ABTest
from workbench.experiments.structure import levels_of, places_of
from workbench.refusal import Refused

DESIGN = {
    "plain": {"tone": "neutral", "length": "long"},
    "warm": {"length": "long", "tone": "warm"},
    "short": {"tone": "neutral", "length": "short"},
}


def refused(parameters, **changes) -> str:
    values = parameters().as_values() | changes
    with pytest.raises(Refused) as caught:
        ABTest.from_cell(values, today=parameters().as_of)
    return str(caught.value)


def test_the_control_has_the_reference_of_every_factor_whatever_the_order_of_arms_and_keys():
    assert levels_of(DESIGN, "plain") == (("tone", ("neutral", "warm")), ("length", ("long", "short")))
    assert levels_of(DESIGN, "warm") == (("length", ("long", "short")), ("tone", ("warm", "neutral")))
    assert places_of(DESIGN, "plain") == {"plain": (0, 0), "warm": (1, 0), "short": (0, 1)}


def test_a_design_travels_through_plain_values(parameters):
    settings = parameters(factors=DESIGN)
    assert ABTest.from_cell(settings.as_values(), today=settings.as_of) == settings


@pytest.mark.parametrize(
    ("factors", "told"),
    [
        ({}, "it names no factor, where it takes two"),
        ({"plain": {"tone": "a"}, "warm": {"tone": "b"}}, "it names one factor, where it takes two"),
        (DESIGN | {"warm": {"tone": "warm"}}, "warm names other factors than plain"),
        (DESIGN | {"short": {"tone": "neutral", "length": "long"}}, "length has one level, long, in every arm"),
        (DESIGN | {"twin": DESIGN["short"]}, "twin and short are the same in every factor"),
        ({arm: levels for arm, levels in DESIGN.items() if arm != "plain"}, 'the control "plain" is missing'),
        (DESIGN | {"warm": {"tone": 3, "length": "long"}}, "key factors.warm.tone: the number 3 was given"),
    ],
)
def test_a_design_that_cannot_be_is_refused_in_a_sentence(parameters, factors, told):
    assert told in refused(parameters, factors=factors)


def test_a_covariate_takes_days_and_a_source_that_records_time(parameters):
    assert "covariate" in refused(parameters, covariate={"of": "bookings_before", "days": 0})
    assert "covariate" in refused(parameters, covariate={"of": "shoe_size", "days": 30})
    untimed = {
        "enrollment_ends": None,
        "goes_on_without": {"time": "It is long over."},
        "covariate": {"of": "bookings_before", "days": 30},
    }
    assert "key covariate: without time nothing is known to lie before the assignment." in refused(
        parameters, **untimed
    )
