"""Which words name a time zone: a table's zones held against the names that engines know."""

import ibis.expr.types as ir

from workbench.parameters.schedule import zone_names

_NAMES = sorted(zone_names())


def is_zone(names: ir.StringColumn) -> ir.BooleanColumn:
    """Whether each name is that of an IANA time zone; empty where the name is."""
    return names.isin(_NAMES)
