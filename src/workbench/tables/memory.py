"""How much memory and how many threads the engine takes, and where it lays down what does not fit.

That is never outside the private folder.
"""

import os
import re
import uuid
from pathlib import Path

import duckdb
from ibis.backends.duckdb import Backend

from workbench.project import is_root, private_folder
from workbench.refusal import Fault, Refused

LIMIT = "WORKBENCH_MEMORY_LIMIT"
THREADS = "WORKBENCH_THREADS"
# Unless told, the engine would take 80 % of the memory there is. Of a million appointments as much again as a third of
# that is taken by features, models and Python, and a second process needs room too.
PARTS = 3
_AMOUNT = re.compile(r"[1-9][0-9]* ?[KMGT]i?B")


def keep_within_memory(engine: Backend, root: Path) -> None:
    """Limit an engine's memory, and let what passes the limit spill into the private folder of the project.

    The limit is WORKBENCH_MEMORY_LIMIT, else about a quarter of the memory of the machine, or of the container. It is
    the engine's alone: Python and its libraries need some hundred MiB besides. Outside a project nothing spills,
    and what does not fit fails.

    Raises:
        Refused: the variable holds no amount of memory.
    """
    engine.raw_sql(f"SET memory_limit = '{_limit(engine)}'")
    spill = str(_spill_folder(root)) if is_root(root) else ""
    engine.con.execute("SET temp_directory = $folder", {"folder": spill})


def give_back_memory(engine: Backend) -> None:
    """Have an engine give back to the machine what it has freed, which it would keep for the next query.

    What it holds it keeps, and its limits stay.
    """
    (threads,) = engine.con.execute("SELECT current_setting('threads')").fetchall()[0]
    # The allocator lets go when threads are started anew, which they are when their number changes.
    for number in (threads + 1, threads):
        engine.raw_sql(f"SET threads = {number}")


def keep_to_threads(engine: Backend) -> None:
    """Let an engine work with as many threads as WORKBENCH_THREADS says; unless it is set, with one for each core.

    Raises:
        Refused: the variable holds no number of threads.
    """
    given = os.environ.get(THREADS, "").strip()
    if not given:
        return
    if not re.fullmatch("[1-9][0-9]{0,3}", given):
        raise Refused(Fault(THREADS, "it holds no number of threads.", "Give one such as 2, or unset it."))
    engine.raw_sql(f"SET threads = {given}")


def share_of_memory(engines: int) -> str:
    """The limit of each of several engines that work at once: as given, else a part of what one would take."""
    with duckdb.connect() as connection:
        return os.environ.get(LIMIT, "").strip() or _part(connection, PARTS * engines)


def _limit(engine: Backend) -> str:
    given = os.environ.get(LIMIT, "").strip()
    if not given:
        return _part(engine.con, PARTS)
    if not _AMOUNT.fullmatch(given):
        raise Refused(Fault(LIMIT, "it holds no amount of memory.", "Give one such as 2GB, or unset it."))
    return given


def _part(connection: duckdb.DuckDBPyConnection, parts: int) -> str:
    number, unit = connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0].split()
    # Whole MiB are fine enough, and `_AMOUNT` takes no fraction.
    mebibytes = float(number) * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024, "TiB": 1024**2}[unit] / parts
    return f"{max(1, int(mebibytes))}MiB"


def _spill_folder(root: Path) -> Path:
    """A folder for one engine, which makes it when it has to and removes it in the end."""
    spill = private_folder(root) / "spill"
    spill.mkdir(mode=0o700, exist_ok=True)
    return spill / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
