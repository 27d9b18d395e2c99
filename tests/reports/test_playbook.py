"""The playbook: every verdict under its question, with its strength, and what is wrong with it told."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import get_args

import pytest

from workbench.parameters.playbook import PlaybookQuestion
from workbench.reports.playbook import QUESTIONS, REPORTS_NAMED, findings_of, render_playbook
from workbench.reports.summaries import Asked, VersionSummary

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HOSTILE = "\"><script>alert('1')</script>"


def version(name="wording", decision="adopt", question="tone", **given):
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
        "published_at": NOW,
        "simulated": False,
        "decision": decision,
        "headline": f"Headline of {name}.",
        "number": None,
        "failed_checks": (),
        "asked": question
        and Asked(question=question, origin=f"source/{name}", gathered_until=date(2026, 9, 28)),
    }
    return VersionSummary(**(values | given))


def page(*versions, now=NOW):
    return render_playbook(findings_of([[each] for each in versions]), now)


def under(html, heading):
    """What stands below a heading of a section, up to the next one."""
    return re.split(r"<h[23]>", html.partition(f">{heading}</h")[2])[0]


def test_every_question_is_told_in_words():
    assert set(QUESTIONS) == set(get_args(PlaybookQuestion))


def test_a_finding_tells_headline_strength_dates_and_its_report():
    html = under(page(version()), "What works")
    for text in (
        "Moderate evidence",
        "Headline of wording.",
        "16 Nov 2026",
        "14 Dec 2026",
        "Outreach",
        "Adopt",
    ):
        assert text in html
    assert '<a href="ab_test/wording/20261123T060000Z-3f9a2c1d/report.html">Title of wording</a>' in html
    assert "notice" not in html


@pytest.mark.parametrize(
    ("decision", "heading"),
    [
        ("adopt", "What works"),
        ("use_with_oversight", "What works"),
        ("harmful", "Tried without effect, or harmful"),
        ("equivalent", "Tried without effect, or harmful"),
        ("reject", "Tried without effect, or harmful"),
        ("not_useful", "Tried without effect, or harmful"),
        ("inconclusive", "Tried without effect, or harmful"),
        ("keep_collecting", "Not answered yet"),
        ("invalid", "Not answered yet"),
    ],
)
def test_a_verdict_stands_where_it_belongs(decision, heading):
    html = page(version(decision=decision))
    assert "Headline of wording." in under(html, heading)
    assert html.count("<h3>") == 1


def test_questions_come_in_their_order_and_those_not_asked_are_named():
    html = page(version("a", question="overbooking"), version("b", question="send_time"))
    assert html.index("<h2>Time</h2>") < html.index("<h2>Overbooking</h2>")
    assert "tone, length, call to action, personalization, frequency, reminder calls." in under(
        html, "Not asked yet"
    )


def test_what_confirms_is_linked():
    html = page(version("one"), version("two"))
    assert html.count("Strong evidence") == 2
    assert re.search(
        r'Found again in 1 independent experiment: <a href="ab_test/two/[^"]*">Title of two</a>\.', html
    )


def test_conflicting_verdicts_stand_together_and_name_each_other():
    html = under(page(version("one"), version("two", "harmful")), "Verdicts that conflict")
    assert html.count("Disputed") == 2
    assert html.count("<b>Conflicts with</b>") == 2
    assert "(harmful: stop)" in html
    assert "(adopt)" in html


def test_of_many_reports_a_few_are_named():
    html = page(*(version(f"set_{number}") for number in range(REPORTS_NAMED + 3)))
    assert " and 2 more." in html
    few = page(*(version(f"set_{number}") for number in range(REPORTS_NAMED + 1)))
    assert " more." not in few


@pytest.mark.parametrize(("days", "stale"), [(-1, True), (0, False)])
def test_a_verdict_past_its_day_is_told_as_such(days, stale):
    html = page(version(valid_until=NOW.date() + timedelta(days=days)))
    assert ("<b>No longer valid</b>" in html) == stale
    assert ("Weak evidence" in html) == stale


def test_the_day_is_that_in_utc():
    evening = datetime(2026, 11, 22, 22, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert "<b>No longer valid</b>" in page(version(valid_until=date(2026, 11, 22)), now=evening)


def test_doubts_are_told():
    assert "A check failed: Outcomes complete." in page(version(failed_checks=("Outcomes complete",)))


def test_only_the_newest_version_that_was_not_withdrawn_counts():
    new, old = version(headline="New."), version(headline="Old.")
    assert [finding.version for finding in findings_of([[new, old]])] == [new]
    gone = new.model_copy(update={"withdrawn": True})
    assert [finding.version for finding in findings_of([[gone, old]])] == [old]


def test_where_all_was_withdrawn_that_is_told():
    html = page(version(withdrawn=True))
    assert "<b>Withdrawn.</b>" in under(html, "Not answered yet")
    assert "Adopt" not in under(html, "Not answered yet")
    assert "What works" not in html


def test_sets_without_question_or_version_are_not_in_it():
    assert findings_of([[version(question=None)], []]) == []
    assert "Nothing is known yet" in page(version(question=None))


def test_simulated_people_are_told_as_such():
    assert "Simulated data." in page(version(simulated=True))
    assert "<b>Moderate evidence</b>, simulated" in page(version(simulated=True))
    assert "imulated data" not in page(version())


def test_the_order_given_does_not_matter():
    versions = [version(name) for name in "abc"]
    assert page(*versions) == page(*versions[::-1])


def test_hostile_words_stay_words_and_nothing_may_run():
    html = page(version(name=HOSTILE, title=HOSTILE, headline=HOSTILE, owner=HOSTILE, failed_checks=(HOSTILE,)))
    assert "<script" not in html
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html


def test_a_finding_is_weighed_among_those_of_its_question_alone():
    tone, length = version("one"), version("two", question="length")
    assert "Strong evidence" not in page(tone, length)
