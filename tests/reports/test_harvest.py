"""What is taken from an executed notebook, and what is left behind and counted."""

from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from workbench.present.blocks import BLOCK_TYPE, ChecksBlock, ProseBlock
from workbench.present.result import RESULT_TYPE, Check, StudyResult, Verdict
from workbench.reports.harvest import HarvestError, harvest

RESULT = StudyResult(
    study="ab_test",
    name="wording",
    as_of="2026-11-23",
    verdict=Verdict(decision="keep_collecting", headline="Wait.", reasons=["Too early."]),
    metrics=[],
    checks=[],
    tables=[],
)
CHECKS = ChecksBlock(checks=[Check(name="Sample ratio", passed=True, detail="p = 0.6")])
PROSE = ProseBlock(text="31 more.")


def shown(kind: str, value: Any, **others: Any) -> Any:
    return new_output("display_data", data={kind: value, **others}, metadata={"isolated": True})


def block(value: Any) -> Any:
    return shown(BLOCK_TYPE, value.model_dump(mode="json"), **{"text/html": "<p>x</p>", "text/plain": "x"})


def published() -> Any:
    return shown(RESULT_TYPE, RESULT.as_json(), **{"text/plain": "Wait."})


def code(*outputs: Any, source: str = "1", tags: tuple[str, ...] = ()) -> Any:
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)}, execution_count=3)


def private_markdown(text: str) -> Any:
    return new_markdown_cell(text, metadata={"tags": ["private"]})


def sections_of(*cells: Any) -> list[tuple[str | None, int, str, tuple[Any, ...]]]:
    taken = harvest(new_notebook(cells=[*cells, code(published())])).sections
    return [(section.heading, section.level, section.anchor, section.parts) for section in taken]


def test_the_result_and_blocks_are_read_again():
    taken = harvest(
        new_notebook(cells=[new_markdown_cell("## A"), code(block(CHECKS), block(PROSE), published())])
    )
    assert taken.result == RESULT
    assert taken.sections[0].parts == (CHECKS, PROSE)


def test_a_result_and_a_block_in_one_output():
    both = shown(RESULT_TYPE, RESULT.as_json(), **{BLOCK_TYPE: PROSE.model_dump(mode="json")})
    taken = harvest(new_notebook(cells=[code(both)]))
    assert taken.result == RESULT
    assert taken.sections[0].parts == (PROSE,)


def test_markdown_is_split_at_headings_across_cells():
    cells = [
        new_markdown_cell("# Wording\n\nThe story.\n\n## What it did\n\nIt did."),
        code(block(PROSE)),
        new_markdown_cell("### By week\n\nMore.\n\n## For *whom*\n## What it did\nAgain."),
    ]
    assert sections_of(*cells) == [
        (None, 1, "", ("The story.",)),
        ("What it did", 2, "what-it-did", ("It did.", PROSE, "### By week\n\nMore.")),
        ("For whom", 2, "for-whom", ()),
        ("What it did", 2, "what-it-did-2", ("Again.",)),
    ]


def test_the_title_alone_makes_no_section():
    assert sections_of(new_markdown_cell("# Wording"), new_markdown_cell("## A\nx")) == [("A", 2, "a", ("x",))]


def test_headings_in_code_and_quotes_split_nothing():
    text = "## A\n\n```python\n## no heading\n```\n\n> ## quoted"
    assert [heading for heading, *_ in sections_of(new_markdown_cell(text))] == ["A"]


def test_underlined_headings_and_foreign_letters():
    assert sections_of(new_markdown_cell("Größe Ö\n---\nx"), new_markdown_cell("## 问题\ny")) == [
        ("Größe Ö", 2, "groe-o", ("x",)),
        ("问题", 2, "section", ("y",)),
    ]


def test_private_cells_give_nothing_to_the_page_nor_outputs():
    cells = [
        new_markdown_cell("## A"),
        private_markdown("## B\nsecret"),
        code(block(PROSE), new_output("stream", text="x"), tags=("private",), source="secret = 1"),
    ]
    taken = harvest(new_notebook(cells=[*cells, code(published())]))
    assert [section.heading for section in taken.sections] == ["A"]
    assert taken.sections[0].parts == ()
    assert taken.cleaned.cells[2].outputs == []
    assert taken.cleaned.cells[2].source == "secret = 1"
    assert taken.dropped == {"private": 1, "stream": 1}


