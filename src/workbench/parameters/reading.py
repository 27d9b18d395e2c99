"""Reading a YAML file strictly: one mapping of plain values, and the line on which each key stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import yaml

from workbench.parameters.scalars import Scalar, Trap, read_plain
from workbench.refusal import Fault, Refused

KeyPath = tuple[str | int, ...]
"""The way to a value: keys, and positions in lists counted from 0."""

AnyNode = yaml.ScalarNode | yaml.SequenceNode | yaml.MappingNode

LARGEST_FILE = 256 * 1024
DEEPEST_NESTING = 12

# What PyYAML refuses, what it takes for a line break while editors do not, and what turns the order of letters.
_UNSEEN = re.compile(f"{yaml.reader.Reader.NON_PRINTABLE.pattern}|[\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_INSTEAD_OF_MERGING = "Write the keys themselves here."
_TEXT_TAG = "tag:yaml.org,2002:str"
_PLAINER_WORDS = {
    "mapping values are not allowed": "a colon stands where no key can begin",
    "could not find expected ':'": "a key is not followed by a colon",
    "found character '\\t'": "a tab stands where only spaces may indent",
    "found character '%'": "a text that begins with % needs quotes",
    "found character '@'": "a text that begins with @ needs quotes",
    "found character '`'": "a text that begins with ` needs quotes",
    "found unexpected end of stream": "a quote is opened and never closed",
    "expected <block end>": "this line is not indented like those above it, or a bracket or quote ends too early",
    "expected ',' or ']'": "a list in brackets is not closed",
    "expected ',' or '}'": "a group in braces is not closed",
    "found unknown escape character": "a backslash inside double quotes begins no known escape",
    "expected a single document": "a second document begins here, and a file holds one",
}


@dataclass(frozen=True)
class Document:
    """What a YAML file says: its values, and the line (from 1) of each key and list entry."""

    label: str
    values: dict[str, Any]
    lines: Mapping[KeyPath, int]

    def where(self, path: KeyPath) -> str:
        """Words for a place in the file, such as "params/ab_test/tone.yaml line 7, key window_days"."""
        return place(self.label, self.lines, path)


def place(label: str, lines: Mapping[KeyPath, int], path: KeyPath) -> str:
    """Words for a place in a file; a key that is missing is told with the line of the group it belongs to."""
    line = next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), None)
    words = label if line is None else f"{label} line {line}"
    return f"{words}, key {spoken(path)}" if path else words


def spoken(path: KeyPath) -> str:
    """A way to a value in words: `schedule.cron`, `audience entry 2`."""
    words = ""
    for step in path:
        words += f" entry {step + 1}" if isinstance(step, int) else f".{step}" if words else step
    return words


def read_yaml(path: Path, label: str | None = None) -> Document:
    """Read one YAML file, where everything that is accepted is what `yaml.safe_load` reads too.

    Args:
        path: The file.
        label: What messages call it; its path unless given.

    Raises:
        Refused: with all faults found, where the file cannot be read, is no YAML, or uses what readers of YAML
            take for different things.
    """
    label = str(path) if label is None else label
    notes = _Notes(label)
    root = _composed(_text(path, notes), notes)
    if not isinstance(root, yaml.MappingNode):
        what = "the file is empty." if root is None else "the file holds no keys with values."
        notes.add(0, (), what, "Write one key and its value per line.")
        raise notes.refusal()
    builder = _Builder(notes)
    values = builder.mapping(root, ())
    if notes:
        raise notes.refusal()
    return Document(label, values, builder.lines)


class _Notes:
    """The faults found in one file so far."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._found: list[tuple[int, Fault]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, line: int, path: KeyPath, what: str, mend: str) -> None:
        """Note a fault on a line (0: of the whole file) at a key (none: outside any key)."""
        where = f"{self.label} line {line}" if line else self.label
        self._found.append((line, Fault(f"{where}, key {_shown(spoken(path))}" if path else where, what, mend)))

    def refusal(self) -> Refused:
        """All of them, in the order of their lines."""
        return Refused(*(fault for _, fault in sorted(self._found, key=itemgetter(0))))


def _text(path: Path, notes: _Notes) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = (
            error.strerror.lower() if isinstance(error, OSError) and error.strerror else "its name is no path"
        )
        notes.add(0, (), f"the file cannot be read ({reason}).", "Name a file that can.")
        raise notes.refusal() from None
    if len(content) > LARGEST_FILE:
        what = f"the file is larger than {LARGEST_FILE // 1024} KiB."
        notes.add(0, (), what, "Parameters are a page of settings, so keep data elsewhere.")
        raise notes.refusal()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        notes.add(line, (), "this is not UTF-8 text.", "Save the file as UTF-8.")
        raise notes.refusal() from None
    for line, line_text in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        unseen = _UNSEEN.search(line_text)
        if unseen:
            notes.add(line, (), f"the character {_named(unseen[0])} cannot be seen.", "Remove it.")
    if notes:
        raise notes.refusal()
    return text


