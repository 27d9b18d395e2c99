"""What a notebook calls to show something: each display is a typed block that a report may take over.

Everything else a cell puts out (a print, a data frame) stays in the notebook.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from IPython.display import display
from markupsafe import Markup

from workbench.present.blocks import (
    BLOCK_TYPE,
    Block,
    ChecksBlock,
    FigureBlock,
    FoldBlock,
    ProseBlock,
    TableBlock,
    TermsBlock,
)
from workbench.present.fragments import CHECK_STATES, DECISIONS, fragment, stylesheet, verdict_card
from workbench.present.result import RESULT_TYPE, Check, Fact, StudyResult, Table


def show(*blocks: Block) -> None:
    """Display each block under its own type, as HTML for JupyterLab, and as a line of text."""
    for block in blocks:
        _display(BLOCK_TYPE, block.model_dump(mode="json"), fragment(block), _told(block))


def prose(text: str) -> None:
    """Display a paragraph with computed numbers, in Markdown."""
    show(ProseBlock(text=text))


def terms(meanings: Mapping[str, str]) -> None:
    """Display terms and what they mean here, such as the estimand, in the order given."""
    show(TermsBlock(terms=[Fact(label=label, text=text) for label, text in meanings.items()]))


def checks(made: Sequence[Check]) -> None:
    """Display the checks the verdict rests on."""
    show(ChecksBlock(checks=list(made)))


def show_table(table: Table) -> None:
    """Display a table of the result."""
    show(TableBlock(table=table))


def publish(result: StudyResult) -> None:
    """Display the study's result, once in a notebook: the reader sees its verdict, the run takes all of it."""
    verdict = result.verdict
    told = f"{DECISIONS[verdict.decision].words}. {verdict.headline}"
    _display(RESULT_TYPE, result.as_json(), verdict_card(verdict), told)


def in_notebook(*html: Markup) -> str:
    """Pieces of HTML with the style they need in JupyterLab; by itself no display, so that no report has it."""
    return str(
        Markup('<div class="wb in-notebook"><style>{}</style>{}</div>').format(_style(), Markup("").join(html))
    )


def _display(kind: str, value: dict[str, Any], html: Markup, told: str) -> None:
    display({kind: value, "text/html": in_notebook(html), "text/plain": told}, raw=True)


@cache
def _style() -> Markup:
    """The style of a block by itself, in the light or dark theme JupyterLab says it has."""
    light, dark, fragments, notebook = (
        stylesheet("workbench.present", name)
        for name in ("light.css", "dark.css", "fragments.css", "notebook.css")
    )
    dark_theme = Markup('[data-jp-theme-light="false"] .wb')
    return Markup(".wb{{{}}}{}{{{}}}{}{}").format(light, dark_theme, dark, fragments, notebook)


def _told(block: Block) -> str:
    match block:
        case ProseBlock():
            return block.text
        case TermsBlock():
            return "\n".join(f"{term.label}: {term.text}" for term in block.terms)
        case TableBlock():
            return f"Table: {block.table.caption}"
        case ChecksBlock():
            return "\n".join(f"{CHECK_STATES[check.passed].words}: {check.name}" for check in block.checks)
        case FigureBlock():
            return f"Figure: {block.title}"
        case FoldBlock():
            return "\n".join([f"{block.summary}:", *map(_told, block.blocks)])
