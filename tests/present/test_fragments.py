"""Blocks as HTML: hostile text stays text, hidden cells say why, and nothing is told by color alone."""

from html.parser import HTMLParser

import pytest
from pydantic import ValidationError

from workbench.present.blocks import ChecksBlock, FigureBlock, FoldBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.fragments import (
    CHECK_STATES,
    DECISIONS,
    WHY_HIDDEN,
    fragment,
    markdown,
    stylesheet,
    typeset,
    verdict_card,
)
from workbench.present.result import Check, Column, Decision, Fact, Table, Verdict
from workbench.refusal import Refused

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">" onload="x'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" role="img" aria-label="A line."></svg>'


class Seen(HTMLParser):
    """The tags, attributes and text of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(str(html))

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join("".join(self.texts).replace("\u00a0", " ").split())


def assert_harmless(html):
    seen = Seen(html)
    assert not {"script", "img", "iframe", "object", "style"} & set(seen.tags)
    assert not [key for key, _ in seen.attributes if key.startswith("on")]
    assert not [value for key, value in seen.attributes if key in ("href", "src") and not value.startswith("#")]
    return seen


def columns(*kinds):
    return [Column(name=f"c{at}", title=f"Title {at}", kind=kind) for at, kind in enumerate(kinds)]


def table(rows, *kinds, groups="attributes", **given):
    given = {"id": "t", "caption": "People by segment"} | given
    return TableBlock(table=Table(columns=columns(*kinds), rows=rows, groups=groups, **given))


def figure(**given):
    words = {"id": "f", "title": "T", "alt": "A", "caption": "C", "source": [], "wide": SVG, "narrow": SVG}
    return FigureBlock(**(words | given))


@pytest.mark.parametrize(
    "block",
    [
        ProseBlock(text=HOSTILE),
        TermsBlock(terms=[Fact(label=HOSTILE, text=HOSTILE)]),
        ChecksBlock(checks=[Check(name=HOSTILE, passed=True, detail=HOSTILE)]),
        table([[HOSTILE, 1, HOSTILE]], "label", "people", "text", caption=HOSTILE, note=HOSTILE),
        figure(title=HOSTILE, caption=HOSTILE),
        FoldBlock(summary="<script>alert(*)</script>", blocks=[ProseBlock(text=HOSTILE)]),
    ],
    ids=lambda block: block.kind,
)
def test_hostile_text_stays_text(block):
    seen = assert_harmless(fragment(block))
    assert "<script>alert(1)</script>" in seen.text


def test_a_hostile_verdict_stays_text():
    verdict = Verdict(
        decision="adopt", headline=HOSTILE, reasons=[HOSTILE], facts=[Fact(label=HOSTILE, text=HOSTILE)]
    )
    assert_harmless(verdict_card(verdict))


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "https://a.example",
        "//a.example",
        "data:text/html,x",
        "/etc",
    ],
)
def test_links_out_are_shown_as_their_text(address):
    seen = assert_harmless(
        markdown(f"See [the **page**]({address}) now, <{address}>, ![or a picture]({address}).")
    )
    assert "a" not in seen.tags
    assert "See the page now" in seen.text


def test_links_within_the_page_work_beside_links_that_do_not():
    seen = assert_harmless(
        markdown("[out](https://a.example) and [in](#for-whom) and [out](https://b.example)")
    )
    assert seen.tags.count("a") == 1
    assert ("href", "#for-whom") in seen.attributes
    assert seen.text == "out and in and out"


def test_markdown_begins_its_headings_below_those_of_the_page():
    assert [tag for tag in Seen(markdown("# One\n\n### Three\n\n#### Four")).tags if tag[0] == "h"] == [
        "h3",
        "h3",
        "h4",
    ]


def test_a_markdown_table_has_a_caption_scopes_and_a_way_to_scroll():
    seen = Seen(markdown("Before.\n\nTable: Priors <b>\n\n| a | b |\n|---|--:|\n| x | 1 |"))
    assert seen.text == "Before. Priors <b> a b x 1"
    assert seen.attributes.count(("scope", "col")) == 2
    assert ("aria-label", "Priors <b>") in seen.attributes
    assert ("tabindex", "0") in seen.attributes


def test_a_markdown_table_without_a_caption_still_has_one_for_screen_readers():
    html = markdown("Some text.\n\n| a |\n|---|\n| 1 |")
    assert '<caption class="unseen"><span>Table</span></caption>' in html
    assert "Some text." in html


def test_cells_are_shown_by_the_kind_of_their_column():
    row = ["Generic", 2111, 141, 0.0668, -3.14159, "−6 to 1", 0.99999, "as planned"]
    kinds = ("label", "people", "events", "share", "estimate", "interval", "probability", "text")
    html = fragment(table([row], *kinds, groups="arm"))
    assert (
        "Generic 2,111 141 6.7 % −3.1 −6 to 1 > 99.9 % as planned" in Seen(str(html).replace("><", "> <")).text
    )
    assert '<th scope="row" class="left">Generic</th>' in html
    assert '<td class="left">as planned</td>' in html
    assert "<td>2,111</td>" in html


def test_a_column_says_its_unit_once():
    made = Table(
        id="t",
        caption="C",
        columns=[Column(name="d", title="More bookings", kind="estimate", unit="per 1,000", digits=0)],
        rows=[[31.4]],
        groups="none",
    )
    html = fragment(TableBlock(table=made))
    assert 'More bookings <span class="unit">per 1,000</span>' in html
    assert "<td>31</td>" in html


def test_a_hidden_row_says_so_and_why():
    html = fragment(table([["A", 40, 0.5], ["B", None, None]], "label", "people", "share"))
    assert html.count('<td class="hidden">not shown</td>') == 2
    assert WHY_HIDDEN in html


def test_a_table_s_own_note_tells_why_cells_are_hidden():
    html = fragment(table([["A", 40, None]], "label", "people", "share", note="Not shown: few."))
    assert '<td class="hidden">not shown</td>' in html
    assert '<p class="note">Not shown: few.</p>' in html
    assert WHY_HIDDEN not in html


def test_what_is_undefined_is_not_called_hidden():
    html = fragment(table([["A", 0, None]], "label", "people", "share"))
    assert "<td>–</td>" in html
    assert "not shown" not in html.lower()
    assert "<td>–</td>" in fragment(
        table([["R-hat", None]], "label", "estimate", groups="none", note="By ArviZ.")
    )


@pytest.mark.parametrize("passed", [True, False, None])
def test_a_check_is_told_in_words_and_by_a_mark(passed):
    html = fragment(ChecksBlock(checks=[Check(name="Sample ratio", passed=passed, detail="p 0.61")]))
    look = CHECK_STATES[passed]
    assert look.words in Seen(html).text
    assert '<svg class="mark"' in html


def test_the_states_of_checks_differ_in_words_and_marks():
    assert len({look.words for look in CHECK_STATES.values()}) == 3
    assert len({look.mark for look in CHECK_STATES.values()}) == 3


def test_every_decision_has_its_own_words_and_mark():
    assert set(DECISIONS) == set(Decision.__args__)
    assert len({look.words for look in DECISIONS.values()}) == len(DECISIONS)
    assert len({look.mark for look in DECISIONS.values()}) == len(DECISIONS)


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_verdict_card_says_the_decision_and_every_fact(decision):
    verdict = Verdict(
        decision=decision,
        headline="Do it.",
        reasons=["Since so."],
        facts=[Fact(label="Risk", text="None of 5 %.")],
    )
    html = verdict_card(verdict)
    text = Seen(str(html).replace("><", "> <")).text
    assert text == f"{DECISIONS[decision].words} Do it. Risk None of 5 %. Why Since so."
    assert f'class="verdict {DECISIONS[decision].tone}"' in html


def test_a_verdict_without_facts_and_reasons_leaves_no_empty_lists():
    tags = Seen(verdict_card(Verdict(decision="invalid", headline="H", reasons=[]))).tags
    assert not {"dl", "ol", "ul"} & set(tags)


def test_a_figure_shows_both_forms_with_title_and_caption():
    html = fragment(figure(title="Up by 5 %", caption="Thin: 95 %."))
    assert html.count("<svg") == 2
    assert Seen(html).text == "Up by 5 % Thin: 95 %."


@pytest.mark.parametrize("form", ["wide", "narrow"])
def test_a_figure_that_holds_more_than_a_drawing_is_refused(form):
    with pytest.raises(Refused):
        fragment(figure(**{form: SVG.replace("</svg>", "<script>alert(1)</script></svg>")}))


def test_a_number_keeps_its_percent_sign_on_its_line():
    assert typeset("5 % of <all>") == "5\u00a0% of &lt;all&gt;"


def test_style_sheets_come_small_and_without_comments():
    text = stylesheet("workbench.present", "fragments.css")
    assert "/*" not in text
    assert "\n" not in text
    assert "calc(" not in text or " + " in text


def test_a_fold_says_what_is_in_it_and_holds_all_of_it():
    html = fragment(
        FoldBlock(summary="In numbers", blocks=[ProseBlock(text="First."), ProseBlock(text="Last.")])
    )
    assert html.startswith('<details class="fold">\n<summary>In numbers</summary>')
    assert html.index("First.") < html.index("Last.") < html.index("</details>")


def test_a_fold_s_line_tells_no_number():
    with pytest.raises(ValidationError):
        FoldBlock(summary="All 7 of them", blocks=[ProseBlock(text="x")])
