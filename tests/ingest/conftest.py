"""An engine, and the files of one feed put where a reader looks for them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from workbench.ingest.reading import Export

EXPORTED_AT = datetime(2026, 11, 2, 6, tzinfo=UTC)
MakeExport = Callable[..., Export]


@pytest.fixture
def engine():
    made = duckdb.connect()
    made.execute("SET TimeZone = 'UTC'")
    yield made
    made.close()


@pytest.fixture
def make_export(engine, tmp_path) -> MakeExport:
    """Files given as `make_export({"a.csv": "id\\n1\\n"})`; what is bytes is written as it is."""

    def make(files: dict[str, str | bytes] | None = None, *paths: Path, prefix: str = "feed") -> Export:
        for name, content in (files or {}).items():
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        found = sorted([*(tmp_path / name for name in files or {}), *paths])
        return Export(engine, tuple(found), prefix, EXPORTED_AT, tmp_path)

    return make


@pytest.fixture
def rows(engine):
    """The rows of a staged table as tuples of text, sorted, times in UTC; columns by name, else all."""

    def read(table: str, *columns: str) -> list[tuple[str | None, ...]]:
        named = ", ".join(f"{column}::VARCHAR" for column in columns) if columns else "COLUMNS(*)::VARCHAR"
        return sorted(engine.execute(f"SELECT {named} FROM {table}").fetchall(), key=str)

    return read