def _composed(text: str, notes: _Notes) -> yaml.Node | None:
    composer = _Composer(text, notes)
    try:
        root: yaml.Node | None = composer.get_single_node()
    except yaml.YAMLError as error:
        _note_syntax(error, notes)
        raise notes.refusal() from None
    except (ValueError, OverflowError):
        # An escape such as "\\U00110000" names no character, and PyYAML lets Python's own error through.
        line = composer.get_mark().line + 1
        notes.add(line, (), "an escape in this text names no character.", "Write the character itself.")
        raise notes.refusal() from None
    return root


def _note_syntax(error: yaml.YAMLError, notes: _Notes) -> None:
    mend = "Indent with spaces, and put quotes around text that holds a colon or begins with a sign."
    if not isinstance(error, yaml.MarkedYAMLError):
        notes.add(0, (), "this is no valid YAML.", mend)
        return
    problem = f"{error.context or ''} {error.problem}"
    plain = (words for known, words in _PLAINER_WORDS.items() if known in problem)
    reason = next(plain, " ".join(str(error.problem).split()))
    # What is opened and never closed is noticed at the end of the file, but mended where it was opened.
    marks = (
        (error.context_mark, error.problem_mark)
        if "closed" in reason
        else (error.problem_mark, error.context_mark)
    )
    mark = next((mark for mark in marks if mark is not None), None)
    at = f" at column {mark.column + 1}" if mark else ""
    notes.add(mark.line + 1 if mark else 0, (), f"this is no valid YAML{at}: {reason}.", mend)


def _named(character: str) -> str:
    return f"U+{ord(character):04X}"


def _shown(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


class _Composer(yaml.SafeLoader):
    """PyYAML's composer without anchors, aliases, tags and deep nesting, which it notes as faults."""

    def __init__(self, text: str, notes: _Notes) -> None:
        super().__init__(text)
        self._notes = notes
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()
        line = event.start_mark.line + 1
        if self.check_event(yaml.AliasEvent):
            self._refuse(line, f"the alias *{event.anchor} stands for a value written elsewhere.")
            self.get_event()
            return yaml.ScalarNode(_TEXT_TAG, "", event.start_mark, event.end_mark, style="'")
        if event.anchor is not None:
            self._refuse(line, f"the anchor &{event.anchor} names a value for use elsewhere.")
            event.anchor = None
        if event.tag is not None:
            self._refuse(line, f"the tag {event.tag} changes how a value is read.")
            event.tag = None
            if isinstance(event, yaml.ScalarEvent):
                event.implicit = (False, True)
        if self._depth >= DEEPEST_NESTING:
            self._notes.add(line, (), "values are nested too deep.", f"Stay within {DEEPEST_NESTING} levels.")
            raise self._notes.refusal()
        self._depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _refuse(self, line: int, what: str) -> None:
        self._notes.add(line, (), what, "Write the value itself here.")


class _Builder:
    """Turns PyYAML's nodes into values, noting lines and faults on the way."""

    def __init__(self, notes: _Notes) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._notes = notes

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        """The values of a group; of a key that stands twice the first value is kept."""
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            here = (*path, key)
            if key in values:
                what = f"this key stands twice, first on line {self.lines[here]}."
                self._notes.add(_line(key_node), here, what, "Keep one of them.")
                continue
            self.lines[here] = _line(key_node)
            values[key] = self._value(value_node, here)
        return values

    def _key(self, node: AnyNode, path: KeyPath) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            what = "a list or group stands where a key belongs."
            self._notes.add(_line(node), path, what, "Write a name as the key.")
            return None
        here = (*path, node.value)
        try:
            key = self._scalar(node, here)
        except Trap as trap:
            mend = f'Write the key "{_shown(node.value)}" in quotes, or another name.'
            self._note_trap(node, here, trap, _INSTEAD_OF_MERGING if node.value == "<<" else mend)
            return None
        if isinstance(key, str):
            return key
        what = (
            f"the key {_shown(node.value)} is not text." if node.value else "a key is missing before the colon."
        )
        self._notes.add(_line(node), path, what, "Write a name before the colon, in quotes if need be.")
        return None

    def _value(self, node: AnyNode, path: KeyPath) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._entries(node, path)
        try:
            return self._scalar(node, path)
        except Trap as trap:
            self._note_trap(node, path, trap)
            return None

    def _entries(self, node: yaml.SequenceNode, path: KeyPath) -> list[Any]:
        entries = []
        for position, entry in enumerate(node.value):
            here = (*path, position)
            self.lines[here] = _line(entry)
            entries.append(self._value(entry, here))
        return entries

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Scalar:
        text: str = node.value
        if node.style is None:
            return read_plain(text, node.tag)
        unseen = _UNSEEN.search(text)
        if unseen:
            self._notes.add(
                _line(node), path, f"the character {_named(unseen[0])} cannot be seen.", "Remove it."
            )
        return text

    def _note_trap(self, node: yaml.Node, path: KeyPath, trap: Trap, mend: str = "") -> None:
        what = f"{_shown(node.value)} without quotes {trap.why}."
        self._notes.add(_line(node), path, what, mend or trap.write)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
