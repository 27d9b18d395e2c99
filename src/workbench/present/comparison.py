"""A sensitivity analysis: what one study says of the same data under several combinations of its settings.

It compares decisions and headline metrics, and counts nobody: two combinations may differ by few people, whom the
difference of their counts would give away. Numbers are kept to three significant digits for the same reason.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.present import numbers
from workbench.present.blocks import Block, FigureBlock, TableBlock
from workbench.present.difference_figures import IntervalRow, interval_figure
from workbench.present.disclosure import NOT_ATTRIBUTES
from workbench.present.fragments import DECISIONS
from workbench.present.result import Cell, Check, Column, Metric, StudyResult, Table, Verdict

SIGNIFICANT_DIGITS = 3
MOST_METRICS = 4
COUNTED_UNITS = frozenset({"people", "rows", "events", "messages", "appointments"})
FORKING = (
    "All combinations look at the same data, so that they do not confirm one another: this is a sensitivity analysis, "
    "and it recommends nothing."
)
BEFOREHAND = (
    "Picking a combination after seeing them all leads into a garden of forking paths. Settle the settings beforehand, "
    "in a parameter set of their own, and act on its report."
)

Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Outcome:
    """What one combination gave: its settings as shown, by name, and its result, examined as any other."""

    settings: Mapping[str, str]
    result: StudyResult


@dataclass(frozen=True)
class Comparison:
    """The result of the whole, and what a page shows of it."""

    result: StudyResult
    blocks: tuple[Block, ...]


def compare(outcomes: Sequence[Outcome]) -> Comparison:
    """Compare what combinations of one grid gave, in the grid's order; at least one."""
    keys = _headline_keys([outcome.result for outcome in outcomes])
    metrics = [[_metric(outcome.result, key) for key in keys] for outcome in outcomes]
    table = _table(outcomes, keys, metrics)
    first = outcomes[0].result
    result = StudyResult(
        study=first.study,
        as_of=first.as_of,
        data_until=first.data_until,
        verdict=Verdict(decision="describe", headline=_headline(outcomes), reasons=[FORKING, BEFOREHAND]),
        metrics=[
            metric.model_copy(update={"of": {**metric.of, "scenario": _told(outcome)}})
            for outcome, row in zip(outcomes, metrics, strict=True)
            for metric in row
            if metric is not None
        ],
        checks=[_check(outcomes)],
        tables=[table],
    )
    figures = [_figure(outcomes, key, [row[at] for row in metrics]) for at, key in enumerate(keys[:1])]
    return Comparison(result, (TableBlock(table=table), *figures))


def _headline_keys(results: Sequence[StudyResult]) -> list[Key]:
    """What is compared: contrasts with an interval, else whatever has one, else what there is; no group of people.

    Of these the first, for each arm or model that it is of: one measure, so that columns and marks can be compared.
    """
    of_all = {
        _key(metric): metric
        for result in reversed(results)
        for metric in reversed(result.metrics)
        if metric.value is not None and set(metric.of) <= NOT_ATTRIBUTES and metric.unit not in COUNTED_UNITS
    }
    in_order = list(reversed(of_all.items()))
    with_interval = [(key, metric) for key, metric in in_order if None not in (metric.low, metric.high)]
    contrasts = [(key, metric) for key, metric in with_interval if "versus" in metric.of]
    candidates = contrasts or with_interval or in_order
    return [key for key, metric in candidates if metric.name == candidates[0][1].name][:MOST_METRICS]


def _key(metric: Metric) -> Key:
    return metric.name, tuple(sorted(metric.of.items()))


def _metric(result: StudyResult, key: Key) -> Metric | None:
    found = next((metric for metric in result.metrics if _key(metric) == key), None)
    if found is None:
        return None
    ends = {end: _rounded(getattr(found, end)) for end in ("value", "low", "high")}
    return found.model_copy(update={**ends, "n": None})


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def _told(outcome: Outcome) -> str:
    return ", ".join(f"{name} {value}" for name, value in outcome.settings.items())


def _title(key: Key) -> str:
    name, of = key
    about = dict(of)
    versus = about.pop("versus", None)
    told = ", ".join(about.values()) + (f" versus {versus}" if versus else "")
    return f"{name.replace('_', ' ').capitalize()}{f': {told}' if told else ''}"


