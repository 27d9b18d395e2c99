"""What a notebook may show a reader: typed blocks, displayed under one MIME type.

A report is made of the notebook's markdown and these blocks, and of nothing else: a print, a data frame or a
traceback has no such type and is dropped. Each block also carries a plain HTML form for JupyterLab.
"""

from typing import Annotated, Literal

from pydantic import Field

from workbench.present.result import Check, Fact, Frozen, Table

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


Block = Annotated[ProseBlock | TermsBlock | TableBlock | ChecksBlock | FigureBlock, Field(discriminator="kind")]
