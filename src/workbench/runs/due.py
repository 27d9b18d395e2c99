"""Which parameter sets are due: by their schedules, and by what the records say of earlier runs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from workbench.parameters.sets import read_schedule
from workbench.parameters.slots import last_slot
from workbench.refusal import Refused
from workbench.reports.records import RunRecord, State
from workbench.runs.studies import MODELS

# A run that was refused, skipped, stopped or killed has executed nothing to its end: the next call tries again.
SERVING: frozenset[State] = frozenset({"published", "unchanged", "awaiting_approval", "withheld", "failed"})


def due_slots(
    files: Iterable[Path], root: Path, now: datetime, records: Sequence[RunRecord]
) -> dict[Path, datetime]:
    """The files of the parameter sets that are due, each with the moment at which it became so.

    A set without a schedule never is. A file whose schedule cannot be read is due at once: that it is refused is told.

    Args:
        files: of parameter sets.
        root: the project's root.
        now: the moment from which schedules are looked at.
        records: of all runs.
    """
    slots = {}
    for file in files:
        try:
            study, name, schedule = read_schedule(file, root, MODELS)
        except Refused:
            slots[file] = now
            continue
        slot = last_slot(schedule, now) if schedule else None
        if slot and not is_served(slot, study, name, records, SERVING | {"running"}):
            slots[file] = slot
    return slots


def is_served(
    slot: datetime,
    study: str,
    name: str,
    records: Iterable[RunRecord],
    states: frozenset[State] = SERVING,
) -> bool:
    """Whether a run of the set that began at or after that moment, by hand or not, is in one of these states.

    Whoever holds the set need not ask for runs under way: one that says so is gone.
    """
    return any(
        record.started_at >= slot and record.state in states
        for record in records
        if (record.study, record.name) == (study, name)
    )
