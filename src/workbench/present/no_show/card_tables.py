"""The tables of the model card: numbers of the result's metrics and of tables that are shown, and none of its own."""

from collections.abc import Sequence

from workbench.no_show.analysis import Analysis
from workbench.present import numbers
from workbench.present.no_show.words import MODEL_WORDS
from workbench.present.result import Cell, Column, Metric, Table

INTERVAL = "95 % interval"
# What is told of performance, calibration first: metric, words, decimals, scale.
TOLD = (
    ("calibration_intercept", "Calibration in the large (0 is best)", 2, 1),
    ("calibration_slope", "Calibration slope (1 is best)", 2, 1),
    ("eavg", "Eavg: risks off on average, points", 2, 100),
    ("net_benefit_gain", "Net benefit beyond all or nobody, per 1,000", 0, 1000),
    ("auroc", "AUROC", 3, 1),
    ("average_precision", "Average precision", 2, 1),
    ("scaled_brier", "Scaled Brier score, %", 1, 100),
    ("log_loss", "Log loss", 3, 1),
    ("caught_share", "No-shows on the lists at capacity, %", 0, 100),
)


def card_tables(analysis: Analysis, metrics: Sequence[Metric], tables: Sequence[Table]) -> list[Table]:
    """The card's tables.

    Args:
        analysis: from `analyze`.
        metrics: of the result, with those of small cells hidden.
        tables: of the result, with small cells hidden.
    """
    by_id = {table.id: table for table in tables}
    return [
        performance_table(analysis, metrics),
        groups_table(by_id["subgroups"], by_id["access"]),
    ]


def performance_table(analysis: Analysis, metrics: Sequence[Metric]) -> Table:
    """The chosen model on the test, calibration first; a metric that the result lacks has no row."""
    rows: list[list[Cell]] = []
    for name, words, digits, scale in TOLD:
        metric = card_metric(name, analysis, metrics)
        if metric is not None and metric.value is not None:
            value = numbers.number(scale * metric.value, digits)
            rows.append([words, value, _interval(metric, digits, scale)])
    return Table(
        id="card_performance",
        caption=f"{MODEL_WORDS[analysis.chosen].capitalize()} on later weeks",
        columns=[
            Column(name="measure", title="Measure", kind="label"),
            Column(name="value", title="Value", kind="interval"),
            Column(name="interval", title=INTERVAL, kind="interval"),
        ],
        rows=rows,
        groups="none",
        note="Intervals are clustered by patient and conditional on the fitted model. Eavg has none that covers, and "
        "what lists would have held none that is computed.",
    )


def card_metric(name: str, analysis: Analysis, metrics: Sequence[Metric]) -> Metric | None:
    """The chosen model's metric of that name on the test, for all patients; None where there is none."""
    asked = analysis.settings
    of = {"model": analysis.chosen}
    more = {
        "net_benefit_gain": {"threshold": f"{asked.threshold:g}"},
        "caught_share": {"rule": f"{asked.calls_per_day} calls per day"},
    }
    wanted = of | more.get(name, {})
    return next((metric for metric in metrics if metric.name == name and metric.of == wanted), None)


def groups_table(subgroups: Table, access: Table) -> Table:
    """Calibration and share reached by group, of those groups that the report's own tables show."""
    reached = {(row["by"], row["group"]): row["interval"] for row in _shown(access)}
    rows: list[list[Cell]] = [
        [row["by"], row["group"], row["excess"], row["slope"], reached.get((row["by"], row["group"]))]
        for row in _shown(subgroups)
    ]
    return Table(
        id="card_groups",
        caption="By group, as 95 % intervals: how far risks are off, and how many of the no-shows lists reach",
        columns=[
            Column(name="by", title="By", kind="label"),
            Column(name="group", title="Group", kind="label"),
            Column(name="excess", title="Off by, points", kind="interval"),
            Column(name="slope", title="Slope", kind="interval"),
            Column(name="reached", title="No-shows reached", kind="interval"),
        ],
        rows=rows,
        groups="none",
        note="Groups that the report hides, for their few people, are left out. Off by: missed less predicted; above 0 "
        "the risk is understated. One list for all, and no threshold of a group's own.",
    )


def _shown(table: Table) -> list[dict[str, Cell]]:
    """The rows of a table whose counts are shown, by column."""
    names = [column.name for column in table.columns]
    counts = [place for place, column in enumerate(table.columns) if column.kind == "people"]
    return [
        dict(zip(names, row, strict=True))
        for row in table.rows
        if all(row[place] is not None for place in counts)
    ]


def _interval(metric: Metric, digits: int, scale: float) -> str | None:
    if metric.low is None or metric.high is None:
        return None
    return numbers.interval(metric.low, metric.high, digits, scale=scale)
