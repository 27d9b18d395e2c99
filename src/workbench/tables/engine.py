"""The engine that reads files: DuckDB, which drops what was kept inside it between queries, never during one.

Ibis drops a kept table when Python collects the last reference to it. That may be while the same connection answers
a query, which is then lost: "unsuccessful or closed pending query result".
"""

from collections import deque
from typing import Any

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend


class Engine(Backend):
    """DuckDB by Ibis; tables that nobody needs any longer are dropped before the next query."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        # Filled by the garbage collector, in whichever thread that happens to run.
        self._unneeded: deque[str] = deque()

    def _drop_cached_table(self, name: str) -> None:
        self._unneeded.append(name)

    def _run_pre_execute_hooks(self, expr: ir.Expr) -> None:
        while self._unneeded:
            self.drop_table(self._unneeded.popleft(), force=True)
        super()._run_pre_execute_hooks(expr)
