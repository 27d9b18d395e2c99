"""A page read into elements, for the checks that look at one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd", "mark"}
    | {"q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tspan", "u", "var", "wbr"}
)


@dataclass(eq=False)
class Element:
    """An element: lower-case tag, attributes in order, children that are elements or text, and its line."""

    tag: str
    attributes: list[tuple[str, str]]
    line: int
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        """The first value of an attribute, "" where it has none, None where it is not there."""
        return next((value for key, value in self.attributes if key == name), None)

    def walk(self) -> Iterator["Element"]:
        """This element and all inside it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def inside(self, *tags: str) -> bool:
        """Whether one of these elements holds this one."""
        above = self.parent
        while above is not None and above.tag not in tags:
            above = above.parent
        return above is not None

    @property
    def text(self) -> str:
        """All text inside, without white space around it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children).strip()


@dataclass(frozen=True)
class Page:
    """A page: its root (tag ""), comments with their lines, and declarations other than the doctype."""

    root: Element
    comments: tuple[tuple[int, str], ...]
    declarations: tuple[tuple[int, str], ...]

    def all(self, *tags: str) -> list[Element]:
        """The elements with one of these tags, or all elements."""
        return [element for element in self.root.walk() if element.tag and (not tags or element.tag in tags)]


def read_page(html: str) -> Page:
    """The page as the standard library's parser reads it; no markup is refused, as in a browser."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(reader.root, tuple(reader.comments), tuple(reader.declarations))


def runs_of_text(page: Page) -> Iterator[tuple[int, list[str]]]:
    """Text as it is read: per block its line and its pieces, which tags of inline elements may have cut apart."""

    def gather(element: Element, pieces: list[str]) -> Iterator[tuple[int, list[str]]]:
        for child in element.children:
            if isinstance(child, str):
                pieces.append(child)
            elif child.tag in INLINE:
                yield from gather(child, pieces)
            elif child.tag != "style":
                # A block inside cuts the text around it; its own text is a run of its own.
                yield from block(child)
                pieces.append("\n")

    def block(element: Element) -> Iterator[tuple[int, list[str]]]:
        pieces: list[str] = []
        yield from gather(element, pieces)
        if any(piece.strip() for piece in pieces):
            yield element.line, pieces

    yield from block(page.root)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", [], 1)
        self.open = self.root
        self.comments: list[tuple[int, str]] = []
        self.declarations: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID:
            self.open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        # Outside SVG a browser does not know "<div/>" and leaves it open.
        if tag not in VOID and tag != "svg" and not element.inside("svg"):
            self.open = element

    def handle_endtag(self, tag: str) -> None:
        above: Element | None = self.open
        while above is not None and above.tag != tag:
            above = above.parent
        if above is not None and above.parent is not None:
            self.open = above.parent

    def handle_data(self, data: str) -> None:
        self.open.children.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append((self.getpos()[0], data))

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.declarations.append((self.getpos()[0], decl))

    def handle_pi(self, data: str) -> None:
        self.declarations.append((self.getpos()[0], data))

    def unknown_decl(self, data: str) -> None:
        self.declarations.append((self.getpos()[0], data))

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        attributes = [(key, value or "") for key, value in attrs]
        element = Element(tag, attributes, self.getpos()[0], self.open)
        self.open.children.append(element)
        return element
