"""A difference in tables: every number, step, check, parameter and package that is not as it was."""

import json
from collections.abc import Iterator, Sequence

from workbench.present import numbers
from workbench.present.result import Cell, Column, Table
from workbench.reports.differences.amounts import amounts, direction, metric_name
from workbench.reports.differences.comparison import Difference, MetricChange, Pair

MOST_ROWS = 12
"""Rows of numbers in a report, which is to stay short; a comparison asked for shows all."""
HIDDEN = "not shown"
MOVEMENTS = {"moved": "beyond chance", "within_noise": "within chance", "changed": "chance not told"}
ON_SAME_DATA = {"moved": "beyond a sampler's noise", "within_noise": "within it", "changed": "noise not told"}
NOISE = (
    "Beyond chance: by more than chance would move it in 95 of 100 pairs of versions (where intervals have 95 %), even "
    "if they shared no data; they mostly share much, so that chance moves it less."
)
NOISE_ON_SAME_DATA = (
    "Both versions looked at the same data, so that nothing moved by chance in who was studied; a sampler's noise is "
    "up to a tenth of an interval's half-width."
)
FEW = "Not shown: few people lie between both versions."


def difference_tables(difference: Difference, *, whole: bool) -> tuple[Table, ...]:
    """The tables that have rows. Without `whole`, numbers within noise are left out, and all beyond the first few."""
    checks = [[name, pair.after, pair.before] for name, pair in difference.checks.items()]
    parameters = [
        [key, parameter_text(pair.after), parameter_text(pair.before)]
        for key, pair in difference.parameters.items()
    ]
    tables = (
        _metrics(difference, whole=whole),
        _steps(difference),
        _table("checks", "Checks that changed", "Check", checks),
        _table("parameters", "Parameters that changed", "Key", parameters),
        _table("code", "Code, packages and data that changed", "What", list(_code(difference))),
    )
    return tuple(table for table in tables if table.rows)


def parameter_text(value: object) -> str:
    """A parameter's value as its file might hold it, on one line; null as "none"."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(parameter_text, value)) or "none"
    return json.dumps(value, ensure_ascii=False)


def _metrics(difference: Difference, *, whole: bool) -> Table:
    metrics, same_data = difference.metrics, difference.data.are_same
    changes = list(metrics.changes) if whole else metrics.moving("moved", "changed")
    shown = changes if whole else changes[:MOST_ROWS]
    words = ON_SAME_DATA if same_data else MOVEMENTS
    rows = [
        [*_row(change), f"{direction(change.before, change.after)}; {words[change.movement]}"]
        for change in shown
    ]
    apart = {"new": metrics.appeared, "gone": metrics.vanished, "shown in one version alone": metrics.unshown}
    apart["not the same group"] = metrics.renamed
    if whole:
        rows += [[metric_name(metric), "", "", why] for why, found in apart.items() for metric in found]
    notes = [NOISE_ON_SAME_DATA if same_data else NOISE] if metrics.judged else []
    if any(change.few for change in shown):
        notes.append(FEW)
    if len(changes) > len(shown):
        notes.append(f"The first {MOST_ROWS} of {len(changes)} are shown.")
    caption = (
        "Numbers that are not as they were" if whole else "Numbers that moved, or of which noise is not told"
    )
    return _table("numbers", caption, "Number", rows, "Change", note=" ".join(notes))


def _row(change: MetricChange) -> list[str]:
    before, after = (HIDDEN, HIDDEN) if change.few else amounts(change.before, change.after)
    return [metric_name(change.after), after, before]


def _steps(difference: Difference) -> Table:
    cohort = difference.cohort
    rows: list[list[Cell]] = []
    if cohort is not None and any(step.more for step in cohort.steps):
        rows = [
            [step.label, numbers.count(step.people), numbers.number(step.more, signed=True)]
            for step in (*cohort.steps, cohort.studied)
            if step.more is not None
        ]
    counted = cohort.counted.capitalize() if cohort is not None else ""
    return Table(
        id="steps",
        caption="The cohort, step by step",
        columns=[
            Column(name="step", title="Step", kind="label"),
            Column(name="now", title=f"{counted} now", kind="interval"),
            Column(name="more", title="Since then", kind="interval"),
        ],
        rows=rows,
        groups="none",
        note="Steps are left out whose change would tell of few people.",
    )


def _code(difference: Difference) -> Iterator[list[str]]:
    code = difference.code
    if code.commit is not None:
        yield ["commit", *(_short(commit) for commit in (code.commit.after, code.commit.before))]
    for name, pair in code.packages.items():
        yield [name, *_versions(pair)]
    if difference.data.until is not None:
        until = difference.data.until
        yield ["data until", *(_moment(each) for each in (until.after, until.before))]


def _moment(value: str | None) -> str:
    return "unknown" if value is None else numbers.moment(value)


def _short(commit: str | None) -> str:
    return "none" if commit is None else commit[:9]


def _versions(pair: Pair[str | None]) -> tuple[str, str]:
    return pair.after or "none", pair.before or "none"


def _table(
    id: str, caption: str, first: str, rows: Sequence[Sequence[Cell]], *more: str, note: str = ""
) -> Table:
    titles = ("Now", "Before", *more)
    return Table(
        id=id,
        caption=caption,
        columns=[
            Column(name="what", title=first, kind="label"),
            *(Column(name=title.lower(), title=title, kind="text") for title in titles),
        ],
        rows=[list(row) for row in rows],
        groups="none",
        note=note,
    )
