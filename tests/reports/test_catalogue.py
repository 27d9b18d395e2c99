"""The catalogue: everything is in it, what is wrong is seen at once, and only its own script may run."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from workbench.present.headline_number import HeadlineNumber
from workbench.present.result import HeadlineMetric
from workbench.reports.catalogue import EARLIER_LISTED, Entry, RunLine, VersionLine, render_catalogue

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HOSTILE = "\"><script>alert('1')</script>"


def version(as_of=date(2026, 11, 23), decision="adopt", headline="Send it."):
    name = f"{as_of:%Y%m%d}T060000Z-3f9a2c1d"
    published = datetime(as_of.year, as_of.month, as_of.day, 6, tzinfo=UTC)
    return VersionLine(name, as_of, published, decision, headline, f"ab_test/wording/{name}/report.html")


def entry(**given):
    made = Entry(
        study="ab_test",
        study_title="A/B analysis",
        name="wording",
        title="Does wording matter?",
        audience=("clinical leads",),
        owner="outreach",
        versions=(version(),),
        valid_until=date(2026, 12, 7),
        last_run=RunLine("published", "", NOW),
    )
    return replace(made, **given)


def run(state, reason="The reason."):
    return RunLine(state, reason, NOW)


def tallies(html):
    return {words: int(number) for words, number in re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd></div>", html)}


def test_an_entry_tells_verdict_headline_dates_audience_and_owner():
    html = render_catalogue([entry()], NOW)
    for text in (
        "Adopt",
        "Send it.",
        "23 Nov 2026",
        "7 Dec 2026",
        "clinical leads",
        "outreach",
        "ab_test/wording",
    ):
        assert text in html
    assert '<a href="ab_test/wording/20261123T060000Z-3f9a2c1d/report.html">Does wording matter?</a>' in html
    assert "notice" not in html.partition("</style>")[2]


@pytest.mark.parametrize(("days", "stale"), [(-1, 1), (0, 0), (1, 0)])
def test_a_report_is_valid_through_its_last_day(days, stale):
    html = render_catalogue([entry(valid_until=NOW.date() + timedelta(days=days))], NOW)
    assert tallies(html)["no longer valid"] == stale
    assert ("<b>No longer valid</b>" in html) == bool(stale)


def test_validity_is_judged_by_the_day_in_utc():
    evening = datetime(2026, 11, 22, 22, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert tallies(render_catalogue([entry(valid_until=date(2026, 11, 22))], evening))["no longer valid"] == 1


@pytest.mark.parametrize("state", ["failed", "withheld", "refused", "lost"])
def test_a_last_run_that_went_wrong_is_told_and_counted(state):
    html = render_catalogue([entry(last_run=run(state))], NOW)
    assert tallies(html)["last run went wrong"] == 1
    assert f"<b>The last run was {state}</b>" in html or f"<b>The last run {state}</b>" in html
    assert "The reason." in html
    assert "Send it." in html


@pytest.mark.parametrize("state", ["published", "unchanged"])
def test_a_last_run_that_went_well_is_not_told(state):
    html = render_catalogue([entry(last_run=run(state))], NOW)
    assert tallies(html)["last runs went wrong"] == 0
    assert "The reason." not in html


@pytest.mark.parametrize("state", ["awaiting_approval", "skipped", "interrupted", "running"])
def test_other_states_are_told_and_not_counted_as_wrong(state):
    html = render_catalogue([entry(last_run=run(state))], NOW)
    assert tallies(html)["last runs went wrong"] == 0
    assert "The reason." in html


def test_a_set_that_never_published_is_listed_and_is_not_stale():
    html = render_catalogue([entry(versions=(), valid_until=date(2020, 1, 1), last_run=run("refused"))], NOW)
    assert "Never published" in html
    assert "Does wording matter?" in html
    assert tallies(html) == {"reports": 0, "no longer valid": 0, "last run went wrong": 1, "never published": 1}


def test_a_set_without_any_run_is_listed():
    assert "Does wording matter?" in render_catalogue(
        [entry(versions=(), last_run=None, valid_until=None)], NOW
    )


def test_earlier_versions_stand_in_the_history_newest_first():
    old = [version(date(2026, 11, day), "keep_collecting", f"Wait {day}.") for day in (16, 9)]
    html = render_catalogue([entry(versions=(version(), *old))], NOW)
    history = html.partition("<details")[2]
    assert "2 earlier versions" in history
    assert history.index("Wait 16.") < history.index("Wait 9.")
    assert "Send it." not in history


def test_entries_are_grouped_by_study_the_newest_first():
    entries = [
        entry(study="no_show", study_title="No-show", title="Whom to call"),
        entry(title="Never", versions=()),
        entry(title="Older", versions=(version(date(2026, 1, 5)),)),
        entry(title="Newer"),
    ]
    html = render_catalogue(entries, NOW)
    found = [
        html.index(text)
        for text in ("<h2>A/B analysis", ">Newer<", ">Older<", ">Never<", "<h2>No-show", ">Whom")
    ]
    assert found == sorted(found)


def test_a_study_has_one_title_that_of_what_it_published():
    never = entry(study_title="Ab test", title="Never", versions=(), audience=(), owner="")
    html = render_catalogue([never, entry()], NOW)
    assert html.count("<h2>") == 1
    assert "<h2>A/B analysis</h2>" in html
    about = html.partition(">Never<")[2].partition("</dl>")[0]
    assert "<dt>For</dt>" not in about
    assert "<dt>Owner</dt>" not in about


def test_the_order_given_does_not_matter():
    entries = [entry(name=name, title=f"Title {name}") for name in "abc"]
    assert render_catalogue(entries, NOW) == render_catalogue(entries[::-1], NOW)


def test_only_the_page_s_own_script_may_run():
    html = render_catalogue([entry()], NOW)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-" + digest + "'"
    assert f'content="{policy}"' in html


def test_search_is_hidden_until_the_script_shows_it():
    assert re.search(r'<form class="find"[^>]* hidden>', render_catalogue([entry()], NOW))


def test_hostile_words_stay_words():
    hostile = entry(
        study=HOSTILE,
        study_title=HOSTILE,
        name=HOSTILE,
        title=HOSTILE,
        audience=(HOSTILE,),
        owner=HOSTILE,
        versions=(version(headline=HOSTILE),),
        last_run=run("failed", HOSTILE),
    )
    html = render_catalogue([hostile], NOW)
    assert html.count("<script") == 1
    assert "alert('1')" not in html


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "https://a.example/",
        "//a.example",
        "/etc/passwd",
        "../secret",
        "a/../../b",
        "\\\\a",
    ],
)
def test_a_link_out_of_the_store_is_refused(href):
    with pytest.raises(ValueError, match="relative"):
        render_catalogue([entry(versions=(replace(version(), href=href),))], NOW)


def test_an_empty_store_says_what_to_do():
    assert "Nothing has been run yet" in render_catalogue([], NOW)


def number(value=0.028):
    metric = HeadlineMetric(
        name="difference", of={}, label="More bookings per 1,000", scale=1000, no_effect=0.0
    )
    low, high = (None, None) if value is None else (value - 0.01, value + 0.01)
    return HeadlineNumber(metric=metric, value=value, low=low, high=high, level=0.95, interval="credible")


def numbered(*values):
    days = [date(2026, 11, 23) - timedelta(weeks=week) for week in range(len(values))]
    return tuple(replace(version(day), number=number(value)) for day, value in zip(days, values, strict=True))


def body(html):
    return html.partition("</style>")[2]


def test_the_headline_number_is_told_with_its_history():
    html = body(render_catalogue([entry(versions=numbered(0.028, 0.02, 0.01))], NOW))
    assert "More bookings per 1,000 <b>28 (18 to 38)</b> <span>95\u00a0% credible interval</span>" in html
    assert html.count('<svg class="spark"') == 1
    assert "first 10 (0 to 20) on 9 Nov 2026, last 28 (18 to 38) on 23 Nov 2026" in html
    history = html.partition("<details")[2]
    assert "More bookings per 1,000: 20 (10 to 30)" in history


def test_one_number_is_told_and_not_drawn():
    html = body(render_catalogue([entry(versions=numbered(0.028))], NOW))
    assert "28 (18 to 38)" in html
    assert "spark" not in html


def test_a_hidden_number_is_told_as_hidden():
    assert "<b>not shown</b>" in render_catalogue([entry(versions=numbered(None, 0.02))], NOW)


def test_a_report_without_a_headline_number_has_none():
    assert 'class="number"' not in render_catalogue([entry()], NOW)


@pytest.mark.parametrize(("earlier", "older"), [(EARLIER_LISTED, 0), (EARLIER_LISTED + 3, 3)])
def test_a_long_history_is_listed_as_far_as_a_page_can_hold(earlier, older):
    versions = tuple(version(date(2026, 11, 23) - timedelta(weeks=week)) for week in range(earlier + 1))
    history = render_catalogue([entry(versions=versions)], NOW).partition("<details")[2]
    assert f"{earlier} earlier versions" in history
    assert history.count("<li>") == EARLIER_LISTED
    assert (f"{older} older ones lie in the store, in the folder ab_test/wording" in history) == bool(older)


def test_a_withdrawn_version_gives_way_to_the_one_before_and_is_told():
    gone = replace(version(headline="Gone."), withdrawn=True)
    html = body(
        render_catalogue([entry(versions=(gone, version(date(2026, 11, 16), "reject", "Stays.")))], NOW)
    )
    top, _, history = html.partition("<details")
    assert "Stays." in top
    assert "Gone." not in top
    assert "Adopt, withdrawn" in history


def test_where_all_was_withdrawn_no_verdict_is_shown():
    html = body(render_catalogue([entry(versions=(replace(version(), withdrawn=True),))], NOW))
    top, _, history = html.partition("<details")
    assert ">Withdrawn<" in top
    assert "Send it." not in top
    assert "1 withdrawn version" in history


@pytest.mark.parametrize(("in_a_row", "told"), [(1, False), (4, True)])
def test_failures_in_a_row_are_counted(in_a_row, told):
    failed = RunLine("failed", "The reason.", NOW, in_a_row, NOW - timedelta(weeks=3))
    html = render_catalogue([entry(last_run=failed)], NOW)
    assert (", number 4 in a row since 2 Nov 2026, 07:00 UTC: The reason." in html) == told


def test_filters_offer_what_there_is():
    html = render_catalogue(
        [
            entry(),
            entry(versions=(version(decision="harmful"),), valid_until=date(2026, 1, 1)),
            entry(versions=(), last_run=run("refused")),
        ],
        NOW,
    )
    form = html.partition('<form class="find"')[2].partition("</form>")[0]
    offered = dict(re.findall(r'<select name="(\w+)">(.*?)</select>', form))
    assert list(offered) == ["audience", "study", "verdict", "state"]
    told = {name: re.findall(r"<option>([^<]*)</option>", options) for name, options in offered.items()}
    assert told["verdict"] == ["Adopt", "Harmful: stop"]
    assert told["state"] == ["last run went wrong", "never published", "no longer valid", "valid"]
    assert told["study"] == ["A/B analysis"]


def test_the_playbook_is_linked():
    assert '<a href="playbook.html">' in render_catalogue([entry()], NOW)
