"""Accounts of staged lines: every line was used, or dropped for one reason that stands in its column `dropped`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from workbench.ingest.fhir.ndjson import Stage
from workbench.ingest.reading import Account, Reason

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def account(
    stage: Stage,
    lines: str,
    records: str,
    table: str | None,
    *,
    told: Sequence[tuple[str, str]] = (),
    when: str = "NULL::TIMESTAMPTZ",
) -> Account:
    """The account of one kind of resource.

    Args:
        lines: the staged table of all its lines, with a column `dropped`: the reason, or null.
        records: what they are called.
        table: the canonical table made of them.
        told: what should be known of the used ones: reason and condition in SQL.
        when: SQL of the moment that a line tells of.
    """
    read, used, begins, ends = stage.run(
        "SELECT count(*), count(*) FILTER (dropped IS NULL), "
        f"epoch_us(min({when}) FILTER (dropped IS NULL)), epoch_us(max({when}) FILTER (dropped IS NULL)) FROM {lines}"
    )[0]
    dropped = stage.run(
        f"SELECT dropped, count(*) FROM {lines} WHERE dropped IS NOT NULL GROUP BY dropped ORDER BY dropped"
    )
    return Account(
        records=records,
        table=table,
        read=read,
        used=used,
        dropped=tuple(Reason(reason, rows) for reason, rows in dropped),
        told=tuple(_told(stage, lines, told)),
        begins=_moment(begins),
        ends=_moment(ends),
    )


def unused(stage: Stage, kinds: set[str]) -> tuple[Account, ...]:
    """Accounts of the kinds of resources that are not read, and of lines that name none."""
    accounts = []
    for kind, count in sorted(stage.census.lines.items()):
        if kind not in kinds:
            reason = "not used" if kind else "without a resource type"
            accounts.append(Account(kind or "other lines", None, count, 0, (Reason(reason, count),)))
    return tuple(accounts)


def _told(stage: Stage, lines: str, told: Sequence[tuple[str, str]]) -> list[Reason]:
    if not told:
        return []
    counts = ", ".join(
        f"count(*) FILTER (dropped IS NULL AND coalesce({condition}, false))" for _, condition in told
    )
    found = stage.run(f"SELECT {counts} FROM {lines}")[0]
    return [Reason(reason, rows) for (reason, _), rows in zip(told, found, strict=True) if rows]


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
