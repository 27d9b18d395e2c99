"""From a typed block to a piece of HTML: the same on the report's page and in JupyterLab.

Markup is made here and in `templates/` alone. All text is escaped, Markdown may hold no HTML and link only within
the page, and an SVG is let in only if it is made of what a figure needs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from workbench.present import numbers
from workbench.present.blocks import (
    Block,
    ChecksBlock,
    FigureBlock,
    FoldBlock,
    ProseBlock,
    TableBlock,
    TermsBlock,
)
from workbench.present.result import Cell, Column, Decision, Table, Verdict
from workbench.present.svg import checked

HIDDEN = "not shown"
UNDEFINED = "–"
WHY_HIDDEN = (
    "Not shown: a group so small that someone in it could be recognized, or a number from which such a group "
    "could be worked out."
)
LEFT_ALIGNED = frozenset({"label", "text"})

Tone = Literal["good", "bad", "warn", "info", "calm"]


@dataclass(frozen=True)
class Look:
    """How a decision or the state of a check is told: in words, by a mark, and only then by color."""

    words: str
    mark: str
    tone: Tone


DECISIONS: dict[Decision, Look] = {
    "adopt": Look("Adopt", "tick", "good"),
    "reject": Look("Do not adopt", "cross", "calm"),
    "equivalent": Look("No difference that matters", "equal", "info"),
    "harmful": Look("Harmful: stop", "alert", "bad"),
    "inconclusive": Look("Not conclusive", "question", "calm"),
    "use_with_oversight": Look("Use, with people in charge", "person", "good"),
    "not_useful": Look("Not useful", "minus", "calm"),
    "groups_found": Look("Groups found", "groups", "good"),
    "useful_cuts": Look("Useful cuts of a continuum", "cuts", "info"),
    "groups_defined": Look("Groups as defined", "rules", "calm"),
    "no_groups": Look("No groups", "wave", "info"),
    "fit_for_use": Look("Fit for use", "shield", "good"),
    "fit_with_findings": Look("Fit for use, with findings", "flag", "warn"),
    "not_fit": Look("Not fit for use", "tools", "bad"),
    "run_it": Look("Worth running", "start", "good"),
    "not_as_planned": Look("Not as planned", "pause", "calm"),
    "ceiling_supported": Look("Ceiling supported", "ceiling", "warn"),
    "hypothesis_to_test": Look("Hypothesis to test", "flask", "info"),
    "no_load_effect_seen": Look("No effect of load seen", "level", "info"),
    "not_identified": Look("Not identified", "unseen", "calm"),
    "keep_collecting": Look("Keep collecting", "dots", "info"),
    "invalid": Look("Not valid: do not use", "barred", "warn"),
    "describe": Look("Description", "note", "calm"),
}
CHECK_STATES: dict[bool | None, Look] = {
    True: Look("Passed", "tick", "good"),
    False: Look("Failed", "cross", "bad"),
    None: Look("Noted", "note", "calm"),
}


def fragment(block: Block) -> Markup:
    """The HTML of one block.

    Raises:
        Refused: for a figure whose SVG holds anything but lines, areas, marks and text.
    """
    match block:
        case ProseBlock():
            return markdown(block.text)
        case TermsBlock():
            return _macro("terms", block.terms)
        case TableBlock():
            return _table(block.table)
        case ChecksBlock():
            return _macro("checks", block.checks, CHECK_STATES)
        case FigureBlock():
            wide, narrow = (Markup(checked(svg)) for svg in (block.wide, block.narrow))  # noqa: S704 - just checked
            return _macro("figure", block, wide, narrow)
        case FoldBlock():
            return _macro("fold", block.summary, [fragment(inner) for inner in block.blocks])


def verdict_card(verdict: Verdict) -> Markup:
    """The verdict with its pill, headline, facts and reasons."""
    return _macro("verdict", verdict, DECISIONS[verdict.decision])


def pill(look: Look) -> Markup:
    """The words of a decision or state with their mark."""
    return _macro("pill", look)


def mark(name: str) -> Markup:
    """A mark alone, hidden from screen readers: words stand beside it."""
    return _macro("mark", name)


def markdown(text: str) -> Markup:
    """CommonMark with tables as HTML: no HTML let through, no images, links only to places in the page.

    A paragraph that begins with "Table: " and stands right before a table is its caption.
    """
    parser = _markdown()
    tokens = _captioned(parser.parse(text))
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - the parser escapes all text


def typeset(text: str) -> Markup:
    """Escaped text in which a number keeps its percent sign on the same line."""
    return Markup(re.sub(r"(?<=\d) %", "\u00a0%", str(escape(text))))  # noqa: S704 - escaped just now


@cache
def environment(package: str) -> Environment:
    """The templates of a package, with escaping on and a missing value an error; made once."""
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters |= {"typeset": typeset, "day": numbers.day, "moment": numbers.moment}
    made.globals |= {"mark": mark, "pill": pill}
    return made


@cache
def stylesheet(package: str, name: str) -> Markup:
    """A style sheet of a package's templates without comments and needless white space."""
    text = resources.files(package).joinpath("templates", name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,]) ?", r"\1", text).replace(": ", ":").replace(";}", "}")
    return Markup(text.strip())  # noqa: S704 - a file of this package


