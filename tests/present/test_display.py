"""What a notebook displays: the typed value, HTML for JupyterLab, and text that is the same each time."""

import pytest
from pydantic import TypeAdapter

from workbench.present import display
from workbench.present.blocks import BLOCK_TYPE, Block, FigureBlock
from workbench.present.result import RESULT_TYPE, Check, Column, StudyResult, Table, Verdict

TABLE = Table(
    id="arms",
    caption="Arms",
    columns=[Column(name="arm", title="Arm", kind="label"), Column(name="n", title="People", kind="people")],
    rows=[["Generic", 2111]],
    groups="arm",
)
SVG = '<svg viewBox="0 0 9 9" role="img" aria-label="A line."></svg>'
FIGURE = FigureBlock(id="f", title="It rises", alt="A", caption="", source=[], wide=SVG, narrow=SVG)


@pytest.fixture
def displayed(monkeypatch):
    made = []

    def record(data, *, raw):
        assert raw
        made.append(data)

    monkeypatch.setattr(display, "display", record)
    return made


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: display.prose("It rose by **5 %**."), "prose", "It rose by **5 %**."),
        (
            lambda: display.terms({"Population": "Adults", "Window": "14 days"}),
            "terms",
            "Population: Adults\nWindow: 14 days",
        ),
        (
            lambda: display.checks([Check(name="Maturity", passed=False, detail="61 %")]),
            "checks",
            "Failed: Maturity",
        ),
        (lambda: display.show_table(TABLE), "table", "Table: Arms"),
        (lambda: display.show(FIGURE), "figure", "Figure: It rises"),
    ],
)
def test_a_display_carries_a_block_html_and_text(displayed, call, kind, text):
    call()
    (data,) = displayed
    assert set(data) == {BLOCK_TYPE, "text/html", "text/plain"}
    assert TypeAdapter(Block).validate_python(data[BLOCK_TYPE]).kind == kind
    assert data["text/plain"] == text
    assert data["text/html"].startswith('<div class="wb in-notebook"><style>')


def test_each_block_is_a_display_of_its_own(displayed):
    display.show(FIGURE, FIGURE)
    assert len(displayed) == 2


def test_a_block_is_light_and_dark_as_jupyterlab_is(displayed):
    display.show_table(TABLE)
    html = displayed[0]["text/html"]
    assert '[data-jp-theme-light="false"] .wb{--paper:' in html
    assert "&#34;" not in html.partition("</style>")[0]


def test_the_result_is_displayed_whole_with_its_verdict(displayed):
    result = StudyResult(
        study="ab_test",
        name="wording",
        as_of="2026-11-23",
        verdict=Verdict(decision="keep_collecting", headline="Too early <to> say.", reasons=[]),
        metrics=[],
        checks=[],
        tables=[TABLE],
    )
    display.publish(result)
    (data,) = displayed
    assert set(data) == {RESULT_TYPE, "text/html", "text/plain"}
    assert StudyResult.model_validate(data[RESULT_TYPE]) == result
    assert data["text/plain"] == "Keep collecting. Too early <to> say."
    assert "Too early &lt;to&gt; say." in data["text/html"]