def test_everything_else_is_dropped_and_counted():
    outputs = [
        new_output("stream", name="stdout", text="a patient"),
        new_output("stream", name="stderr", text="a warning"),
        new_output("error", ename="ValueError", evalue="a patient", traceback=["a patient"]),
        new_output("display_data", data={"text/html": "<table>", "text/plain": "a patient"}),
        new_output("execute_result", data={"text/plain": "a patient"}, execution_count=1),
    ]
    markdown = new_markdown_cell("![x](attachment:a.png)", attachments={"a.png": {"image/png": "eA=="}})
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"x": "a patient"}}}
    notebook = new_notebook(
        cells=[markdown, code(*outputs), code(published(), block(PROSE))],
        metadata={
            "widgets": state,
            "papermill": {"parameters": {"x": "a patient"}},
            "kernelspec": {"name": "x", "display_name": "a patient"},
        },
    )
    taken = harvest(notebook)
    assert taken.dropped == {
        "stream": 2,
        "error": 1,
        "display": 1,
        "execute_result": 1,
        "attachment": 1,
        "widget_state": 1,
    }
    assert "patient" not in nbformat.writes(taken.cleaned)


def test_the_cleaned_notebook_keeps_sources_typed_data_and_parameters_only():
    parameters = code(source="as_of = '2026-11-23'", tags=("injected-parameters", "mine"))
    parameters.metadata["papermill"] = {"status": "completed"}
    notebook = new_notebook(
        cells=[parameters, new_raw_cell("raw"), code(published(), source="publish(result)")]
    )
    cleaned = harvest(notebook).cleaned
    nbformat.validate(cleaned)
    assert [cell.source for cell in cleaned.cells] == ["as_of = '2026-11-23'", "raw", "publish(result)"]
    assert cleaned.cells[0].metadata == {"tags": ["injected-parameters"]}
    assert cleaned.cells[2].outputs == [new_output("display_data", data={RESULT_TYPE: RESULT.as_json()})]
    assert [cell.id for cell in cleaned.cells] == [cell.id for cell in notebook.cells]
    assert set(cleaned.metadata) == {"language_info"}


def test_a_notebook_that_is_none_is_refused_without_its_contents():
    notebook = new_notebook(cells=[code(published()), new_markdown_cell("x")])
    notebook.cells[1].id = "Maria Lopez"
    with pytest.raises(HarvestError, match="format") as refused:
        harvest(notebook)
    assert "Maria" not in str(refused.value)


def test_the_notebook_given_is_left_as_it_was():
    notebook = new_notebook(cells=[code(published(), new_output("stream", text="x"))])
    before = nbformat.writes(notebook)
    harvest(notebook)
    assert nbformat.writes(notebook) == before


def test_a_notebook_read_from_its_file_gives_the_same():
    notebook = new_notebook(cells=[new_markdown_cell("## A"), code(block(CHECKS), published())])
    again = nbformat.reads(nbformat.writes(notebook), as_version=4)
    assert harvest(again) == harvest(notebook)


@pytest.mark.parametrize(("count", "told"), [(0, "no result"), (2, "2 results")])
def test_exactly_one_result(count, told):
    with pytest.raises(HarvestError, match=told):
        harvest(new_notebook(cells=[code(*[published() for _ in range(count)])]))


def test_a_result_in_a_private_cell_is_none():
    with pytest.raises(HarvestError, match="no result"):
        harvest(new_notebook(cells=[code(published(), tags=("private",))]))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (RESULT_TYPE, RESULT.as_json() | {"patient": "Maria Lopez"}),
        (RESULT_TYPE, "Maria Lopez"),
        (RESULT_TYPE, RESULT.as_json() | {"metrics": [{"value": float("nan"), "name": "Maria Lopez"}]}),
        (BLOCK_TYPE, {"kind": "prose", "text": ["Maria Lopez"]}),
        (BLOCK_TYPE, {"kind": "Maria Lopez"}),
        (BLOCK_TYPE, None),
    ],
)
def test_a_display_of_another_shape_is_refused_without_its_contents(kind, value):
    with pytest.raises(HarvestError, match="cell 2 has not the shape") as refused:
        harvest(new_notebook(cells=[new_markdown_cell("x"), code(published(), shown(kind, value))]))
    assert "Maria" not in str(refused.value)
    assert refused.value.__cause__ is None
