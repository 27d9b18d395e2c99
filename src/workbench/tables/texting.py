"""Who may be texted: what a list of people that leads to a message must leave out, and must know to do so."""

from collections.abc import Callable

import ibis.expr.types as ir

from workbench.refusal import Fault
from workbench.tables.cohort import Minors
from workbench.tables.latest import CHANNEL, consent_history
from workbench.tables.source import NotRecorded

NEEDED = {
    "patients": ("ended_at", "deceased_at", "do_not_text"),
    "consents": ("channel", "purpose", "scope", "status", "source", "changed_at"),
}
# Who blocks a platform's number gets nothing through it, whatever else was agreed, until it is lifted there.
BLOCK, WORD = "platform_block", "keyword"


def texting_faults(missing: NotRecorded, minors: Minors, has: Callable[[str, str], bool]) -> tuple[Fault, ...]:
    """Why no list of people to text can be made: what the source does not tell.

    Args:
        missing: what the source does not record.
        minors: whether minors are on the list; "include" needs no birth year.
        has: whether the source has a table with a column.
    """
    unrecorded = ["consent"] * (missing.consent is not None)
    unrecorded += ["age"] * (missing.age is not None and minors != "include")
    needed = NEEDED | ({} if minors == "include" else {"patients": (*NEEDED["patients"], "birth_year")})
    where, mend = "people who may be texted", "Take a source that tells it; nobody is texted on doubt."
    faults = [Fault(where, f"the source does not record {name}.", mend) for name in unrecorded]
    faults += [
        Fault(where, f'table {table} has no column "{column}".', mend)
        for table, columns in needed.items()
        for column in columns
        if not has(table, column)
    ]
    return tuple(faults)


def reachable(patients: ir.Table) -> ir.Table:
    """Those who have neither died nor left, and of whom nobody said that they must not be texted."""
    gone = patients["ended_at"].notnull() | patients["deceased_at"].notnull()
    return patients.filter(~gone & ~patients["do_not_text"].fill_null(False)).select("patient_id")


def platform_history(consents: ir.Table) -> ir.Table:
    """Blocks by the platform and what lifts them there, in the form of `with_latest`, whatever their purpose."""
    lifted = (consents["source"] == WORD) & (consents["status"] == "opt_in")
    told = (consents["channel"] == CHANNEL) & ((consents["source"] == BLOCK) | lifted)
    return consent_history(consents.filter(told.fill_null(False)))
