"""Whether two results of the same study say the same: identical, equal within a tolerance, or different, and where.

What differs is told by its place alone: a result that was not examined may not be quoted.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.present.result import Cell, Column, Metric, StudyResult, Table

# Two Monte Carlo standard errors of the difference between the same end of two 95 % intervals, as a share of their
# width, at the 400 effective draws that the check of a sampler demands: 2 √2 √(0.025 · 0.975 / 400) / φ(1.96) / 3.92.
SAMPLING = 0.1
# Where a number is nothing but rounding, a share of it says nothing.
NEAR_ZERO = 1e-9
NUMBER = re.compile(r"([−-]?\d[\d,]*(?:\.\d+)?)")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Tolerance:
    """How far apart numbers may be and count as equal.

    `relative` is of the number. What rests on sampling may differ by a tenth of its interval's width too: metrics of
    which a key of `of`, and tables of which the id, begins with a word of `sampled`.
    """

    relative: float = 1e-9
    sampled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Agreement:
    """How two results agree, and the places where they do not."""

    kind: Literal["identical", "equal", "different"]
    places: tuple[str, ...] = ()


def agreement(before: StudyResult, after: StudyResult, tolerance: Tolerance) -> Agreement:
    """How a result agrees with one that was published before.

    Words must be the same; a number within a text may differ by one unit of its last digit beside its tolerance, since
    it is rounded. Numbers in the details of checks describe the sampler and are not compared.
    """
    if before.as_json() == after.as_json():
        return Agreement("identical")
    places = (
        *_verdict(before, after, tolerance),
        *_checks(before, after),
        *_metrics(before, after, tolerance),
        *_tables(before, after, tolerance),
    )
    return Agreement("different", places) if places else Agreement("equal")


def _verdict(before: StudyResult, after: StudyResult, tolerance: Tolerance) -> Iterator[str]:
    if before.verdict.decision != after.verdict.decision:
        yield "the verdict's decision"
    if (before.as_of, before.data_until) != (after.as_of, after.data_until):
        yield "the day until which the data reach"
    texts = [
        [verdict.headline, *verdict.reasons, *(f"{fact.label}: {fact.text}" for fact in verdict.facts)]
        for verdict in (before.verdict, after.verdict)
    ]
    same = len(texts[0]) == len(texts[1]) and all(
        _texts_agree(old, new, tolerance.relative, 0.0) for old, new in zip(*texts, strict=True)
    )
    if not same:
        yield "the verdict's words"


def _checks(before: StudyResult, after: StudyResult) -> Iterator[str]:
    if [check.name for check in before.checks] != [check.name for check in after.checks]:
        yield "which checks there are"
        return
    for old, new in zip(before.checks, after.checks, strict=True):
        if old.passed != new.passed or _words(old.detail) != _words(new.detail):
            yield f'the check "{old.name}"'


def _metrics(before: StudyResult, after: StudyResult, tolerance: Tolerance) -> Iterator[str]:
    if [_kind_of(metric) for metric in before.metrics] != [_kind_of(metric) for metric in after.metrics]:
        yield "which metrics there are, or whom they count"
        return
    for old, new in zip(before.metrics, after.metrics, strict=True):
        absolute = 0.0
        if _is_sampled(old.of, tolerance) and old.low is not None and old.high is not None:
            absolute = SAMPLING * (old.high - old.low)
        numbers = zip((old.value, old.low, old.high), (new.value, new.low, new.high), strict=True)
        if not all(_numbers_agree(one, other, tolerance.relative, absolute) for one, other in numbers):
            of = ", ".join(f"{key} {value}" for key, value in old.of.items())
            yield f"the metric {old.name} ({of})" if of else f"the metric {old.name}"


def _kind_of(metric: Metric) -> tuple[object, ...]:
    return metric.name, metric.of, metric.unit, metric.n, metric.level, metric.interval, metric.direction


def _tables(before: StudyResult, after: StudyResult, tolerance: Tolerance) -> Iterator[str]:
    if [_shape_of(table) for table in before.tables] != [_shape_of(table) for table in after.tables]:
        yield "which tables there are, or their columns and numbers of rows"
        return
    for old, new in zip(before.tables, after.tables, strict=True):
        sampled = _is_sampled((old.id,), tolerance)
        for at, (row, other) in enumerate(zip(old.rows, new.rows, strict=True), 1):
            absolute = _tenth_of_interval(old.columns, row) if sampled else 0.0
            for column, cell, found in zip(old.columns, row, other, strict=True):
                if not _cells_agree(column, cell, found, tolerance.relative, absolute):
                    yield f"the table {old.id}, row {at}, column {column.name}"


def _shape_of(table: Table) -> tuple[object, ...]:
    return table.id, _words(table.caption), table.columns, table.groups, len(table.rows)


def _tenth_of_interval(columns: Sequence[Column], row: Sequence[Cell]) -> float:
    """What sampling may move in a row: a tenth of the interval it shows, if any."""
    for column, cell in zip(columns, row, strict=True):
        if column.kind == "interval" and isinstance(cell, str):
            ends = [_as_number(text) for text in NUMBER.findall(cell)]
            if len(ends) == 2:
                return SAMPLING * abs(ends[1] - ends[0])
    return 0.0


def _cells_agree(column: Column, before: Cell, after: Cell, relative: float, absolute: float) -> bool:
    if column.kind == "interval" and isinstance(before, str) and isinstance(after, str):
        return _texts_agree(before, after, relative, absolute)
    if column.kind == "text" and isinstance(before, str) and isinstance(after, str):
        return _texts_agree(before, after, relative, 0.0)
    if isinstance(before, float) and isinstance(after, float):
        return _numbers_agree(before, after, relative, absolute if column.kind == "estimate" else 0.0)
    return before == after


def _is_sampled(words: Sequence[str] | dict[str, str], tolerance: Tolerance) -> bool:
    return bool(tolerance.sampled) and any(word.startswith(tolerance.sampled) for word in words)


def _numbers_agree(before: float | None, after: float | None, relative: float, absolute: float) -> bool:
    if before is None or after is None:
        return before is after
    return math.isclose(before, after, rel_tol=relative, abs_tol=max(absolute, NEAR_ZERO))


def _texts_agree(before: str, after: str, relative: float, absolute: float) -> bool:
    if before == after:
        return True
    if _words(before) != _words(after) or DATE.findall(before) != DATE.findall(after):
        return False
    pairs = zip(NUMBER.findall(before), NUMBER.findall(after), strict=True)
    return all(
        _decimals(old) == _decimals(new)
        and _numbers_agree(_as_number(old), _as_number(new), relative, absolute + 1.001 * 10 ** -_decimals(old))
        for old, new in pairs
        if old != new
    )


def _words(text: str) -> list[str]:
    """A text without its numbers."""
    return NUMBER.split(text)[::2]


def _as_number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])
