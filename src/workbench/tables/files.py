"""Files read into the engine as they are: CSV (plain, .gz or zipped), Parquet."""

import shutil
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from workbench.refusal import Fault, Refused
from workbench.tables.records import first_records
from workbench.tables.soundness import require_present, require_sound

ROW_NUMBER = "_row_number"
# Nothing is guessed: a guessed type would make one key of 007 and 7, a guessed header pass over rows.
AS_WRITTEN = {
    "header": True,
    "skip": 0,
    "delim": ",",
    "quote": '"',
    "escape": '"',
    "comment": "",
    "all_varchar": True,
}
READ_AS = {".csv": "CSV", ".csv.gz": "CSV", ".zip": "CSV", ".parquet": "Parquet"}


def read_file(engine: Backend, folder: Path, file: str) -> ir.Table:
    """A CSV (plain, .gz or zipped) or Parquet file as a table.

    A CSV is read as text, and its rows are numbered in the column `ROW_NUMBER`; Parquet keeps its types. Columns
    of a CSV that share a name, whatever its case, are told apart as "name (1 of 2)", "name (2 of 2)".

    Raises:
        Refused: the file is missing, empty, or not what its ending says. The reader's own message is not
            repeated, since it quotes rows.
    """
    path = folder / file
    ending = known_ending(path, file)
    try:
        if ending == ".parquet":
            return engine.read_parquet(path)
        with sound_csv(path, file) as csv:
            return _read_csv(engine, csv, file)
    except duckdb.Error as error:
        what = f"the file cannot be read as {READ_AS[ending]} ({type(error).__name__})."
        raise Refused(Fault(file, what, "Export it again.")) from None


def known_ending(path: Path, label: str) -> str:
    """The ending of a file that can be read, of `READ_AS`.

    Raises:
        Refused: the file is missing or empty, or has another ending.
    """
    require_present(path, label)
    ending = next((known for known in READ_AS if path.name.endswith(known)), None)
    if ending is None:
        what = "it is neither .csv, .csv.gz, .csv.zip nor .parquet."
        raise Refused(Fault(label, what, "Export it as one of these."))
    return ending


@contextmanager
def sound_csv(path: Path, label: str) -> Iterator[Path]:
    """A CSV file that is known to be sound: the file itself, or the one in a zip.

    What a zip holds is unpacked where its owner alone may look, and gone afterwards.

    Raises:
        Refused: see `soundness.require_sound`; or the zip is broken, locked, or holds none or several.
    """
    if path.suffix != ".zip":
        require_sound(path, label, delimited=True)
        yield path
        return
    require_present(path, label)
    with tempfile.TemporaryDirectory() as private:
        unpacked = Path(private) / "unpacked.csv"
        _unpack(path, unpacked, label)
        require_sound(unpacked, label, delimited=True)
        yield unpacked


def told_apart(header: Sequence[str]) -> list[str]:
    """The names of a header's columns; those that share one, whatever its case, get a number each."""
    seen: Counter[str] = Counter()
    alike = Counter(name.casefold() for name in header)
    names = []
    for place, name in enumerate(header):
        seen[name.casefold()] += 1
        if not name:
            names.append(f"column{place}")
        elif alike[name.casefold()] == 1:
            names.append(name)
        else:
            names.append(f"{name} ({seen[name.casefold()]} of {alike[name.casefold()]})")
    return names


def _read_csv(engine: Backend, path: Path, label: str) -> ir.Table:
    header = next(iter(first_records(path, label, 1)), [])
    named = told_apart(header)
    # Names are given only where the engine would make up its own for the second of two.
    names = {"names": named} if len({name.casefold() for name in header}) < len(header) else {}
    # A CSV is read once and numbered, so that every table made from it sees the same rows as the same people.
    read = engine.read_csv(path, **AS_WRITTEN, **names)
    numbered = read.mutate(ibis.row_number().name(ROW_NUMBER))
    table = engine.create_table(ibis.util.gen_name("file"), numbered, temp=True)
    engine.raw_sql(f'DROP VIEW "{read.op().name}"')
    return table


# The bit of a zip entry's flags that says so (APPNOTE.TXT, 4.4.4).
_ENCRYPTED = 0x1


def _unpack(path: Path, target: Path, label: str) -> None:
    """Unpack the one CSV of a zip."""
    try:
        with zipfile.ZipFile(path) as zipped:
            inside = [name for name in zipped.namelist() if name.endswith(".csv")]
            if len(inside) != 1:
                what = f"the zip holds {len(inside)} CSV files, where one is expected."
                raise Refused(Fault(label, what, "Zip one CSV file."))
            if zipped.getinfo(inside[0]).flag_bits & _ENCRYPTED:
                raise Refused(Fault(label, "the zip is protected by a password.", "Zip the file without one."))
            with zipped.open(inside[0]) as source, target.open("wb") as unpacked:
                shutil.copyfileobj(source, unpacked)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        what = f"the file cannot be read as zip ({type(error).__name__})."
        raise Refused(Fault(label, what, "Export it again.")) from None
