"""What is told of a source's tables though it stops no study, one line each, with few never counted."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from workbench.present.disclosure import CMS, told_count, told_whole
from workbench.tables.known import KnownTables
from workbench.tables.quality.asking import CHECKS, ask
from workbench.tables.quality.days import (
    LARGEST_DRIFT,
    MOST_MISSING,
    USUAL_ROWS,
    count_days,
    day_after_newest,
    gap_answers,
    missing_answers,
)
from workbench.tables.quality.rule import Answer


def source_findings(known: KnownTables, taken_at: datetime) -> tuple[str, ...]:
    """Every finding in the tables, in the order of gravity.

    Args:
        known: the tables, whole.
        taken_at: the moment after which nothing in them can have happened.
    """
    return tuple(_line(answer) for answer in _answers(known, taken_at) if answer.status == "finding")


def _answers(known: KnownTables, taken_at: datetime) -> Iterator[Answer]:
    yield from ask(known, taken_at, [check for check in CHECKS if check.severity == "finding"])
    counted = count_days(known, day_after_newest(known, taken_at.date() + timedelta(days=1)))
    yield from missing_answers(counted, MOST_MISSING, LARGEST_DRIFT)
    yield from gap_answers(counted, USUAL_ROWS)


def _line(answer: Answer) -> str:
    rule, counts = answer.rule, answer.counts
    if counts is None:
        raise ValueError("an answer that was not given has no line")
    if rule.unit == "days":
        told = f"{counts.concerned:,} of {counts.looked_at:,} days"
    else:
        few = told_count(counts.concerned, counts.looked_at, counts.people, CMS)
        told = f"{few} of {told_whole(counts.looked_at, CMS)} rows"
    return f"finding: table {rule.table}: {told} {rule.breach}. {rule.mend}"
