"""The records of a CSV file, one after the other: whatever ends its lines, and never all of it in memory."""

import csv
import gzip
import io
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TextIO

from workbench.refusal import Fault, Refused


def csv_records(path: Path, label: str) -> Generator[list[str]]:
    """The records of a CSV file, plain or .gz, its header rows among them; blank lines are passed over.

    Args:
        path: a file that is known to be sound (see `soundness`).
        label: what messages call it.

    Raises:
        Refused: a record that breaks the rules of quotes (RFC 4180), such as one that is cut off.
    """
    with _opened(path) as file:
        try:
            yield from filter(None, csv.reader(file, strict=True))
        except csv.Error:
            what = "a quote is missing or out of place, or a cell is far too long."
            raise Refused(Fault(label, what, "Export it again.")) from None


def first_records(path: Path, label: str, count: int) -> list[list[str]]:
    """The first `count` records, or as many as there are; see `csv_records`."""
    with closing(csv_records(path, label)) as records:
        return list(islice(records, count))


def _opened(path: Path) -> TextIO:
    # Without newline="" a carriage return within quotes would be read as another character.
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
