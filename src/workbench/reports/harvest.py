"""From an executed notebook: its result, the sections of its page, and what the data team may keep of it.

Only markdown and typed displays come through; all else a cell puts out is dropped and counted.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import nbformat
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from pydantic import TypeAdapter, ValidationError

from workbench.present.blocks import BLOCK_TYPE, Block
from workbench.present.result import RESULT_TYPE, StudyResult

PRIVATE = "private"
KEPT_TAGS = frozenset({PRIVATE, "parameters", "injected-parameters"})
OUTPUT_KINDS = {
    "stream": "stream",
    "error": "error",
    "display_data": "display",
    "execute_result": "execute_result",
}
BLOCKS: TypeAdapter[Block] = TypeAdapter(Block)
RESULTS = TypeAdapter(StudyResult)


class HarvestError(Exception):
    """A notebook from which no report can be made, as a sentence that repeats none of its contents."""


@dataclass(frozen=True)
class Section:
    """A part of the page: Markdown (str) and blocks in the notebook's order, under a heading of the given level.

    The part before the first heading has none, and no anchor. Anchors are unique in the notebook.
    """

    heading: str | None
    level: int
    anchor: str
    parts: tuple[str | Block, ...]


@dataclass(frozen=True)
class Harvest:
    """What an executed notebook gives. `dropped` counts what was left out, by kind."""

    result: StudyResult
    sections: tuple[Section, ...]
    cleaned: NotebookNode
    dropped: Mapping[str, int]


def harvest(notebook: NotebookNode) -> Harvest:
    """The result, sections and cleaned form of an executed notebook (format 4).

    Cells tagged `private` give nothing to the page, and their outputs are dropped.

    Raises:
        HarvestError: where not exactly one result is displayed, or a display has not the shape of its type.
    """
    dropped: Counter[str] = Counter()
    sections = _Sections()
    results: list[StudyResult] = []
    cells = []
    for at, cell in enumerate(notebook.cells, 1):
        shown = [] if cell.cell_type != "code" else _typed_outputs(cell, dropped)
        if not _is_private(cell):
            if cell.cell_type == "markdown":
                sections.add_markdown(cell.source)
            for data in shown:
                results += _read(RESULTS, data, RESULT_TYPE, at)
                for block in _read(BLOCKS, data, BLOCK_TYPE, at):
                    sections.add(block)
        cells.append((cell, shown))
        dropped["attachment"] += len(cell.get("attachments", {}))
    dropped["widget_state"] += len(notebook.metadata.get("widgets", {}))
    if len(results) != 1:
        raise HarvestError(_not_one(len(results)))
    return Harvest(results[0], sections.made(), _cleaned(cells), {kind: n for kind, n in dropped.items() if n})


def with_result(taken: Harvest, result: StudyResult, shown: Callable[[Block], Block]) -> Harvest:
    """The harvest with this result for its own, and with what is shown in each block's place."""
    for cell in taken.cleaned.cells:
        for output in cell.get("outputs", []):
            if RESULT_TYPE in output.data:
                output.data[RESULT_TYPE] = result.as_json()
            if BLOCK_TYPE in output.data:
                block = BLOCKS.validate_python(output.data[BLOCK_TYPE])
                output.data[BLOCK_TYPE] = shown(block).model_dump(mode="json")
    sections = tuple(
        replace(section, parts=tuple(part if isinstance(part, str) else shown(part) for part in section.parts))
        for section in taken.sections
    )
    return replace(taken, result=result, sections=sections)


def _not_one(count: int) -> str:
    how = "no result" if count == 0 else f"{count} results"
    return (
        f"The notebook displays {how}; a study displays exactly one, by publish() in a cell that is not private, "
        "as its last step."
    )


def _is_private(cell: NotebookNode) -> bool:
    return PRIVATE in cell.metadata.get("tags", [])


def _typed_outputs(cell: NotebookNode, dropped: Counter[str]) -> list[dict[str, Any]]:
    """The data of a code cell's outputs, reduced to the types of the workbench; the others are counted."""
    kept = []
    for output in cell.get("outputs", []):
        data = {kind: output.data[kind] for kind in (RESULT_TYPE, BLOCK_TYPE) if kind in output.get("data", {})}
        if data and not _is_private(cell):
            kept.append(data)
        else:
            dropped[PRIVATE if data else OUTPUT_KINDS.get(output.output_type, "other")] += 1
    return kept


