"""Published versions as rows of tidy tables, each with one fixed schema.

docs/operations/export.md tells the columns.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import pyarrow as pa

from workbench.present.fragments import hides
from workbench.present.result import Cell, Column, Metric, Table
from workbench.reports.store import Version

Row = dict[str, Any]

TEXT, NUMBER, COUNT, YES_NO = pa.string(), pa.float64(), pa.int64(), pa.bool_()
DAY, MOMENT = pa.date32(), pa.timestamp("s", tz="UTC")

KEY = (("study", TEXT), ("name", TEXT), ("version", TEXT))

SCHEMAS: dict[str, pa.Schema] = {
    "versions": pa.schema(
        [
            *KEY,
            ("as_of", DAY),
            ("published_at", MOMENT),
            ("study_title", TEXT),
            ("title", TEXT),
            ("owner", TEXT),
            ("audience", TEXT),
            ("data_until", MOMENT),
            ("valid_until", DAY),
            ("previous", TEXT),
            ("source", TEXT),
            ("simulated", YES_NO),
            ("playbook", TEXT),
            ("newest", YES_NO),
            ("withdrawn", YES_NO),
        ]
    ),
    "verdicts": pa.schema(
        [
            *KEY,
            ("as_of", DAY),
            ("published_at", MOMENT),
            ("decision", TEXT),
            ("headline", TEXT),
            ("reasons", TEXT),
        ]
    ),
    "checks": pa.schema([*KEY, ("check", TEXT), ("passed", YES_NO), ("detail", TEXT)]),
    "metrics": pa.schema(
        [
            *KEY,
            ("as_of", DAY),
            ("published_at", MOMENT),
            ("metric", TEXT),
            ("of", TEXT),
            ("value", NUMBER),
            ("low", NUMBER),
            ("high", NUMBER),
            ("level", NUMBER),
            ("interval", TEXT),
            ("unit", TEXT),
            ("direction", TEXT),
            ("n", COUNT),
            ("hidden", YES_NO),
            ("is_headline", YES_NO),
        ]
    ),
    "tables": pa.schema(
        [
            *KEY,
            ("table", TEXT),
            ("row", COUNT),
            ("label", TEXT),
            ("column", TEXT),
            ("title", TEXT),
            ("kind", TEXT),
            ("unit", TEXT),
            ("value", NUMBER),
            ("text", TEXT),
            ("hidden", YES_NO),
        ]
    ),
}


def rows_of(version: Version, *, newest: bool) -> Mapping[str, list[Row]]:
    """The rows of one version for each table.

    Args:
        version: a published version.
        newest: whether it is the newest of its parameter set.
    """
    return {
        name: [_key(version) | row for row in rows]
        for name, rows in (
            ("versions", [_version_row(version, newest)]),
            ("verdicts", [_verdict_row(version)]),
            ("checks", list(_check_rows(version))),
            ("metrics", [_metric_row(version, metric) for metric in version.result.metrics]),
            ("tables", [row for table in version.result.tables for row in _cell_rows(table)]),
        )
    }


def of_in_words(of: Mapping[str, str]) -> str:
    """What a metric is about as one text, such as "arm=motivational; versus=generic", in the order of the keys."""
    return "; ".join(f"{key}={of[key]}" for key in sorted(of))


def _key(version: Version) -> Row:
    manifest = version.manifest
    return {"study": manifest.study, "name": manifest.name, "version": manifest.version}


def _dates(version: Version) -> Row:
    return {"as_of": version.manifest.as_of, "published_at": _utc(version.manifest.published_at)}


def _version_row(version: Version, newest: bool) -> Row:
    manifest = version.manifest
    return _dates(version) | {
        "study_title": manifest.study_title,
        "title": manifest.title,
        "owner": manifest.owner,
        "audience": "; ".join(manifest.audience),
        "data_until": _moment(manifest.data_until),
        "valid_until": manifest.valid_until,
        "previous": manifest.previous,
        "source": manifest.source,
        "simulated": manifest.simulated,
        "playbook": manifest.parameters.get("playbook"),
        "newest": newest,
        "withdrawn": version.withdrawn,
    }


def _verdict_row(version: Version) -> Row:
    verdict = version.result.verdict
    told = {"decision": verdict.decision, "headline": verdict.headline, "reasons": " ".join(verdict.reasons)}
    return _dates(version) | told


def _check_rows(version: Version) -> Iterator[Row]:
    for check in version.result.checks:
        yield {"check": check.name, "passed": check.passed, "detail": check.detail}


def _metric_row(version: Version, metric: Metric) -> Row:
    return _dates(version) | {
        "metric": metric.name,
        "of": of_in_words(metric.of),
        "value": metric.value,
        "low": metric.low,
        "high": metric.high,
        "level": metric.level,
        "interval": metric.interval,
        "unit": metric.unit,
        "direction": metric.direction,
        "n": metric.n,
        "hidden": metric.value is None,
        "is_headline": metric is version.result.headline_number,
    }


def _cell_rows(table: Table) -> Iterator[Row]:
    for place, row in enumerate(table.rows, 1):
        hidden = hides(table, row)
        labels = [str(c) for column, c in zip(table.columns, row, strict=True) if column.kind == "label"]
        for column, cell in zip(table.columns, row, strict=True):
            if column.kind != "label":
                yield {"table": table.id, "row": place, "label": "; ".join(labels)} | _cell(
                    column, cell, hidden
                )


def _cell(column: Column, cell: Cell, hidden: bool) -> Row:
    return {
        "column": column.name,
        "title": column.title,
        "kind": column.kind,
        "unit": column.unit,
        "value": float(cell) if isinstance(cell, int | float) else None,
        "text": cell if isinstance(cell, str) else None,
        "hidden": cell is None and hidden,
    }


def _moment(text: str | None) -> datetime | None:
    """A moment as a result tells it, in UTC; a day alone is its midnight."""
    if text is None:
        return None
    read = datetime.fromisoformat(text)
    return _utc(read)


def _utc(moment: datetime | date) -> datetime:
    whole = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    return whole.replace(tzinfo=UTC) if whole.tzinfo is None else whole.astimezone(UTC)
