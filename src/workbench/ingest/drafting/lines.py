"""A source file written with remarks on what its reader must check."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.parameters.writing import yaml_lines

FILL = "FILL_IN"
"""What stands where nobody but the reader knows the value; it is refused until it is filled in."""


@dataclass(frozen=True)
class Check:
    """A value, and what its reader must check of it."""

    value: Any
    why: str


def draft_lines(tree: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """The lines of a group of keys; values are plain, groups, lists of groups, or any of these to be checked."""
    for key, given in tree.items():
        value, remark = (given.value, f"  # check: {given.why}") if isinstance(given, Check) else (given, "")
        if isinstance(value, Mapping) and value:
            yield f"{indent}{_key(key)}:{remark}"
            yield from draft_lines(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"{indent}{_key(key)}:{remark}"
            for entry in value:
                first, *others = draft_lines(entry, indent + "    ")
                yield f"{indent}  - {first.lstrip()}"
                yield from others
        elif isinstance(value, list) and value:
            yield f"{indent}{_key(key)}:{remark}"
            yield from (f"{indent}  {line}" for line in yaml_lines({"x": value}).splitlines()[1:])
        else:
            yield f"{indent}{yaml_lines({key: value})}{remark}"


def _key(key: str) -> str:
    return yaml_lines({key: 0}).removesuffix(": 0")