def _read[T](shape: TypeAdapter[T], data: Mapping[str, Any], kind: str, at: int) -> Iterator[T]:
    """The value of a type among an output's data, if it is there."""
    if kind not in data:
        return
    try:
        yield shape.validate_json(json.dumps(data[kind], allow_nan=False))
    except (ValidationError, ValueError, TypeError):
        # Neither the error nor its cause may be told: both repeat what was given.
        what = "result" if kind == RESULT_TYPE else "block"
        raise HarvestError(
            f"The {what} displayed by cell {at} has not the shape that workbench.present defines; "
            "run the cell in JupyterLab and display it with workbench.present.display."
        ) from None


def _cleaned(cells: Sequence[tuple[NotebookNode, list[dict[str, Any]]]]) -> NotebookNode:
    """A notebook of these cells with these data as their outputs, and nothing that was not asked for."""
    try:
        made = [_cleaned_cell(cell, at, shown) for at, (cell, shown) in enumerate(cells, 1)]
        cleaned = new_notebook(cells=made, metadata={"language_info": {"name": "python"}})
        nbformat.validate(cleaned)
    except nbformat.ValidationError:
        # The error repeats the cell it stumbled over.
        raise HarvestError(
            "The notebook does not keep to Jupyter's format 4.5: save it anew in JupyterLab."
        ) from None
    return cleaned


def _cleaned_cell(cell: NotebookNode, at: int, shown: list[dict[str, Any]]) -> NotebookNode:
    tags = [tag for tag in cell.metadata.get("tags", []) if tag in KEPT_TAGS]
    kept = {"id": cell.get("id", f"cell-{at}"), "metadata": {"tags": tags} if tags else {}}
    if cell.cell_type == "code":
        outputs = [new_output("display_data", data=data) for data in shown]
        return new_code_cell(cell.source, execution_count=cell.execution_count, outputs=outputs, **kept)
    return (new_markdown_cell if cell.cell_type == "markdown" else new_raw_cell)(cell.source, **kept)


class _Sections:
    """Sections in the making."""

    def __init__(self) -> None:
        self.headings: list[tuple[str | None, int, str]] = [(None, 1, "")]
        self.parts: list[list[str | Block]] = [[]]
        self.seen_title = False

    def add_markdown(self, source: str) -> None:
        """Markdown of one cell, split at its headings of the first two levels; the first title is left out."""
        lines = source.split("\n")
        begin = 0
        for level, text, first, after in _headings(source):
            self.add("\n".join(lines[begin:first]).strip())
            begin = after
            if level == 1 and not self.seen_title:
                self.seen_title = True
                continue
            self.headings.append((text, 2, self._anchor(text)))
            self.parts.append([])
        self.add("\n".join(lines[begin:]).strip())

    def add(self, part: "str | Block") -> None:
        """A part of the section begun last; empty text is none."""
        if part != "":
            self.parts[-1].append(part)

    def made(self) -> tuple[Section, ...]:
        """The sections; the part before the first heading only where something stands in it."""
        pairs = zip(self.headings, self.parts, strict=True)
        return tuple(
            Section(*heading, tuple(parts)) for heading, parts in pairs if parts or heading[0] is not None
        )

    def _anchor(self, text: str) -> str:
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        anchor = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "section"
        taken = {anchor for _, _, anchor in self.headings}
        return next(name for name in _numbered(anchor) if name not in taken)


def _numbered(anchor: str) -> Iterator[str]:
    yield anchor
    number = 2
    while True:
        yield f"{anchor}-{number}"
        number += 1


def _headings(source: str) -> Iterator[tuple[int, str, int, int]]:
    """Headings of the first two levels outside code, quotes and lists: level, plain text, first line, line after."""
    tokens = MarkdownIt("commonmark", {"html": False}).parse(source)
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0 and token.tag in {"h1", "h2"} and token.map:
            text = "".join(child.content for child in tokens[at + 1].children or [])
            yield int(token.tag[1]), text.strip(), token.map[0], token.map[1]
