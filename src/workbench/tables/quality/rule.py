"""What a check of the tables is: a rule in words, the columns it reads, one query that counts, and its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

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

Rows = Callable[[KnownTables, datetime], ir.Table]
"""Lazily, the rows a check looks at, from the tables and the moment after which nothing can have happened.

The table has a boolean column `concerned` and, where rows are of people, their `person`.
"""


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
    """A rule that one query answers. `needs` names the tables and columns it reads, `recorded` what the source must."""

    needs: Mapping[str, tuple[str, ...]] = field(kw_only=True)
    rows: Rows = field(kw_only=True)
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
