"""Readable by everyone: what a screen reader needs to tell the page, and links that lead somewhere.

A small part of WCAG 2.2 that can be decided from the markup alone.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from workbench.reports.release.candidate import Finding
from workbench.reports.release.markup import Element, Page, read_page

CHECK = "readability"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "headers", "for")


def find_unreadable(html: str) -> Iterator[Finding]:
    """Missing language, title, landmarks, captions, scopes and names; jumps in headings; broken references."""
    page = read_page(html)
    yield from _document(page)
    yield from _headings(page)
    yield from _tables(page)
    yield from _figures(page)
    yield from _references(page)


def _finding(element: Element | None, advice: str) -> Finding:
    return Finding(CHECK, f"report.html, line {element.line}" if element else "report.html", advice)


def _document(page: Page) -> Iterator[Finding]:
    if not any((root.get("lang") or "").strip() for root in page.all("html")):
        yield _finding(None, "Say the page's language: <html lang>.")
    if [bool(title.text) for title in page.all("title") if not title.inside("svg")] != [True]:
        yield _finding(None, "Give the page one title.")
    for landmark in ("header", "main", "nav", "footer"):
        if not page.all(landmark):
            yield _finding(None, f"Give the page a <{landmark}>.")
    if len(page.all("main")) > 1:
        yield _finding(page.all("main")[1], "A page has one <main>.")
    navigations = page.all("nav")
    for navigation in navigations if len(navigations) > 1 else []:
        if not _named(navigation, page):
            yield _finding(navigation, "Name each <nav> with aria-label.")


def _headings(page: Page) -> Iterator[Finding]:
    headings = page.all(*HEADINGS)
    if len(page.all("h1")) != 1:
        yield _finding(None, "A page has exactly one h1.")
    if headings and headings[0].tag != "h1":
        yield _finding(headings[0], "The first heading is the h1.")
    for before, heading in pairwise(headings):
        if int(heading.tag[1]) > int(before.tag[1]) + 1:
            yield _finding(heading, "Headings go down one level at a time.")
    for heading in headings:
        if not heading.text:
            yield _finding(heading, "A heading is empty.")


def _tables(page: Page) -> Iterator[Finding]:
    for table in page.all("table"):
        first = next((child for child in table.children if isinstance(child, Element)), None)
        if first is None or first.tag != "caption" or not first.text:
            yield _finding(table, "Begin the table with a caption.")
        headers = [element for element in table.walk() if element.tag == "th"]
        if not headers:
            yield _finding(table, "Give the table header cells.")
        for header in headers:
            if header.get("scope") not in {"col", "row", "colgroup", "rowgroup"}:
                yield _finding(header, "Give the header cell a scope.")


def _figures(page: Page) -> Iterator[Finding]:
    for image in page.all("img"):
        if not (image.get("alt") or "").strip():
            yield _finding(image, "Give the image an alternative text.")
    for drawing in page.all("svg"):
        if drawing.inside("svg") or (drawing.get("aria-hidden") == "true" and not drawing.inside("figure")):
            continue
        if drawing.get("role") != "img" or not _named(drawing, page):
            yield _finding(drawing, 'Give the drawing role="img" and an aria-label that tells what is seen.')
    for figure in page.all("figure"):
        if not any(element.tag in {"svg", "img", "table"} for element in figure.walk()):
            yield _finding(figure, "The figure shows nothing.")


def _named(element: Element, page: Page) -> bool:
    labels = (element.get("aria-labelledby") or "").split()
    named = {other.get("id"): other.text for other in page.all() if other.get("id")}
    return bool((element.get("aria-label") or "").strip() or any(named.get(label) for label in labels))


def _references(page: Page) -> Iterator[Finding]:
    ids = Counter(element.get("id") for element in page.all() if element.get("id") is not None)
    for element in page.all():
        own = element.get("id")
        if own is not None and (ids[own] > 1 or not own.strip()):
            yield _finding(element, "An id is used once in a page, and is not empty.")
        if any(target not in ids for target in _targets(element)):
            yield _finding(element, "It refers to an id that is not in the page.")


def _targets(element: Element) -> Iterator[str]:
    for key, value in element.attributes:
        if key in REFERENCES:
            yield from value.split()
        elif key in {"href", "xlink:href"} and value.startswith("#") and value not in {"#", "#top"}:
            yield value[1:]
        yield from re.findall(r"url\(\s*['\"]?#([^'\")\s]+)", value)
