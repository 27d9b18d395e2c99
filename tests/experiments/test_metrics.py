"""Metrics as parameter sets declare them: usual values, and every fault told at once with its place."""

import re
from datetime import date

import pytest

from workbench.experiments.metrics import USUAL_METRICS
from workbench.experiments.parameters import ABTest
from workbench.refusal import Refused

PRIMARY = {"kind": "event", "of": "booking", "role": "primary"}


@pytest.fixture
def declared(parameters):
    """Parameters with these metrics, made as a file or a notebook makes them."""

    def make(*metrics, **changes) -> ABTest:
        values = parameters().as_values() | {"metrics": list(metrics)} | changes
        return ABTest.from_cell(values, today=date(2026, 6, 1))

    return make


def faults(make, *metrics, **changes) -> list[str]:
    with pytest.raises(Refused) as refused:
        make(*metrics, **changes)
    return [str(fault) for fault in refused.value.faults]


def test_bookings_are_primary_and_opt_outs_a_guardrail_unless_told_otherwise(parameters):
    settings = parameters()
    assert settings.metrics == USUAL_METRICS
    assert (settings.primary.of, [metric.of for metric in settings.guardrails]) == ("booking", ["opt_out"])
    assert (settings.primary.direction, settings.guardrails[0].direction) == ("increase", "decrease")
    assert ABTest.from_cell(settings.as_values(), today=date(2026, 6, 1)) == settings


def test_what_is_measured_gives_name_direction_and_size(declared):
    settings = declared(
        PRIMARY,
        {"kind": "score", "of": "PHQ-9"},
        {"kind": "count", "of": "texts"},
        {"kind": "duration", "of": "days_to_booking"},
        {"kind": "ratio", "of": "replies_per_text", "name": "answers a text"},
    )
    told = [(metric.name, metric.direction, metric.smallest_effect) for metric in settings.metrics]
    assert told == [
        ("bookings", "increase", 0.01),
        ("PHQ-9 scores", "decrease", 1.0),
        ("texts per person", "decrease", 0.1),
        ("days to a booking", "decrease", 1.0),
        ("answers a text", "increase", 0.01),
    ]
    assert {metric.role for metric in settings.secondary} == {"secondary"}
    assert len(settings.secondary) == 4


def test_the_verdict_waits_for_the_longest_window_it_rests_on(declared):
    guardrail = {"kind": "event", "of": "discharge", "role": "guardrail", "window_days": 60}
    described = {"kind": "count", "of": "replies", "window_days": 90}
    assert declared(PRIMARY, guardrail, described).decided_after_days == 60


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        (
            [{"kind": "event", "of": "bokking", "role": "primary"}],
            'metrics entry 1.of: .* Did you mean "booking"',
        ),
        ([{"kind": "evnt", "of": "booking"}], 'metrics entry 1.kind: .* Did you mean "event"'),
        ([{"kind": ["event"], "of": "booking"}], "metrics entry 1.kind: a list was given"),
        ([{"of": "booking"}], "metrics entry 1.kind: this key is missing"),
        ([{"kind": "event"}], r"metrics entry 1.of: this key is missing. Write one of booking, opt_out"),
        ([{**PRIMARY, "windw_days": 7}], 'metrics entry 1.windw_days: .* Did you mean "window_days"'),
        ([{**PRIMARY, "window_days": 0}], "metrics entry 1.window_days: .* a whole number from 1 to 120"),
        ([{**PRIMARY, "smallest_effect": 0.5}], "metrics entry 1.smallest_effect: .* above 0 and below 0.5"),
        ([{"kind": "event", "of": "booking"}], "none of them is primary, where exactly one must be"),
        ([PRIMARY, {**PRIMARY, "name": "more"}], "2 of them is primary"),
        ([PRIMARY, {"kind": "event", "of": "booking"}], "the name bookings stands in it more than once"),
        (
            [{"kind": "count", "of": "bookings", "role": "primary"}],
            "is no event, and verdicts are made on events",
        ),
        ([], "an empty list was given"),
    ],
)
def test_what_cannot_be_measured_is_told_in_one_sentence(declared, metrics, told):
    (fault,) = faults(declared, *metrics)
    assert re.search(told, fault)


def test_all_faults_come_at_once(declared):
    told = faults(
        declared,
        {**PRIMARY, "role": "primry"},
        {"kind": "count", "of": "text", "window_days": "7"},
        intercurrent_events={"deth": "composite", "opt_out": "ignored"},
    )
    places = [fault.partition(", key ")[2].partition(": ")[0] for fault in told]
    assert places == [
        "metrics entry 1.role",
        "metrics entry 2.of",
        "metrics entry 2.window_days",
        "intercurrent_events.opt_out",
        "intercurrent_events.deth",
    ]


def test_every_intercurrent_event_is_counted_as_assigned_unless_told_otherwise(declared):
    assert declared(PRIMARY).intercurrent_events.composite == ()
    settings = declared(PRIMARY, intercurrent_events={"death": "composite"})
    assert settings.intercurrent_events.composite == ("death",)
