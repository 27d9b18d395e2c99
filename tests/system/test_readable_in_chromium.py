"""The store's pages in a real browser: readable by everyone, on a phone and a desktop, light and dark."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from workbench.present.blocks import ChecksBlock, FoldBlock, TableBlock, TermsBlock
from workbench.present.figures import (
    Curve,
    Density,
    IntervalRow,
    accrual_figure,
    delay_figure,
    interval_figure,
    posterior_figure,
)
from workbench.present.headline_number import HeadlineNumber
from workbench.present.result import Check, Column, Fact, HeadlineMetric, StudyResult, Table, Verdict
from workbench.reports.catalogue import Entry, RunLine, VersionLine, render_catalogue
from workbench.reports.differences.in_words import DifferenceInWords, Line
from workbench.reports.differences.page import render_difference
from workbench.reports.harvest import Section
from workbench.reports.manifest import Manifest
from workbench.reports.page import Page, render_report
from workbench.reports.playbook import findings_of, render_playbook
from workbench.reports.summaries import Asked, VersionSummary

PHONE, DESKTOP = 360, 1280
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def figures():
    words = {"title": f"A title with {LONG_WORD}", "caption": "Thin: 95 %.", "source": ["arms"]}
    rows = [
        IntervalRow("Motivational", 31, 18, 44, 25, 38, "n 2,104"),
        IntervalRow("Short", 9, -4, 22, series=1),
    ]
    x = list(range(-30, 71))
    height = [max(0.0, 1 - abs(place - 20) / 25) for place in x]
    weeks = [date(2026, 8, 17) + timedelta(weeks=week) for week in range(12)]
    counts = [100 * week for week in range(12)]
    days = list(range(15))
    end = date(2026, 11, 16)
    return (
        interval_figure(id="a", rows=rows, axis="more bookings per 1,000", rope=(-5, 5), **words),
        posterior_figure(
            id="b", curves=[Density("New", x, height, 20, 2, 38)], axis="more bookings", rope=(-5, 5), **words
        ),
        accrual_figure(id="c", weeks=weeks, assigned=counts, complete=counts, planned_end=end, **words),
        delay_figure(id="d", curves=[Curve("New", days, [0.01 * day for day in days])], window=14, **words),
    )


def changes():
    titles = ("What", "Now", "Before", "Change")
    columns = [Column(name=title.lower(), title=title, kind="text") for title in titles]
    table = Table(
        id="numbers",
        caption="Numbers that moved",
        columns=[columns[0].model_copy(update={"kind": "label"}), *columns[1:]],
        rows=[["AUROC: boosting", "0.72 (0.71 to 0.74)", "0.68 (0.66 to 0.70)", LONG_WORD]],
        groups="none",
        note="Beyond chance.",
    )
    lines = (Line("Verdict", "Adopt now."), Line("Parameters", f"owner is {LONG_WORD}, before {LONG_WORD}."))
    return DifferenceInWords("Since the last version", "", lines, (table,))


def difference():
    def version(name):
        return Manifest(
            study="ab_test",
            study_title="A/B analysis",
            name=name,
            version="20261123T060000Z-3f9a2c1d",
            title=f"Does {LONG_WORD} help?",
            audience=("analysts",),
            owner="outreach",
            as_of=date(2026, 11, 23),
            data_until=None,
            valid_until=date(2026, 12, 7),
            published_at=NOW,
            parameter_file=f"params/ab_test/{name}.yaml",
            parameters={},
            fingerprint={},
            seed=1,
            source="sample",
            simulated=True,
            git_commit=None,
            git_clean=None,
            python="3.13.0",
            packages={},
            dropped={},
            timings={},
            files={},
        )

    return render_difference(changes(), version("wording"), version(f"wording_{LONG_WORD}"))


def report():
    kinds = ("label", "people", "events", "share", "estimate", "interval", "probability")
    table = Table(
        id="segments",
        caption="A table much wider than a phone",
        columns=[Column(name=kind, title=f"Column of kind {kind}", kind=kind) for kind in kinds],
        rows=[["Steady", 1820, 150, 0.08, 33.0, "15 to 52", 0.998], [LONG_WORD, *[None] * 6]],
        groups="attributes",
        note="Not shown: few.",
    )
    checks = [Check(name=f"Check {state}", passed=state, detail="Told.") for state in (True, False, None)]
    numbers = [TermsBlock(terms=[Fact(label="In the fold", text=LONG_WORD)])]
    verdict = Verdict(
        decision="adopt",
        headline=f"Send the new text to {LONG_WORD}.",
        reasons=["It is better."],
        facts=[Fact(label="Who must act", text="The campaign lead.")],
    )
    result = StudyResult(
        study="ab_test",
        name="wording",
        as_of="2026-11-23",
        verdict=verdict,
        metrics=[],
        checks=checks,
        tables=[],
    )
    return render_report(
        Page(
            title=f"Does {LONG_WORD} help?",
            eyebrow="A/B analysis",
            as_of="2026-11-23",
            data_until="2026-11-22T18:00:00+00:00",
            valid_until="2026-12-07",
            audience=("clinical leads",),
            owner="outreach",
            version="20261123T060000Z-3f9a2c1d",
            result=result,
            sections=(
                Section(None, 1, "", ("First words.",)),
                Section(
                    "What was asked", 2, "asked", (TermsBlock(terms=[Fact(label="Window", text=LONG_WORD)]),)
                ),
                Section("What it did", 2, "did", figures()),
                Section(
                    "For whom",
                    2,
                    "whom",
                    (
                        TableBlock(table=table),
                        f"`{LONG_WORD}`\n\n    {LONG_WORD * 2}",
                        FoldBlock(summary=f"More of {LONG_WORD}", blocks=[*numbers, TableBlock(table=table)]),
                    ),
                ),
                Section(
                    "Trust",
                    2,
                    "trust",
                    (
                        ChecksBlock(checks=checks),
                        "Table: T\n\n|a|b|\n|-|-|\n|1|2|\n\nText\n\n|a|\n|-|\n|1|\n\nText\n\n|a|\n|-|\n|1|",
                    ),
                ),
            ),
            provenance=(("Parameter set", f"params/ab_test/{LONG_WORD}.yaml"),),
            since=changes(),
        )
    )


def number(value=0.03, arm="warm"):
    metric = HeadlineMetric(
        name="difference", of={"arm": arm}, label=f"More by {LONG_WORD}", scale=1000, no_effect=0.0
    )
    low, high = (None, None) if value is None else (value - 0.02, value + 0.02)
    return HeadlineNumber(metric=metric, value=value, low=low, high=high, level=0.95, interval="credible")


def playbook():
    def version(name, question, decision, **given):
        values = {
            "study": "ab_test",
            "study_title": "A/B analysis",
            "name": name,
            "version": "20261123T060000Z-3f9a2c1d",
            "title": f"Does {LONG_WORD} help?",
            "audience": (),
            "owner": "Outreach",
            "as_of": date(2026, 11, 16),
            "valid_until": date(2026, 12, 7),
            "published_at": NOW,
            "simulated": name == "a",
            "decision": decision,
            "headline": f"Send the new text to {LONG_WORD}.",
            "number": number(arm=name),
            "failed_checks": (),
            "asked": Asked(question=question, origin=name, gathered_until=date(2026, 9, 28)),
        }
        return [VersionSummary(**(values | given))]

    told = [
        version("a", "tone", "adopt", failed_checks=("Outcomes complete",)),
        version("b", "tone", "equivalent"),
        version("c", "length", "adopt", number=number(arm="same")),
        version("d", "length", "harmful", number=number(arm="same")),
        version("e", "send_time", "adopt", valid_until=date(2026, 1, 1)),
        version("f", "send_time", "adopt", withdrawn=True),
        version("g", "send_time", "keep_collecting"),
        version("h", "frequency", "adopt", number=number(arm="same")),
        version("i", "frequency", "adopt", number=number(arm="same")),
    ]
    return render_playbook(findings_of(told), NOW)


def catalogue():
    def version(day, decision):
        as_of = date(2026, 11, day)
        told = number(None if day == 16 else day / 1000)
        return VersionLine(
            f"v{day}", as_of, NOW, decision, "A headline.", f"ab_test/a/v{day}/report.html", told
        )

    def entry(name, title, audience, versions, state):
        run = RunLine(state, "The reason.", NOW)
        return Entry(
            "ab_test", "A/B analysis", name, title, audience, "outreach", versions, date(2026, 11, 20), run
        )

    both = ("clinical leads", "analysts")
    decisions = [
        "adopt",
        "reject",
        "equivalent",
        "harmful",
        "inconclusive",
        "keep_collecting",
        "invalid",
        "describe",
    ]
    history = tuple(version(20 - at, decision) for at, decision in enumerate(decisions))
    return render_catalogue(
        [
            entry("a", "Does wording matter?", both, history, "published"),
            entry("b", f"Does {LONG_WORD} matter?", ("analysts",), (version(9, "harmful"),), "failed"),
            entry("c", "Never seen", ("operations",), (), "refused"),
        ],
        NOW,
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    made = {"report": report(), "catalogue": catalogue(), "playbook": playbook(), "difference": difference()}
    for name, html in made.items():
        made[name] = Path(folder / f"{name}.html")
        made[name].write_text(html, encoding="utf-8")
    return made


@pytest.fixture
def visit(browser, pages):
    """Open a page at a width; what it says on the console and asks of the network is collected on it."""
    contexts = []

    def open_page(name, width=DESKTOP, scheme="light", *, script=True):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(pages[name].as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


EVERY = pytest.mark.parametrize("name", ["report", "catalogue", "playbook", "difference"])
WIDTHS = pytest.mark.parametrize("width", [PHONE, DESKTOP])


@EVERY
@WIDTHS
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_the_page_asks_for_nothing(visit, pages, name, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(name, width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.said == []
    assert page.asked == [pages[name].as_uri()]


@EVERY
@pytest.mark.parametrize("width", [320, PHONE, 640, 800, DESKTOP])
def test_the_page_never_scrolls_sideways(visit, name, width):
    page = visit(name, width)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("width", "form"), [(320, "narrow"), (PHONE, "narrow"), (640, "wide"), (DESKTOP, "wide")]
)
def test_a_figure_shows_the_form_that_fits_with_text_of_11_px_at_least(visit, width, form):
    page = visit("report", width)
    drawings = page.locator("figure svg:visible")
    assert drawings.count() == len(figures())
    assert set(drawings.evaluate_all("all => all.map((svg) => svg.getAttribute('class'))")) == {form}
    sizes = page.locator("figure svg:visible text").evaluate_all(
        "all => all.map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"
    )
    assert min(sizes) >= 11


@WIDTHS
def test_a_figure_s_text_stays_within_the_page(visit, width):
    page = visit("report", width)
    boxes = page.locator("figure svg:visible text").evaluate_all(
        "all => all.map((text) => { const box = text.getBoundingClientRect(); return [box.left, box.right]; })"
    )
    assert min(left for left, _ in boxes) >= 0
    assert max(right for _, right in boxes) <= width


def test_a_figure_turns_dark_with_the_page(visit):
    colors = [
        visit("report", DESKTOP, scheme)
        .locator("figure svg:visible text")
        .first.evaluate("text => getComputedStyle(text).fill")
        for scheme in ("light", "dark")
    ]
    assert colors[0] != colors[1]


def test_a_wide_table_scrolls_by_keyboard_within_itself(visit):
    page = visit("report", PHONE)
    region = page.get_by_role("group", name="A table much wider than a phone").first
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("region => region.scrollLeft > 0", arg=region.element_handle())


def test_on_paper_the_page_is_light_and_whole(visit):
    page = visit("report", DESKTOP, "dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("nav:visible").count() == 0
    assert page.get_by_text("Numbers that moved").is_visible()
    assert page.get_by_text("In the fold").is_visible()
    assert page.locator("figure svg.wide:visible").count() == len(figures())


def test_a_fold_opens_by_keyboard(visit):
    page = visit("report", PHONE)
    assert not page.get_by_text("In the fold").is_visible()
    page.get_by_text("More of").focus()
    page.keyboard.press("Enter")
    page.get_by_text("In the fold").wait_for(state="visible")


@EVERY
def test_all_is_readable_without_script(visit, name):
    page = visit(name, script=False)
    assert page.locator("h1:visible").count() == 1
    assert page.locator("#find:visible").count() == 0
    if name == "catalogue":
        assert page.locator(".entry:visible").count() == 3
    if name == "playbook":
        assert page.locator(".finding:visible").count() == 9


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chart_s_line_stands_out_from_the_page(visit, scheme):
    page = visit("catalogue", PHONE, scheme)
    chart = page.get_by_role("img", name="lowest")
    assert chart.count() == 1
    colors = chart.locator("path[stroke-width]").first.evaluate(
        "line => [getComputedStyle(line).stroke, getComputedStyle(document.documentElement).backgroundColor]"
    )
    assert contrast(*colors) >= 3


def contrast(first, second):
    """The contrast ratio of two colors such as "rgb(1, 2, 3)", by WCAG 2.2."""

    def luminance(color):
        shares = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
        linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_the_catalogue_can_be_searched(visit):
    page = visit("catalogue", PHONE)
    shown = page.locator(".entry:visible")
    box = page.get_by_role("searchbox", name="Search")
    assert shown.count() == 3
    box.fill("WORDING matter")
    assert shown.count() == 1
    assert page.get_by_role("status").inner_text() == "1 of 3 shown"
    box.fill("nothing like this")
    assert shown.count() == 0
    assert page.locator(".study:visible").count() == 0
    box.fill("")
    assert shown.count() == 3
    assert page.said == []


def test_the_catalogue_can_be_filtered_by_audience(visit):
    page = visit("catalogue")
    page.get_by_role("combobox", name="For").select_option("analysts")
    assert page.locator(".entry:visible").count() == 2
    page.get_by_role("searchbox", name="Search").fill("wording")
    assert page.locator(".entry:visible").count() == 1
    page.get_by_role("combobox", name="For").select_option("operations")
    assert page.locator(".entry:visible").count() == 0


@pytest.mark.parametrize(
    ("label", "choice", "found"),
    [
        ("Study", "A/B analysis", 3),
        ("Verdict", "Harmful: stop", 1),
        ("State", "never published", 1),
        ("State", "last run went wrong", 2),
        ("State", "no longer valid", 2),
    ],
)
def test_the_catalogue_can_be_filtered_by_study_verdict_and_state(visit, label, choice, found):
    page = visit("catalogue")
    page.get_by_role("combobox", name=label, exact=True).select_option(choice)
    assert page.locator(".entry:visible").count() == found
    assert page.get_by_role("status").inner_text() == f"{found} of 3 shown"


def test_on_paper_the_playbook_is_light_and_whole(visit):
    page = visit("playbook", DESKTOP, "dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("nav:visible").count() == 0
    assert page.locator(".finding:visible").count() == 9