@cache
def _macros() -> Any:
    return environment("workbench.present").get_template("fragments.html.j2").module


def _macro(name: str, *given: Any) -> Markup:
    return Markup(getattr(_macros(), name)(*given))  # noqa: S704 - made by an escaping template


@dataclass(frozen=True)
class _ShownCell:
    text: str
    is_header: bool
    css_class: str


def _table(table: Table) -> Markup:
    rows = [list(_shown_row(table, row)) for row in table.rows]
    if not table.note and any(cell.css_class == "hidden" for row in rows for cell in row):
        table = table.model_copy(update={"note": WHY_HIDDEN})
    return _macro("table", table, rows)


def hides(table: Table, row: Sequence[Cell]) -> bool:
    """Whether a cell without value in this row was hidden, rather than being undefined.

    It was where people are counted: by a note, or since a count of its row is gone.
    """
    counts_gone = any(
        cell is None and column.kind in {"people", "events"}
        for column, cell in zip(table.columns, row, strict=True)
    )
    return table.groups != "none" and (bool(table.note) or counts_gone)


def _shown_row(table: Table, row: Sequence[Cell]) -> Iterator[_ShownCell]:
    hidden = hides(table, row)
    for column, cell in zip(table.columns, row, strict=True):
        if cell is None:
            yield _ShownCell(*((HIDDEN, False, "hidden") if hidden else (UNDEFINED, False, "")))
        else:
            css_class = "left" if column.kind in LEFT_ALIGNED else ""
            yield _ShownCell(cell_text(column, cell), column.kind == "label", css_class)


def cell_text(column: Column, cell: int | float | str) -> str:
    """A cell as a reader sees it."""
    if isinstance(cell, str):
        return cell
    match column.kind:
        case "people" | "events":
            return numbers.number(cell)
        case "share":
            return numbers.percent(cell, column.digits)
        case "probability":
            return numbers.probability(cell, column.digits)
        case "estimate":
            return numbers.number(cell, column.digits)
        case "label" | "text" | "interval":
            return str(cell)


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "autolink"])
    # Links out are not refused but shown as their text: see _link.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("link_close", _link)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    parser.add_render_rule("th_open", _header_cell)
    parser.add_render_rule("td_open", _data_cell)
    parser.add_render_rule("text", _text)
    return parser


def _link(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    token = tokens[place]
    # Links do not nest in Markdown: the closing one belongs to the nearest opening before it.
    opening = next(t for t in reversed(tokens[: place + 1]) if t.type == "link_open")
    if not str(opening.attrs["href"]).startswith("#"):
        return ""
    return str(self.renderToken(tokens, place, options, env)) if token is opening else "</a>"


def _heading(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    # The page has its own title and section headings.
    level = max(3, int(tokens[place].tag[1:]))
    return f"<h{level}>" if tokens[place].nesting == 1 else f"</h{level}>\n"


def _captioned(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with captions moved from the paragraph before a table into the table's opening."""
    kept: list[Token] = []
    for token in tokens:
        kept.append(token)
        if token.type != "table_open" or len(kept) < 4 or kept[-2].type != "paragraph_close":
            continue
        paragraph = kept[-3].content
        if paragraph.startswith("Table: "):
            token.meta["caption"] = paragraph.removeprefix("Table: ")
            del kept[-4:-1]
    return kept


def _table_open(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    caption = tokens[place].meta.get("caption")
    return str(_macro("table_open", caption or "Table", not caption))


def _table_close(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return "</table></div></div>\n"


def _header_cell(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return f'<th scope="col"{_alignment(tokens[place])}>'


def _data_cell(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return f"<td{_alignment(tokens[place])}>"


def _text(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return str(typeset(tokens[place].content))


def _alignment(token: Token) -> str:
    return "" if "right" in str(token.attrs.get("style", "")) else ' class="left"'
