"""Generated parameter files: each is accepted or refused by sentences, none ends in a traceback."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from robustness.small_project import SmallProject
from workbench.parameters.sets import read_parameter_set
from workbench.refusal import Refused
from workbench.runs.studies import MODELS

SCRAPS = (
    *(
        "no",
        "010",
        "12:30",
        "1e3",
        "~",
        "null",
        "[",
        "{",
        "}",
        "- a",
        "&a",
        "*a",
        "<<: *a",
        "!!python/object:os.system",
    ),
    *(
        "!!binary aGVsbG8=",
        "|",
        ">",
        "%",
        "@",
        "`",
        '"',
        "'",
        "\t",
        "\x00",
        "\x85",
        "\u2028",
        "\u202e",
        "é",
        "🙂",
        "#",
    ),
    *(
        "---",
        "...",
        "? a",
        ": b",
        ".nan",
        "-.inf",
        "0x1F",
        "0o17",
        "1_000",
        "2026-02-30",
        "../../etc/passwd",
        "a" * 5_000,
    ),
    *(
        "-1",
        "0",
        "99999999999999999999",
        "1e400",
        "true",
        "[[[[[[[[[[[[[[[[",
        "{a: {a: {a: {a: {a: {a: {a: {a:",
        "<script>",
    ),
)


@dataclass(frozen=True)
class Files:
    """How many files were accepted and refused, and by how many sentences."""

    kinds: tuple[str, ...]
    files: int
    accepted: int
    refused: int
    faults: int
    tracebacks: int
    longest: int


def refused_files(project: SmallProject, files: int, chance: random.Random) -> Files:
    """Read that many files, each a valid one changed once to three times."""
    path = project.root / "params" / "ab_test" / "generated.yaml"
    valid = (project.root / "params" / "ab_test" / "wording.yaml").read_text(encoding="utf-8")
    accepted = refused = faults = tracebacks = longest = 0
    for _ in range(files):
        content = valid.encode()
        for _ in range(chance.randint(1, 3)):
            content = chance.choice(list(CHANGES.values()))(content, chance)
        path.write_bytes(content)
        try:
            _read(path, project.root)
            accepted += 1
        except Refused as error:
            refused += 1
            faults += len(error.faults)
            longest = max(longest, *(len(str(fault)) for fault in error.faults))
        except Exception as error:  # noqa: BLE001 - what is counted here is any other end
            print(type(error).__name__, content[:300])
            tracebacks += 1
    path.unlink()
    return Files(tuple(CHANGES), files, accepted, refused, faults, tracebacks, longest)


def _read(path: Path, root: Path) -> None:
    read_parameter_set(path, root, MODELS, date(2026, 11, 23))


def _line_lost(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(line for at, line in enumerate(lines) if at != chance.randrange(len(lines) or 1))


def _line_doubled(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join([*lines, *chance.choices(lines, k=1)]) if lines else content


def _value_replaced(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at = chance.randrange(len(lines))
    key = lines[at].partition(b":")[0]
    lines[at] = key + b": " + chance.choice(SCRAPS).encode() + b"\n"
    return b"".join(lines)


def _scrap_inserted(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.choice(SCRAPS).encode() + content[at:]


def _bytes_changed(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut_off(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _key_misspelled(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at = chance.randrange(len(lines))
    return b"".join([*lines[:at], lines[at][1:], *lines[at + 1 :]])


def _bomb(content: bytes, chance: random.Random) -> bytes:
    levels = "".join(
        f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, chance.randint(3, 12))
    )
    return content + b'b0: &b0 ["x"]\n' + levels.encode()


CHANGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "lines lost": _line_lost,
    "lines doubled": _line_doubled,
    "values replaced": _value_replaced,
    "scraps of YAML inserted": _scrap_inserted,
    "bytes changed": _bytes_changed,
    "its end cut off": _cut_off,
    "keys misspelled": _key_misspelled,
    "references that multiply": _bomb,
}
