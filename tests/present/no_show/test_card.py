"""The model card and the checklist, in the page that the notebook makes: links lead where they say, numbers agree."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from workbench.no_show.analysis import Analysis, analyze
from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.decisions.sessions import OF_SESSIONS
from workbench.no_show.parameters import NoShow
from workbench.no_show.verdict import decide
from workbench.present.blocks import BLOCK_TYPE
from workbench.present.no_show.card import NOT_REPORTED, card_terms
from workbench.present.no_show.result import no_show_result
from workbench.present.no_show.tripod import SECTIONS, Place, places
from workbench.present.no_show.tripod_items import ITEMS
from workbench.present.result import RESULT_TYPE, StudyResult
from workbench.reports.harvest import harvest
from workbench.reports.page import Page, render_report
from workbench.tables.cohort import Step

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "no_show.ipynb"
SETTINGS = NoShow(
    title="t",
    question="q?",
    audience=("analysts",),
    owner="o",
    source="sample",
    seed=3,
    as_of=date(2026, 11, 16),
    test_from=date(2026, 9, 7),
    calls_per_day=30,
    fewest_no_shows=20,
    subgroups=("sex", "diagnosis_group"),
    who_must_act="Nobody has to act.",
)
ETHICS, INVOLVEMENT = "IRB 26-114", "Two patients read a draft of this report."


def rows(size: int = 5000) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    lead = rng.choice([1, 5, 20, 40], size)
    day = np.sort(rng.integers(0, 100, size))
    group = np.array(["anxiety", "depression", "trauma"], dtype=object)[rng.integers(0, 3, size)]
    group[np.flatnonzero(day > 80)[:7]] = "psychosis"
    made = {name: np.zeros(size) for name in NUMBERS} | dict.fromkeys(WORDS)
    made |= {
        "patient": np.arange(size) // 2,
        "day": pd.Timestamp("2026-06-22") + pd.to_timedelta(day, unit="D"),
        "period": np.select([day > 76, day > 50], ["test", "calibration"], "training"),
        "lead_days": lead,
        "no_show": (rng.random(size) < 0.05 + 0.012 * lead).astype(int),
        "reminded": np.nan,
        "diagnosis_group": group,
        "sex": np.where(rng.random(size) < 0.5, "female", "male"),
        **dict.fromkeys(("language", "clinic_id")),
    }
    made["outcome"] = np.where(made["no_show"] == 1, "no_show", "attended")
    return pd.DataFrame(made | dict.fromkeys(OF_SESSIONS, np.nan))


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    frame = rows()
    constant = tuple(name for name in (*NUMBERS, *WORDS) if frame[name].nunique(dropna=False) < 2)
    flow = (Step("known", 5200), Step("with an outcome", 5000))
    return analyze(Appointments(frame, flow, 1.0, constant, None, None), SETTINGS)


@pytest.fixture(scope="module")
def result(analysis: Analysis) -> StudyResult:
    return no_show_result(analysis, decide(analysis))


def page_of(analysis: Analysis, result: StudyResult) -> str:
    """The page, of the notebook's own headings and cells that show something."""
    cells, notebook = [], nbformat.read(NOTEBOOK, as_version=4)
    scope: dict[str, Any] = {"analysis": analysis, "result": result}
    for cell in notebook.cells:
        if "private" in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown":
            cells.append(cell)
        elif "import" in cell.source:
            tree = ast.parse(cell.source)
            tree.body = [each for each in tree.body if isinstance(each, ast.ImportFrom)]
            exec(compile(tree, "imports", "exec"), scope)
        elif cell.source.startswith("show("):
            shown: list[Any] = []
            exec(cell.source, scope | {"show": lambda *blocks, to=shown: to.extend(blocks)})
            data = [{BLOCK_TYPE: block.model_dump(mode="json")} for block in shown]
            cells.append(new_code_cell("1", outputs=[new_output("display_data", data=each) for each in data]))
    published = new_output("display_data", data={RESULT_TYPE: result.as_json()})
    cells.append(new_code_cell("1", outputs=[published]))
    taken = harvest(new_notebook(cells=cells))
    return render_report(
        Page("t", "No-show", "2026-11-16", None, None, (), "o", "v", taken.result, taken.sections, ())
    )


@pytest.fixture(scope="module")
def page(analysis: Analysis, result: StudyResult) -> str:
    return page_of(analysis, result)


def told(page: str) -> dict[str, str]:
    """The text of each section of a page, by its anchor."""
    found = re.findall(r'<section[^>]* id="([^"]+)"[^>]*>(.*?)</section>', page, re.DOTALL)
    return {anchor: text_of(html) for anchor, html in found}


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def astray(page: str, found: Mapping[str, tuple[Place, ...]]) -> Iterator[str]:
    """Items of which a place is not in the page, or does not tell what it is linked for."""
    sections = told(page)
    for number, linked in found.items():
        for place in linked:
            if place.found not in sections.get(place.anchor, ""):
                yield f"{number}: {place.anchor}, {place.found}"


def with_parameters(analysis: Analysis, **given: Any) -> Analysis:
    return replace(analysis, settings=analysis.settings.model_copy(update=given))


def test_every_tick_leads_to_a_section_that_tells_of_it(analysis, result, page):
    assert list(astray(page, places(analysis, result))) == []