def _table(
    outcomes: Sequence[Outcome], keys: Sequence[Key], metrics: Sequence[Sequence[Metric | None]]
) -> Table:
    digits = [_digits([row[at] for row in metrics]) for at in range(len(keys))]
    settings = list(outcomes[0].settings)
    rows: list[list[Cell]] = [
        [
            str(number),
            *outcome.settings.values(),
            DECISIONS[outcome.result.verdict.decision].words,
            *(_shown(metric, places) for metric, places in zip(row, digits, strict=True)),
        ]
        for number, (outcome, row) in enumerate(zip(outcomes, metrics, strict=True), 1)
    ]
    return Table(
        id="combinations",
        caption="What each combination of settings gave",
        columns=[
            Column(name="combination", title="Combination", kind="label"),
            *(Column(name=name, title=name.replace("_", " "), kind="text") for name in settings),
            Column(name="decision", title="Decision", kind="text"),
            *(
                Column(name=f"metric_{at}", title=_title(key), kind="interval")
                for at, key in enumerate(keys, 1)
            ),
        ],
        rows=rows,
        groups="none",
        note="In brackets the interval, at the level that the study states. Empty: the combination gives none.",
    )


def _digits(metrics: Sequence[Metric | None], significant: int = SIGNIFICANT_DIGITS, scale: float = 1.0) -> int:
    """Decimals with which the largest of the numbers has its significant digits."""
    largest = scale * _largest(metrics)
    return max(0, significant - 1 - math.floor(math.log10(largest))) if largest else 0


def _largest(metrics: Sequence[Metric | None]) -> float:
    ends = [end for metric in metrics if metric for end in (metric.value, metric.low, metric.high)]
    return max((abs(end) for end in ends if end is not None), default=0.0)


def _scale(metrics: Sequence[Metric | None], unit: str) -> tuple[float, str]:
    """By what numbers are multiplied where room is short, and what the unit is called then."""
    if unit == "proportion":
        return 100.0, "percentage points"
    return (1000.0, f"{unit}, × 1,000") if _largest(metrics) < 0.1 else (1.0, unit)


def _shown(metric: Metric | None, digits: int) -> str | None:
    if metric is None or metric.value is None:
        return None
    value = numbers.number(metric.value, digits)
    if metric.low is None or metric.high is None:
        return value
    return f"{value} ({numbers.interval(metric.low, metric.high, digits)})"


def _figure(outcomes: Sequence[Outcome], key: Key, metrics: Sequence[Metric | None]) -> FigureBlock:
    scale, unit = _scale(metrics, next((metric.unit for metric in metrics if metric), ""))

    def scaled(value: float | None) -> float | None:
        return None if value is None else scale * value

    rows = [
        IntervalRow(
            label=f"Combination {number}",
            value=scaled(metric.value) if metric else None,
            low=scaled(metric.low) if metric else None,
            high=scaled(metric.high) if metric else None,
            note=_note(outcome),
        )
        for number, (outcome, metric) in enumerate(zip(outcomes, metrics, strict=True), 1)
    ]
    return interval_figure(
        id="sensitivity",
        title="How far the answer moves with the settings",
        caption="Each mark is one combination of the table, with its interval. All of them look at the same data.",
        source=["combinations"],
        rows=rows,
        axis=f"{_title(key)} ({unit})" if unit else _title(key),
        digits=_digits(metrics, significant=2, scale=scale),
        signed=False,
    )


def _note(outcome: Outcome) -> str:
    """The settings, as far as there is room beneath a label."""
    told = " · ".join(outcome.settings.values())
    return told if len(told) <= 26 else f"{told[:25]}…"


def _headline(outcomes: Sequence[Outcome]) -> str:
    decisions = Counter(DECISIONS[outcome.result.verdict.decision].words for outcome in outcomes)
    if len(decisions) == 1:
        return f"All {len(outcomes)} combinations of settings give the same decision: {next(iter(decisions))}."
    told = "; ".join(f"{words}: {count}" for words, count in decisions.most_common())
    return f"The decision depends on the settings. Of {len(outcomes)} combinations, {told}."


def _check(outcomes: Sequence[Outcome]) -> Check:
    failing = [
        str(number)
        for number, outcome in enumerate(outcomes, 1)
        if any(check.passed is False for check in outcome.result.checks)
    ]
    if failing:
        detail = f"A check of the study did not hold in combinations {', '.join(failing)}."
    else:
        detail = "No check of the study failed in any combination."
    return Check(name="The checks of each combination", passed=None, detail=detail)
