"""No identifier: nothing published stands on the watch list, and no text is shaped like an identifier.

Looked through are the page's text, comments and attributes, the notebook with its outputs and metadata, the result,
the manifest and the file names. Path data, styles and numbers typed as numbers are no text.
"""

import re
from collections.abc import Iterator
from typing import Any

from workbench.protection.watch_list import WatchList, folded
from workbench.reports.release.candidate import Candidate, Finding
from workbench.reports.release.encodings import decoded, text_in, unescaped
from workbench.reports.release.markup import read_page, runs_of_text

CHECK = "identifiers"
LISTED = "Something here stands on the watch list: leave out what identifies a person."
SHAPED = "Something here is shaped like {what}: leave it out, or write it so that it cannot be taken for one."

GEOMETRY = frozenset(
    {"d", "points", "transform", "viewbox", "width", "height", "style", "stroke-dasharray", "stroke-width"}
    | {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy"}
    | {"patterntransform", "gradienttransform"}
)
# Letters, digits, decimal points and thousands before or after make it part of something else: a hash, a measure.
ALONE = r"(?<![^\W_])(?<!\d[.,])(?:{})(?![^\W_]|[.,]\d)"
DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}\.? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? \d{4}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})"
)
BIRTH = r"(?:birth(?![\s_-]*year)|born\b|\bdob\b|\bd\.o\.b)"
SHAPES = {
    "an e-mail address": re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}(?![\w(])"),
    "a phone number": re.compile(
        ALONE.format(
            r"(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"  # North America
            r"|\(\d{3}\) ?\d{3}[ .-]?\d{4}|1?\d{10}|\d{3}-\d{4}"
            r"|0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}"  # national, with leading 0
        )
        + r"|(?<!\w)\+\d{1,3}[ .()-]*\d(?:[ .()-]*\d){6,12}(?!\w)"  # international (E.164)
    ),
    "a record number": re.compile(
        r"\b(?:mrn|medical[ _-]record(?:[ _-]?(?:number|no\.?|id))?|record[ _-]?(?:number|no\.?|id)"
        r"|patient[ _-]?(?:number|no\.?|id)|chart[ _-]?(?:number|no\.?))"
        r"[\"']?\s*[:=#№-]?\s*[\"']?[a-z]{0,3}-?\d{5,12}(?!\w)"
    ),
    "a social security number": re.compile(
        ALONE.format(r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}") + r"|\b(?:ssn|social security)\D{0,12}\d{9}(?!\w)"
    ),
    "a street address": re.compile(
        r"(?<![\w.,])\d{1,5}[a-z]?\s(?:(?:n|s|e|w|north|south|east|west)\.?\s)?(?:[^\W\d_]{3,}[\s-]){1,2}"
        r"(?:street|avenue|boulevard|road|lane|st\.|ave\.|blvd\.|rd\.|ln\.)(?!\w)"
    ),
    "a date of birth": re.compile(
        rf"{BIRTH}[^\d.;!?]{{0,15}}{DATE}|{DATE}[^\w.;!?]{{0,3}}(?:date of )?{BIRTH}"
    ),
}
DASH = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
PRINTABLE = re.compile(rb"[\x20-\x7e\xa0-\xff]{6,}")
MARKUP = re.compile(r"<[a-zA-Z!?/]")
DRAWING = re.compile(r"<svg\b|<path\b", re.IGNORECASE)
SHORTEST_PICTURE = 64
DEEPEST = 6
"""How often text may be wrapped in markup or encodings and still be looked into; deeper is found as such."""


def find_identifiers(candidate: Candidate, watch_list: WatchList) -> Iterator[Finding]:
    """Where an identifier stands; each place is told once, and nothing of what stands there."""
    found = dict.fromkeys(
        [
            *_in_page(candidate.html, watch_list, "report.html", 0),
            *_in_notebook(candidate, watch_list),
            *_in_value(candidate.result.as_json(), watch_list, "results.json", 0),
            *_in_value(dict(candidate.manifest), watch_list, "manifest.json", 0),
        ]
    )
    for at, name in enumerate(candidate.file_names, 1):
        found |= dict.fromkeys(_in_text(name, watch_list, f"file name {at}", 0))
    yield from found


