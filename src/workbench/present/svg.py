"""Inline SVG: matplotlib's drawing made small and safe to stand in a page.

`compact` rewrites what matplotlib drew: colors become the page's variables, styles become attributes, ids are
the figure's own, coordinates keep one decimal. `checked` lets only that small language into a page.
"""

import re
from collections.abc import Mapping
from html import escape
from xml.etree import ElementTree as ET

from workbench.refusal import Fault, Refused

ELEMENTS = frozenset({"svg", "g", "defs", "path", "clipPath", "rect", "use", "text", "tspan"})
ATTRIBUTES = frozenset(
    {"xmlns", "viewBox", "role", "aria-label", "class", "id", "d", "x", "y", "width", "height", "transform"}
    | {"href", "clip-path", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity"}
    | {"stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "opacity"}
    | {"text-anchor", "font-size", "font-weight", "font-style"}
)
# What a browser takes for granted, so that it need not be written.
DEFAULTS = {
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
    "stroke-miterlimit": None,
    "stroke-dashoffset": "0",
    "stroke-width": "1",
    "opacity": "1",
    "fill-opacity": "1",
    "stroke-opacity": "1",
    "text-anchor": "start",
    "font-family": None,
}
NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")
TAG = re.compile(r"<(/?)([A-Za-z]+)((?:\s+[A-Za-z-]+=\"[^\"<>]*\")*)\s*(/?)>")
ATTRIBUTE = re.compile(r"([A-Za-z-]+)=\"([^\"]*)\"")


def compact(
    drawn: str, *, name: str, css_class: str, alt: str, text_size: float, colors: Mapping[str, str]
) -> str:
    """Matplotlib's SVG (72 dots per inch, text kept as text) as one small element for a page.

    Args:
        drawn: the SVG file matplotlib wrote.
        name: a prefix that makes every id unique in the page.
        css_class: the class of the root element, by which a page shows or hides it.
        alt: the alternative text, set as aria-label.
        text_size: the size of text in the drawing's units; smaller text is refused.
        colors: hex color to CSS variable name; a color that is not in it is refused.

    Raises:
        Refused: for a color outside the palette, text under text_size, or an element no page may hold.
    """
    # The drawing comes from matplotlib in this very process.
    root = ET.fromstring(drawn)  # noqa: S314
    width, height = root.attrib["viewBox"].split()[2:]
    writer = _Writer(name, text_size, colors, root)
    body = "".join(writer.write(child) for child in root)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_round(width)} {_round(height)}" role="img" '
        f'class="{css_class}" font-size="{text_size:g}" fill="var(--ink)" aria-label="{escape(alt)}">{body}</svg>'
    )
    return checked(svg)


def checked(svg: str) -> str:
    """The same SVG, if every tag and attribute in it is one a page may hold.

    Raises:
        Refused: otherwise: scripts, styles, event handlers, images and links out have no place in a figure.
    """
    rest = 0
    for tag in TAG.finditer(svg):
        _only_text(svg[rest : tag.start()])
        rest = tag.end()
        if tag[2] not in ELEMENTS:
            raise _refused(f"holds the element <{tag[2]}>, which a page may not hold.")
        for key, value in ATTRIBUTE.findall(tag[3]):
            if key not in ATTRIBUTES or (key == "href" and not value.startswith("#")):
                raise _refused(f"holds the attribute {key}, which a page may not hold there.")
            if "url(" in value.replace("url(#", ""):
                raise _refused("points outside the page.")
    _only_text(svg[rest:])
    return svg


def _only_text(between: str) -> None:
    if "<" in between or ">" in between:
        raise _refused("holds a tag that cannot be read.")


def _refused(what: str) -> Refused:
    return Refused(Fault("figure", what, "Draw it with lines, areas, marks and text of the palette only."))


