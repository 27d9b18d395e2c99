"""Which of a parameter set's runs is told: a failure leaves its mark until a run goes well."""

from collections.abc import Sequence

from workbench.reports.records import RunRecord, State

WENT_WRONG: frozenset[State] = frozenset({"failed", "withheld", "refused", "lost"})
WENT_WELL: frozenset[State] = frozenset({"published", "unchanged", "awaiting_approval"})


def last_run(records: Sequence[RunRecord]) -> RunRecord | None:
    """The run to be told of, of a parameter set's runs, oldest first.

    It is the newest, unless that one was stopped, skipped or is under way after one that went wrong: a failure leaves
    its mark until a run goes well.
    """
    deciding = next((r for r in reversed(records) if r.state in WENT_WRONG | WENT_WELL), None)
    if deciding is not None and deciding.state in WENT_WRONG:
        return deciding
    return records[-1] if records else None


def failed_in_a_row(records: Sequence[RunRecord]) -> list[RunRecord]:
    """The runs that went wrong since one last went well, oldest first."""
    failed: list[RunRecord] = []
    for record in reversed(records):
        if record.state in WENT_WELL:
            break
        if record.state in WENT_WRONG:
            failed.insert(0, record)
    return failed