def holds_identifier(text: str, watch_list: WatchList) -> bool:
    """Whether a text holds what stands on the list or is shaped like an identifier, however it is wrapped."""
    return any(_in_text(text, watch_list, "", 0))


def _in_notebook(candidate: Candidate, watch_list: WatchList) -> Iterator[Finding]:
    notebook = candidate.notebook
    for at, cell in enumerate(notebook.cells, 1):
        yield from _in_value(dict(cell), watch_list, f"notebook.ipynb, cell {at}", 0)
    rest = {key: value for key, value in notebook.items() if key != "cells"}
    yield from _in_value(rest, watch_list, "notebook.ipynb, metadata", 0)


def _in_value(value: Any, watch_list: WatchList, where: str, depth: int) -> Iterator[Finding]:
    """Looks through JSON: keys and strings are text, numbers are not."""
    if isinstance(value, str):
        yield from _in_text(value, watch_list, where, depth)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _in_text(str(key), watch_list, where, depth)
            # A key and its value read as one text: {"MRN": "12345678"}.
            if isinstance(inner, str) and len(inner) < 40:
                yield from _in_plain(f"{key}: {inner}", watch_list, where)
            yield from _in_value(inner, watch_list, where, depth)
    elif isinstance(value, list | tuple):
        if watch_list.contains_run(" ".join(inner for inner in value if isinstance(inner, str))):
            yield Finding(CHECK, where, LISTED)
        for inner in value:
            yield from _in_value(inner, watch_list, where, depth)


def _in_page(html: str, watch_list: WatchList, where: str, depth: int) -> Iterator[Finding]:
    """Looks through markup: text joined over inline tags and apart, comments, attributes."""

    def at(line: int) -> str:
        return where if depth else f"{where}, line {line}"

    page = read_page(html)
    pieces = []
    for line, run in runs_of_text(page):
        pieces += run
        yield from _in_text("".join(run), watch_list, at(line), depth + 1)
        for piece in run if len(run) > 1 else []:
            yield from _in_text(piece, watch_list, at(line), depth + 1)
    if watch_list.contains_run(" ".join(pieces)):
        yield Finding(CHECK, f"{where}, text side by side", LISTED)
    for line, comment in (*page.comments, *page.declarations):
        yield from _in_text(comment, watch_list, at(line), depth + 1)
    # What looks like a tag need not be one: its words are text too.
    tags = {" ".join([element.tag, *(key for key, _ in element.attributes)]): element for element in page.all()}
    for words, element in tags.items():
        yield from _in_plain(words, watch_list, at(element.line))
    for element in page.all():
        for key, value in element.attributes:
            if key not in GEOMETRY:
                yield from _in_text(value, watch_list, at(element.line), depth + 1)


def _in_text(text: str, watch_list: WatchList, where: str, depth: int) -> Iterator[Finding]:
    """Looks through text as it stands, and through what is markup or an encoding of text in it."""
    if depth > DEEPEST:
        yield Finding(
            CHECK, where, "Text is wrapped in too many encodings to be looked through: write it plainly."
        )
        return
    if MARKUP.search(text):
        yield from _in_page(text, watch_list, where, depth + 1)
        if DRAWING.search(text):
            return  # its path data are no text
    yield from _in_plain(text, watch_list, where)
    plain = unescaped(text)
    if plain != text:
        yield from _in_text(plain, watch_list, where, depth + 1)
    for raw in decoded(text):
        inner = text_in(raw)
        if inner is not None:
            yield from _in_text(inner, watch_list, where, depth + 1)
        elif len(raw) > SHORTEST_PICTURE:
            # A picture: what stands in it as text, such as its metadata.
            for run in PRINTABLE.findall(raw):
                yield from _in_plain(run.decode("latin-1"), watch_list, where)


def _in_plain(text: str, watch_list: WatchList, where: str) -> Iterator[Finding]:
    if watch_list.contains(text):
        yield Finding(CHECK, where, LISTED)
    plain = DASH.sub("-", folded(text))
    for what, shape in SHAPES.items():
        if shape.search(plain) or ("_" in plain and shape.search(plain.replace("_", " "))):
            yield Finding(CHECK, where, SHAPED.format(what=what))
