"""What must stand in no report of a source: its pseudonyms, and the watch list that ingest left beside its tables."""

from pathlib import Path

from workbench.protection.watch_list import WatchList
from workbench.tables.generation import WATCH_LIST
from workbench.tables.identifiers import pseudonyms
from workbench.tables.known import Tables
from workbench.tables.source import source_folder


def watch_list_of(tables: Tables, root: Path) -> WatchList:
    """The watch list for reports made of these tables."""
    found = pseudonyms(tables)
    if tables.source.ingest is None:
        return WatchList.of(found)
    left = (source_folder(tables.source, root) / WATCH_LIST).read_bytes()
    return WatchList.from_bytes(left).joined(found)
