"""What a check of the tables is: a rule in words, the columns it reads, the rows it counts, and its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import ibis
import ibis.expr.types as ir

from workbench.tables.known import KnownTables

# A fault stops the studies that read the table; a finding is told.
Severity = Literal["fault", "finding"]
Status = Literal["passed", "fault", "finding", "not_asked"]
# In the order of gravity in which reports tell of them.
Theme = Literal[
    "schema",
    "consent",
    "after_care",
    "hours",
    "references",
    "time_order",
    "values",
    "repeats",
    "missing",
    "gaps",
]
Actor = Literal["compliance", "outreach", "clinics", "data_team"]

Rows = Callable[[KnownTables], ir.Table]
"""Lazily, rows that checks look at, with their `person` where they are of people.

Checks that name the same function are asked in one query.
"""

Told = Callable[[ir.Table, KnownTables, datetime], ir.Value]
"""What the rows tell of a check, from them, the tables, and the moment after which nothing can have happened.

Of each row whether it counts, or, where it stands for several alike, how many of them do; empty is none.
"""


def every(rows: ir.Table, *_: object) -> ir.Value:
    """Each of the rows."""
    return ibis.literal(True)


@dataclass(frozen=True)
class Rule:
    """A rule of the tables' quality.

    `breach` names what the rows concerned are, `mend` says what is to be done about them, `actor` by whom. Rows are
    counted, but for rules about days.
    """

    name: str
    theme: Theme
    severity: Severity
    table: str
    breach: str
    mend: str
    actor: Actor
    unit: Literal["rows", "days"] = "rows"


@dataclass(frozen=True)
class RowCheck(Rule):
    """A rule that is answered by counting rows.

    `needs` names the tables and columns it reads, `recorded` what the source must. Of its `rows` it looks at some, and
    finds some of these `concerned`.
    """

    needs: Mapping[str, tuple[str, ...]] = field(kw_only=True)
    rows: Rows = field(kw_only=True)
    concerned: Told = field(kw_only=True)
    looked_at: Told = every
    recorded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counts:
    """Rows (or days) looked at, those of them concerned, and the people these are of; None where not of people."""

    looked_at: int
    concerned: int
    people: int | None = None


@dataclass(frozen=True)
class Answer:
    """What was found by a rule; `counts` is None where it could not be asked, for the reason `why_not`."""

    rule: Rule
    counts: Counts | None
    why_not: str = ""

    @property
    def status(self) -> Status:
        """Whether the rule held."""
        if self.counts is None:
            return "not_asked"
        return self.rule.severity if self.counts.concerned else "passed"
