"""The strength of evidence: by decision, checks, interval, age and what other experiments found."""

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from workbench.present.fragments import DECISIONS
from workbench.present.headline_number import HeadlineNumber
from workbench.present.result import Decision, HeadlineMetric
from workbench.reports.evidence import ANSWERS, CONCLUSIVE, Finding, weigh
from workbench.reports.playbook import SECTIONS, STRENGTHS
from workbench.reports.summaries import Asked, VersionSummary

TODAY = date(2026, 11, 23)


def finding(
    name="wording",
    decision="adopt",
    arm="warm",
    versus="plain",
    low=0.01,
    origin=None,
    gathered=date(2026, 9, 28),
    **given,
):
    metric = HeadlineMetric(
        name="difference", of={"arm": arm, "versus": versus}, label="More", scale=1000, no_effect=0.0
    )
    number = HeadlineNumber(metric=metric, value=0.03, low=low, high=0.05, level=0.95, interval="credible")
    values = {
        "study": "ab_test",
        "study_title": "A/B analysis",
        "name": name,
        "version": "20261123T060000Z-3f9a2c1d",
        "title": f"Title of {name}",
        "audience": ("clinical_leads",),
        "owner": "Outreach",
        "as_of": date(2026, 11, 16),
        "valid_until": date(2026, 12, 14),
        "published_at": datetime(2026, 11, 23, 6, tzinfo=UTC),
        "simulated": False,
        "decision": decision,
        "headline": f"Headline of {name}.",
        "number": number,
        "failed_checks": (),
        "asked": Asked(question="tone", origin=origin or f"source/{name}", gathered_until=gathered),
    }
    version = VersionSummary(**(values | given))
    return Finding(version, version.asked)


def strength(first, *others, today=TODAY):
    return weigh(first, others, today).strength


def test_every_decision_has_an_answer_and_every_answer_a_place():
    assert set(ANSWERS) == set(get_args(Decision)) == set(DECISIONS)
    assert frozenset().union(*SECTIONS.values()) == set(ANSWERS.values())
    assert set(STRENGTHS) == {"strong", "moderate", "weak", "disputed", "none"}


def test_a_clear_verdict_found_once_is_moderate():
    assert strength(finding()) == "moderate"
    assert weigh(finding(), (), TODAY).doubts == ()


@pytest.mark.parametrize("decision", ["adopt", "equivalent", "reject", "harmful"])
def test_the_same_found_in_another_experiment_makes_it_strong(decision):
    other = finding("other", decision)
    assert strength(finding(decision=decision), other) == "strong"


def test_the_same_people_analyzed_twice_confirm_nothing():
    one, other = finding(origin="sample/one"), finding("other", origin="sample/one")
    weight = weigh(one, (other,), TODAY)
    assert (weight.strength, weight.confirmed_by, weight.repeated_by) == ("moderate", (), (other,))


def test_independent_experiments_are_counted_by_their_people():
    others = (finding("a", origin="s/a"), finding("b", origin="s/b"), finding("c", origin="s/b"))
    assert weigh(finding(), others, TODAY).experiments == 2


@pytest.mark.parametrize(
    "other",
    [
        finding("other", arm="short"),
        finding("other", "inconclusive"),
        finding("other", "keep_collecting"),
        finding("other", simulated=True),
        finding("other", study="no_show"),
        finding("other", valid_until=date(2026, 11, 22)),
        finding("other", withdrawn=True),
        finding("other", failed_checks=("Outcomes complete",)),
        finding("other", gathered=date(2025, 1, 1)),
        finding("other", low=-0.01),
    ],
    ids=lambda other: str(other.version.decision),
)
def test_what_is_not_sound_or_not_of_the_same_confirms_nothing(other):
    assert strength(finding(), other) == "moderate"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"failed_checks": ("Outcomes complete",)}, "A check failed: Outcomes complete."),
        ({"gathered": date(2025, 11, 22)}, "Its data are older than a year."),
        ({"low": -0.001}, "The interval reaches “no effect”."),
        ({"low": 0.0}, "The interval reaches “no effect”."),
        ({"low": None}, "The interval reaches “no effect”."),
    ],
)
def test_a_doubt_makes_it_weak_and_is_told(given, told):
    weight = weigh(finding(**given), (finding("other"),), TODAY)
    assert weight.strength == "weak"
    assert weight.doubts == (told,)


@pytest.mark.parametrize(
    ("gathered", "expected"), [(date(2025, 11, 22), "weak"), (date(2025, 11, 23), "moderate")]
)
def test_data_of_a_year_ago_are_just_not_old(gathered, expected):
    assert strength(finding(gathered=gathered)) == expected


@pytest.mark.parametrize(("until", "expected"), [(date(2026, 11, 22), "weak"), (TODAY, "moderate")])
def test_it_is_valid_through_its_last_day(until, expected):
    assert strength(finding(valid_until=until)) == expected


@pytest.mark.parametrize("decision", ["equivalent", "reject", "harmful"])
def test_an_interval_around_no_effect_speaks_against_an_effect_alone(decision):
    assert strength(finding(decision=decision, low=-0.02)) == "moderate"


def test_a_study_without_a_headline_number_is_judged_by_the_rest():
    assert strength(finding(number=None)) == "moderate"


@pytest.mark.parametrize("decision", sorted(set(ANSWERS) - {d for d, a in ANSWERS.items() if a in CONCLUSIVE}))
def test_what_is_not_conclusive_answers_nothing(decision):
    assert strength(finding(decision=decision), finding("other", decision)) == "none"


def test_what_was_withdrawn_answers_nothing():
    assert strength(finding(withdrawn=True), finding("other")) == "none"


@pytest.mark.parametrize("decision", ["harmful", "equivalent", "reject"])
def test_another_verdict_on_the_same_arm_makes_both_disputed(decision):
    one, other = finding(), finding("other", decision)
    assert (strength(one, other), strength(other, one)) == ("disputed", "disputed")
    assert weigh(one, (other,), TODAY).contradicted_by == (other,)


def test_each_of_two_arms_said_to_be_the_better_is_a_dispute():
    one, other = finding(arm="evening", versus="morning"), finding("other", arm="morning", versus="evening")
    assert strength(one, other) == "disputed"
    assert strength(one, finding("other", "harmful", arm="morning", versus="evening")) == "moderate"


def test_a_doubtful_verdict_still_disputes_and_one_past_its_day_does_not():
    doubtful = finding("other", "harmful", failed_checks=("Outcomes complete",))
    assert strength(finding(), doubtful) == "disputed"
    past = finding("other", "harmful", valid_until=date(2026, 1, 1))
    assert strength(finding(), past) == "moderate"
    assert strength(past, finding()) == "weak"
    assert weigh(past, (finding(),), TODAY).contradicted_by
