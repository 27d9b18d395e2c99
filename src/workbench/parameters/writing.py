"""Writing parameters as lines of YAML that `reading` takes back as they were."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import yaml

from workbench.parameters.scalars import Trap, read_plain


class _PlainDumper(yaml.SafeDumper):
    """Writes what readers of YAML do not agree on so that they do: no exponents, and quotes where they matter."""


def _plain_number(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    text = format(Decimal(repr(value)), "f")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text if "." in text else f"{text}.0")


def _safe_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    tag = dumper.resolve(yaml.ScalarNode, value, (True, False))
    try:
        quoted = read_plain(value, tag) != value
    except Trap:
        quoted = True
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if quoted else None)


_PlainDumper.add_representer(float, _plain_number)
_PlainDumper.add_representer(str, _safe_text)


def yaml_lines(values: Mapping[str, Any]) -> str:
    """Keys and plain values as lines of a parameter set, in the order given, without a line break at the end."""
    text = yaml.dump(
        dict(values),
        Dumper=_PlainDumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=10_000,
    )
    return text.rstrip("\n")
