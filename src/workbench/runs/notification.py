"""Who is told that a parameter set fails, and that it has recovered: once each, however often it is tried between.

What is to be told follows from the records of runs alone: a record says by which ways it was told, so that what could
not be delivered is tried again by the next run.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from workbench.reports.catalogue_page import CATALOGUE_FILE
from workbench.reports.records import RunRecord, State, Way, write_record
from workbench.reports.store import LATEST, REPORT_FILE, Store
from workbench.runs.delivery import Undelivered, deliver
from workbench.runs.events import NotTold
from workbench.settings import Notification

FAILURES: frozenset[State] = frozenset({"failed", "refused", "withheld", "lost"})
SUCCESSES: frozenset[State] = frozenset({"published", "unchanged", "awaiting_approval"})
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s|\n")


@dataclass(frozen=True)
class Due:
    """Something to be told of a parameter set: the record it is told of, and since when it holds."""

    kind: Literal["failure", "recovery"]
    record: RunRecord
    since: str


def notify(store: Store, settings: Notification, root: Path, tell: Callable[[NotTold], None]) -> None:
    """Tell of every set of the store that fails or has recovered, by each way that the settings name.

    Args:
        store: the report store.
        settings: the ways.
        root: the project's root, in which a command runs.
        tell: told what could not be delivered.
    """
    ways: list[Way] = [*(["command"] if settings.command else []), *(["webhook"] if settings.webhook else [])]  # type: ignore[list-item]
    if not ways:
        return
    with store.in_turn("notification"):
        for way in ways:
            for due in to_be_told(store.records(), way):
                try:
                    deliver(body(due, store), way, settings, root)
                except Undelivered as failed:
                    where = f"{due.record.study}/{due.record.name}"
                    tell(NotTold(where, due.kind, way, str(failed)))
                else:
                    told = {"notified": (*due.record.notified, way)}
                    write_record(store.records_folder, due.record.model_copy(update=told))


def to_be_told(records: Iterable[RunRecord], way: Way) -> Iterator[Due]:
    """What a way has not told yet: of each set whether it fails now, or has recovered from what was told."""
    telling = [record for record in records if record.state in FAILURES | SUCCESSES]

    def named(record: RunRecord) -> tuple[str, str]:
        return record.study, record.name

    for _, of_set in groupby(sorted(telling, key=named), named):
        # Sorting keeps the order of what is equal: the oldest first.
        due = _of_one(list(of_set), way)
        if due is not None:
            yield due


def _of_one(records: Sequence[RunRecord], way: Way) -> Due | None:
    """Stretches of failures and successes in turn: the last one is told, unless it was."""
    stretches = [list(group) for _, group in groupby(records, lambda record: record.state in FAILURES)]
    now, before = stretches[-1], stretches[-2] if len(stretches) > 1 else []
    if _is_told(now, way):
        return None
    if now[0].state in FAILURES:
        return Due("failure", now[-1], _since(now[0]))
    return Due("recovery", now[0], _since(now[0])) if _is_told(before, way) else None


def _is_told(records: Iterable[RunRecord], way: Way) -> bool:
    return any(way in record.notified for record in records)


def _since(record: RunRecord) -> str:
    return (record.ended_at or record.started_at).isoformat(timespec="seconds")


def body(due: Due, store: Store) -> dict[str, str]:
    """What is told, as plain values; it holds no data, as the reason of a record holds none."""
    record = due.record
    link = f"{record.study}/{record.name}/{LATEST}/{REPORT_FILE}"
    return {
        "kind": due.kind,
        "study": record.study,
        "name": record.name,
        "state": record.state,
        "reason": _SENTENCE_ENDS.split(record.reason, maxsplit=1)[0],
        "since": due.since,
        "link": link if (store.folder / link).is_file() else CATALOGUE_FILE,
    }