def test_a_link_that_leads_nowhere_or_to_other_content_is_found(page):
    wrong = {"1": (Place("nowhere", "it", "Purpose"),), "2": (Place("for-whom", "it", "Purpose"),)}
    assert len(list(astray(page, wrong))) == 2


def test_every_anchor_of_the_checklist_is_in_the_page_under_its_heading(page):
    sections = told(page)
    for anchor, heading in SECTIONS.items():
        assert anchor in sections
        # The verdict's own card has a label in place of a heading.
        assert anchor == "report_verdict" or sections[anchor].strip().startswith(heading)
    linked = set(re.findall(r'href="#([^"]+)"', page))
    assert linked <= set(re.findall(r'id="([^"]+)"', page))


def test_each_item_stands_in_the_checklist_once_linked_or_not_reported(analysis, result, page):
    checklist = page[page.index('id="reporting-checklist-tripod-ai"') :]
    lines = re.findall(r"<tr>\s*<td[^>]*>(\w+) [^<]*</td>\s*<td[^>]*>(.*?)</td>\s*</tr>", checklist, re.DOTALL)
    assert [number for number, _ in lines] == list(ITEMS)
    assert len(ITEMS) == 52
    found = places(analysis, result)
    for number, cell in lines:
        assert re.findall(r'href="#([^"]+)"', cell) == [place.anchor for place in found[number]]
        assert found[number] or cell == NOT_REPORTED


def test_what_nobody_told_is_not_reported(analysis, result):
    found = places(analysis, result)
    for number in ("1", "3a", "17", "18a", "18b", "18c", "18d", "19", "22"):
        assert found[number] == ()
    # No model was taken from elsewhere, and no clinics are told apart.
    assert found["12f"] == found["24"] == found["23b"] == ()
    assert card_terms(analysis, result)["Ethical approval"] == "not reported."


def test_approval_and_involvement_are_reported_as_the_parameters_say(analysis, result):
    given = with_parameters(analysis, ethics_reference=ETHICS, involvement=INVOLVEMENT)
    found = places(given, result)
    assert found["17"]
    assert found["19"]
    assert list(astray(page_of(given, result), found)) == []
    assert card_terms(given, result)["Patient and public involvement"] == INVOLVEMENT


@pytest.mark.parametrize(
    ("label", "metric", "scale", "digits"),
    [
        ("Calibration in the large", "calibration_intercept", 1, 2),
        ("Calibration slope", "calibration_slope", 1, 2),
        ("AUROC", "auroc", 1, 3),
        ("Log loss", "log_loss", 1, 3),
        ("Scaled Brier", "scaled_brier", 100, 1),
        ("Net benefit", "net_benefit_gain", 1000, 0),
        ("No-shows on the lists", "caught_share", 100, 0),
    ],
)
def test_numbers_of_the_card_are_those_of_the_results(result, page, label, metric, scale, digits):
    card = page[page.index('id="model-card"') : page.index('id="reporting-checklist-tripod-ai"')]
    row = re.search(rf"<tr>\s*<th[^>]*>{label}[^<]*</th>(.*?)</tr>", card, re.DOTALL)
    assert row is not None
    shown = [
        float(number.replace("−", "-"))
        for number in re.findall(r"[−\d.]*\d", text_of(row[1].replace("</td>", " ")))
    ]
    held = json.loads(json.dumps(result.as_json()))["metrics"]
    chosen = result.headline_metric.of["model"]
    found = [
        each
        for each in held
        if each["name"] == metric
        and each["of"].get("model") == chosen
        and not each["of"].keys() & {"by", "design"}
    ]
    assert len(found) == 1
    ends = [found[0][end] for end in ("value", "low", "high") if found[0][end] is not None]
    assert shown == pytest.approx([scale * end for end in ends], abs=0.5000001 * 10**-digits)


def test_calibration_comes_first(result):
    rows = result.table("card_performance").rows
    assert [str(row[0]).split()[0] for row in rows[:2]] == ["Calibration", "Calibration"]


def test_groups_that_the_report_hides_are_not_in_the_card(result):
    hidden = {row[1] for row in result.table("subgroups").rows if row[2] is None}
    told_of = {row[1] for row in result.table("card_groups").rows}
    assert "psychosis" in hidden
    assert told_of
    assert not told_of & hidden


def test_the_card_says_for_what_the_model_is_not(page):
    card = told(page)["model-card"]
    for misuse in ("punishing", "denying or delaying care", "individual therapy is never double-booked"):
        assert misuse in card


def test_only_a_model_that_may_be_used_names_the_approval_it_needs(analysis, result):
    verdict = decide(analysis)
    usable = no_show_result(analysis, replace(verdict, decision="use_with_oversight"))
    facts = {fact.label: fact.text for fact in usable.verdict.facts}
    assert "approvers" in facts["Approval needed"]
    assert "nobody acts on its risks" in facts["Approval needed"]
    assert facts["Approval needed"] in card_terms(analysis, usable)["Human oversight"]
    invalid = no_show_result(analysis, replace(verdict, decision="invalid"))
    assert "Approval needed" not in {fact.label for fact in invalid.verdict.facts}
    assert "cannot be approved" in card_terms(analysis, invalid)["Human oversight"]


def test_the_card_expires_when_the_report_does(analysis, result):
    assert "on 14 Dec 2026" in card_terms(analysis, result)["Expires"]
    shorter = with_parameters(analysis, valid_days=7)
    assert "on 23 Nov 2026" in card_terms(shorter, result)["Expires"]
