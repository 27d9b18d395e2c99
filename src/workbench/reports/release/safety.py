"""Self-contained and safe: one HTML file without script or network, made of known elements and attributes only.

What is allowed is listed; everything else is found. The content security policy stands behind this check, not in
its place.
"""

import re
from collections.abc import Iterator

from workbench.reports.release.candidate import Finding
from workbench.reports.release.markup import Element, Page, read_page

CHECK = "safety"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
SIBLINGS = frozenset({"results.json", "notebook.ipynb", "manifest.json", "../../../index.html"})

HTML = frozenset(
    {"html", "head", "meta", "title", "style", "body", "header", "main", "nav", "footer", "section", "article"}
    | {"aside", "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "hr", "br"}
    | {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td", "figure"}
    | {"figcaption", "details", "summary", "a", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup"}
    | {"code", "pre", "kbd", "samp", "var", "abbr", "dfn", "time", "data", "mark", "q", "cite", "del", "ins"}
    | {"blockquote", "img", "span", "wbr"}
)
SVG = frozenset(
    {"svg", "g", "defs", "path", "text", "tspan", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
    | {"use", "clippath", "style", "title", "desc", "image", "pattern", "marker", "stop"}
    | {"lineargradient", "radialgradient"}
)
HTML_ATTRIBUTES = frozenset(
    {"id", "class", "lang", "dir", "title", "role", "tabindex", "hidden", "style", "href", "rel", "src", "alt"}
    | {"width", "height", "colspan", "rowspan", "scope", "headers", "datetime", "charset", "name", "content"}
    | {"http-equiv", "open", "start", "reversed", "value", "span", "media", "type", "align", "abbr"}
)
SVG_ATTRIBUTES = frozenset(
    {"id", "class", "lang", "role", "tabindex", "focusable", "style", "type", "version", "href", "xlink:href"}
    | {"xmlns", "xmlns:xlink", "viewbox", "preserveaspectratio", "transform", "width", "height", "d", "points"}
    | {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "rotate", "textlength"}
    | {"patternunits", "patterntransform", "gradientunits", "gradienttransform", "clippathunits", "offset"}
    | {"markerwidth", "markerheight", "markerunits", "orient", "refx", "refy", "marker-start", "marker-mid"}
    | {"marker-end", "clip-path", "clip-rule", "color", "fill", "fill-opacity", "fill-rule", "opacity"}
    | {"font-family", "font-size", "font-style", "font-weight", "text-anchor", "dominant-baseline"}
    | {"stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin"}
    | {"stroke-miterlimit", "stroke-opacity", "stroke-width", "stop-color", "stop-opacity"}
    | {"vector-effect", "paint-order", "shape-rendering"}
)
NAMESPACES = frozenset({"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"})
DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml)[;,]", re.IGNORECASE)
CSS_URL = re.compile(r"url\(\s*(\"[^\"]*\"|'[^']*'|[^)]*)\s*\)", re.IGNORECASE)
CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
CSS_FORBIDDEN = ("@import", "expression(", "behavior:", "-moz-binding", "javascript:", "//", "image-set(", "</")


def find_unsafe(html: str) -> Iterator[Finding]:
    """Elements, attributes, addresses and styles that a published page may not hold, and a missing policy."""
    page = read_page(html)
    for line, _ in page.declarations:
        yield _finding(line, "Only <!doctype html> may be declared.")
    if [(meta.get("content")) for meta in _policies(page)] != [POLICY]:
        yield _finding(1, "State the content security policy, once and exactly as the release checks name it.")
    for element in page.all():
        yield from _element(element)


def _finding(line: int, advice: str) -> Finding:
    return Finding(CHECK, f"report.html, line {line}", advice)


def _policies(page: Page) -> list[Element]:
    # A policy outside the head is ignored by browsers.
    named = [
        meta for meta in page.all("meta") if (meta.get("http-equiv") or "").lower() == "content-security-policy"
    ]
    return [meta for meta in named if meta.inside("head")]


def _element(element: Element) -> Iterator[Finding]:
    drawn = element.tag == "svg" or element.inside("svg")
    if element.tag not in (SVG if drawn else HTML):
        yield _finding(
            element.line, "The page holds an element that is not allowed, such as a script or a form."
        )
    names = [key for key, _ in element.attributes]
    if len(set(names)) < len(names):
        yield _finding(element.line, "An attribute is given twice.")
    for key, value in element.attributes:
        if not _allowed(key, drawn=drawn):
            yield _finding(element.line, "An element has an attribute that is not allowed, such as a handler.")
        if not _harmless(element, key, value):
            yield _finding(
                element.line, "An attribute points outside the page or asks for more than a page may."
            )
    if element.tag == "style" and not _harmless_style(element.text):
        yield _finding(element.line, "A style points outside the page.")


def _allowed(key: str, *, drawn: bool) -> bool:
    known = SVG_ATTRIBUTES if drawn else HTML_ATTRIBUTES
    return key in known or re.fullmatch(r"(aria|data)-[a-z-]+", key) is not None


def _harmless(element: Element, key: str, value: str) -> bool:
    if key in {"href", "xlink:href", "src"}:
        return _harmless_address(element, value.strip())
    if key == "http-equiv":
        return element.tag == "meta" and value.lower() == "content-security-policy"
    if key in {"xmlns", "xmlns:xlink"}:
        return value in NAMESPACES
    if key == "style" or "url(" in value.lower():
        return _harmless_style(value)
    return "javascript:" not in re.sub(r"\s", "", value).lower()


def _harmless_address(element: Element, address: str) -> bool:
    if element.tag in {"img", "image"}:
        return DATA_IMAGE.match(address) is not None
    return address.startswith("#") or (element.tag == "a" and not element.inside("svg") and address in SIBLINGS)


def _harmless_style(style: str) -> bool:
    plain = CSS_ESCAPE.sub(_unescaped, re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    addresses = [found.strip("\"' ") for found in CSS_URL.findall(plain)]
    if not all(address.startswith("#") or DATA_IMAGE.match(address) for address in addresses):
        return False
    rest = re.sub(r"\s", "", CSS_URL.sub("", plain)).lower()
    return "url(" not in rest and not any(word in rest for word in CSS_FORBIDDEN)


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[2]
    code = int(escape[1], 16)
    return chr(code) if 0 < code <= 0x10FFFF else ""
