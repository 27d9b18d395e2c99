"""The report's page: what it says and in which order, that it is safe, and that it is small."""

import re
from dataclasses import replace
from datetime import date

import pytest

from workbench.present.blocks import FigureBlock, ProseBlock
from workbench.present.result import Column, StudyResult, Table, Verdict
from workbench.refusal import Refused
from workbench.reports.differences.in_words import DifferenceInWords, Line
from workbench.reports.harvest import Section
from workbench.reports.page import CONTENT_POLICY, Page, render_report
from workbench.reports.release.readability import find_unreadable
from workbench.reports.release.safety import find_unsafe

HOSTILE = '"><script>alert(1)</script>'


def page(**given):
    result = StudyResult(
        study="ab_test",
        name="wording",
        as_of="2026-11-23",
        verdict=Verdict(decision="adopt", headline="Send the new text.", reasons=["It is better."]),
        metrics=[],
        checks=[],
        tables=[],
    )
    made = Page(
        title="Does the new wording help?",
        eyebrow="A/B analysis",
        as_of="2026-11-23",
        data_until="2026-11-22T18:00:00+00:00",
        valid_until=date(2026, 12, 7),
        audience=("clinical leads", "analysts"),
        owner="outreach analytics",
        version="20261123T060000Z-3f9a2c1d",
        result=result,
        sections=(
            Section(None, 1, "", ("Before all headings.",)),
            Section("What it did", 2, "what-it-did", ("Much.", ProseBlock(text="31 more."))),
        ),
        provenance=(("Seed", "42"),),
    )
    return replace(made, **given)


def places(html, *texts):
    found = [html.index(text) for text in texts]
    assert found == sorted(found), dict(zip(texts, found, strict=True))


def test_the_page_is_told_in_the_order_a_reader_needs():
    places(
        render_report(page()),
        "A/B analysis</p>",
        "<h1>Does the new wording help?</h1>",
        "Valid until",
        "Send the new text.",
        "In this report</summary>",
        "Before all headings.",
        "<h2>What it did</h2>\n<p>Much.</p>\n\n<p>31 more.</p>",
        'href="results.json"',
        "<h2>Provenance</h2>",
        "20261123T060000Z-3f9a2c1d",
        "<dt>Seed</dt><dd>42</dd>",
        'href="../../../index.html"',
    )


def test_dates_are_told_in_words():
    html = render_report(page())
    assert "<dt>As of</dt><dd>23 Nov 2026</dd>" in html
    assert "<dt>Data until</dt><dd>22 Nov 2026, 18:00 UTC</dd>" in html
    assert "<dt>Valid until</dt><dd>7 Dec 2026</dd>" in html


def test_dates_that_are_not_known_are_left_out():
    html = render_report(page(data_until=None, valid_until=None))
    assert "Data until" not in html
    assert "Valid until" not in html


def test_the_page_passes_the_release_checks():
    html = render_report(page())
    assert list(find_unsafe(html)) == []
    assert list(find_unreadable(html)) == []


def since(*lines, tables=(), remark=""):
    return DifferenceInWords("Since the last version (as of 16 Nov 2026)", remark, lines, tables)


def changes():
    columns = [Column(name="what", title="Key", kind="label"), Column(name="now", title="Now", kind="text")]
    rows = [["owner", HOSTILE]]
    return Table(id="parameters", caption="Parameters", columns=columns, rows=rows, groups="none")


def test_what_changed_stands_between_the_verdict_and_the_study():
    html = render_report(page(since=since(Line("Cohort", f"412 more. {HOSTILE}"), tables=(changes(),))))
    places(
        html,
        "Send the new text.",
        "<h2>Since the last version (as of 16 Nov 2026)</h2>",
        "<dt>Cohort</dt><dd>412 more.",
        "<details><summary>Before and now</summary>",
        "<span>Parameters</span></caption>",
        "In this report</summary>",
        "Before all headings.",
    )
    assert html.count('<a href="#report_since">Since the last version</a>') == 2
    assert list(find_unsafe(html)) == []
    assert list(find_unreadable(html)) == []


def test_what_is_told_in_one_line_has_neither_heading_nor_details():
    html = render_report(page(since=since(remark="Nothing.")))
    assert "<p><b>Since the last version (as of 16 Nov 2026)</b>Nothing.</p>" in html
    assert "<summary>Before and now" not in html
    assert 'href="#report_since"' not in html
    assert list(find_unreadable(html)) == []


def test_the_page_has_its_policy_and_no_script():
    html = render_report(page())
    assert f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">' in html
    assert "<script" not in html
    assert html.count("<h1>") == 1


def test_hostile_words_stay_words():
    html = render_report(
        page(
            title=HOSTILE,
            eyebrow=HOSTILE,
            question=HOSTILE,
            owner=HOSTILE,
            version=HOSTILE,
            audience=(HOSTILE,),
            provenance=((HOSTILE, HOSTILE),),
            sections=(Section(HOSTILE, 2, 'x"><script>', (HOSTILE,)),),
        )
    )
    assert "<script" not in html
    assert list(find_unsafe(html)) == []


def test_a_hostile_figure_keeps_the_page_from_being_made():
    svg = '<svg role="img" aria-label="a" onload="alert(1)"></svg>'
    figure = FigureBlock(id="f", title="t", alt="a", caption="", source=[], wide=svg, narrow=svg)
    with pytest.raises(Refused):
        render_report(page(sections=(Section("S", 2, "s", (figure,)),)))


def test_contents_name_the_sections_and_no_others():
    sections = (
        Section("First", 2, "first", ()),
        Section("Within the first", 3, "within", ()),
        Section("Second", 1, "second", ()),
    )
    html = render_report(page(sections=sections))
    contents = re.findall(r'<li><a href="#([\w-]+)">', html.partition("</nav>")[0])
    assert contents == ["report_verdict", "first", "second", "report_files", "report_provenance"]
    assert "<h3>Within the first</h3>" in html
    assert "<h2>Second</h2>" in html


def test_the_frame_is_small():
    html = render_report(page(sections=(), provenance=(), since=since(Line("Data", "Other data."))))
    assert len(html.encode()) < 15_500


def test_the_same_page_gives_the_same_bytes():
    assert render_report(page()) == render_report(page())