class _Writer:
    """Writes elements anew, with names, colors and numbers as a page wants them."""

    def __init__(self, name: str, text_size: float, colors: Mapping[str, str], root: ET.Element) -> None:
        self.name = name
        self.text_size = text_size
        self.colors = colors
        used = re.findall(r'(?:href="#|url\(#)([\w-]+)', ET.tostring(root, encoding="unicode"))
        self.ids = {old: f"{name}-{place}" for place, old in enumerate(dict.fromkeys(used))}
        self.marks = {element.get("id"): element for element in root.iter() if _tag(element) == "path"}
        self.windows = {clip.get("id", ""): _window(clip) for clip in root.iter() if _tag(clip) == "clipPath"}
        # Matplotlib defines its windows last, when it is known which of them are needed.
        self.clipping: set[str] = set()

    def write(self, element: ET.Element) -> str:
        tag = _tag(element)
        if tag in {"metadata", "style"}:
            return ""
        body = "".join(self.write(child) for child in element)
        if tag in {"text", "tspan"}:
            body = escape(element.text or "", quote=False) + body
        attributes = self._attributes(tag, element)
        if tag in {"g", "defs"} and not body:
            return ""
        if tag == "g" and not attributes:
            return body
        if tag == "path" and attributes.get("fill") == "none" and "stroke" not in attributes:
            return ""
        if tag == "clipPath" and f"url(#{attributes['id']})" not in self.clipping:
            return ""
        if tag not in ELEMENTS:
            raise _refused(f"holds the element <{tag}>, which a page may not hold.")
        written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
        return f"<{tag}{written}>{body}</{tag}>" if body else f"<{tag}{written}/>"

    def _attributes(self, tag: str, element: ET.Element) -> dict[str, str]:
        kept: dict[str, str] = {}
        for key, value in element.attrib.items():
            local = key.rpartition("}")[2]
            if local == "style":
                kept |= self._style(tag, element, value)
            elif local == "id":
                if value in self.ids:
                    kept["id"] = self.ids[value]
            elif local in {"href", "clip-path"}:
                kept[local] = re.sub(r"#([\w-]+)", lambda found: "#" + self.ids[found[1]], value)
            elif local == "transform":
                if not value.startswith(("rotate(-0 ", "rotate(0 ")):
                    kept[local] = _shorten(value)
            elif local == "d":
                kept[local] = _path(value)
            elif local in {"x", "y", "width", "height"}:
                kept[local] = _round(value)
        if "clip-path" in kept:
            if self._lies_inside(element):
                del kept["clip-path"]
            else:
                self.clipping.add(kept["clip-path"])
        return kept

    def _style(self, tag: str, element: ET.Element, style: str) -> dict[str, str]:
        already = self._style_of_mark(element) if tag == "use" else {}
        # What the root element says for all text need not be said again.
        taken = {"font-size": f"{self.text_size:g}", "fill": "var(--ink)"} if tag == "text" else {}
        kept = {}
        for key, value in _declarations(style).items():
            if (key in DEFAULTS and DEFAULTS[key] in (None, value)) or already.get(key) == value:
                continue
            written = self._value(key, value)
            if taken.get(key) != written:
                kept[key] = written
        return kept

    def _value(self, key: str, value: str) -> str:
        match key:
            case "fill" | "stroke":
                return self._color(value)
            case "font-size":
                size = value.removesuffix("px")
                if float(size) < self.text_size:
                    raise _refused(f"holds text of {value}, under {self.text_size:g} px.")
                return _shorten(size)
            case "font-weight":
                # Matplotlib's font knows bold alone; system fonts have the quieter semibold.
                return "600"
            case "opacity" | "fill-opacity" | "stroke-opacity":
                return value
            case _:
                return _shorten(value)

    def _style_of_mark(self, use: ET.Element) -> dict[str, str]:
        target = next(value for key, value in use.attrib.items() if key.endswith("href"))
        return _declarations(self.marks[target[1:]].get("style", ""))

    def _lies_inside(self, path: ET.Element) -> bool:
        """Whether a path needs no clipping: all its points are within its window."""
        if _tag(path) != "path":
            return False
        left, top, right, bottom = self.windows[path.attrib["clip-path"][len("url(#") : -1]]
        found = [float(text) for text in NUMBER.findall(path.attrib["d"])]
        across, down = found[::2], found[1::2]
        return left <= min(across) and max(across) <= right and top <= min(down) and max(down) <= bottom

    def _color(self, value: str) -> str:
        if value == "none" or value.startswith("url("):
            return value
        if value.lower() not in self.colors:
            raise _refused(f"uses the color {value}, which is not in the palette.")
        return f"var(--{self.colors[value.lower()]})"


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _window(clip: ET.Element) -> tuple[float, float, float, float]:
    """The rectangle of a clipPath, half a pixel wider: left, top, right, bottom."""
    x, y, width, height = (float(clip[0].attrib[key]) for key in ("x", "y", "width", "height"))
    return x - 0.5, y - 0.5, x + width + 0.5, y + height + 0.5


def _declarations(style: str) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in style.split(";") if declaration.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _round(text: str) -> str:
    # Adding zero makes of -0.0 a plain 0.
    return f"{round(float(text), 1) + 0.0:.10g}"


def _shorten(text: str) -> str:
    return NUMBER.sub(lambda found: _round(found[0]), text)


def _path(text: str) -> str:
    """Path data with one decimal; straight lines are written as steps, which are shorter than places."""
    written, before, here = "", "", (0.0, 0.0)
    for command, data in re.findall(r"([MLCQz])([^MLCQz]*)", text):
        places = [float(_round(found)) for found in NUMBER.findall(data)]
        if command == "L":
            steps = [places[0] - here[0], places[1] - here[1]]
            # A step that follows a step need not say so again.
            written += (" " if before == "L" else "l") + " ".join(map(_step, steps))
        else:
            written += command + " ".join(map(_step, places))
        before, here = command, (places[-2], places[-1]) if places else here
    return written.replace(" -", "-")


def _step(value: float) -> str:
    text = f"{round(value, 1) + 0.0:.10g}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
