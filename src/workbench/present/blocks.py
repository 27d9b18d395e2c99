"""What a notebook may show a reader: typed blocks, displayed under one MIME type.

A report is made of the notebook's markdown and these blocks, and of nothing else: a print, a data frame or a
traceback has no such type and is dropped. Each block also carries a plain HTML form for JupyterLab.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from workbench.present.result import Check, Fact, Frozen, StudyResult, Table

BLOCK_TYPE = "application/vnd.workbench.block+json"


class ProseBlock(Frozen):
    """A paragraph with computed numbers, in Markdown (no HTML)."""

    kind: Literal["prose"] = "prose"
    text: str


class TermsBlock(Frozen):
    """A list of terms and what they mean here, such as the estimand."""

    kind: Literal["terms"] = "terms"
    terms: list[Fact]


class TableBlock(Frozen):
    """A table of the result, shown."""

    kind: Literal["table"] = "table"
    table: Table


class ChecksBlock(Frozen):
    """The checks the verdict rests on, in words."""

    kind: Literal["checks"] = "checks"
    checks: list[Check]


class FigureBlock(Frozen):
    """A figure, drawn twice: for a wide page and for a phone.

    `title` is a sentence that says what is seen; `alt` tells it to who cannot see it; `caption` explains marks,
    units and intervals. `source` names the result's tables that hold the numbers drawn.
    """

    kind: Literal["figure"] = "figure"
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    alt: str = Field(min_length=1)
    caption: str
    source: list[str]
    wide: str
    narrow: str


OpenBlock = Annotated[
    ProseBlock | TermsBlock | TableBlock | ChecksBlock | FigureBlock, Field(discriminator="kind")
]


class FoldBlock(Frozen):
    """Blocks for those who look closer, under one line: closed on a screen until it is opened, open on paper.

    `summary` says what is in it, without numbers: they belong to what is examined before a report is published.
    """

    kind: Literal["fold"] = "fold"
    summary: str = Field(pattern=r"^[^\d]+$")
    blocks: list[OpenBlock] = Field(min_length=1)


Block = Annotated[
    ProseBlock | TermsBlock | TableBlock | ChecksBlock | FigureBlock | FoldBlock, Field(discriminator="kind")
]


def unfolded(block: Block) -> Iterator[OpenBlock]:
    """The block itself, or those in a fold."""
    if isinstance(block, FoldBlock):
        yield from block.blocks
    else:
        yield block


def tables_of(result: StudyResult, *ids: str) -> tuple[TableBlock, ...]:
    """The tables of these ids, as far as the result has them."""
    return tuple(TableBlock(table=result.table(id)) for id in ids if result.has_table(id))


def folded(summary: str, blocks: Sequence[OpenBlock]) -> tuple[FoldBlock, ...]:
    """These blocks under one line; nothing where there are none."""
    return (FoldBlock(summary=summary, blocks=list(blocks)),) if blocks else ()
