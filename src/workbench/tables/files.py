"""Files read into the engine as they are: CSV, zipped CSV, Parquet."""

import shutil
import tempfile
import zipfile
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from workbench.refusal import Fault, Refused

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
READ_AS = {".csv": "CSV", ".zip": "zip", ".parquet": "Parquet"}


def read_file(engine: Backend, folder: Path, file: str) -> ir.Table:
    """A CSV (zipped or not) or Parquet file as a table.

    A CSV is read as text, and its rows are numbered in the column `ROW_NUMBER`; Parquet keeps its types.

    Raises:
        Refused: the file is missing, empty, or not what its ending says. The reader's own message is not
            repeated, since it quotes rows.
    """
    path = folder / file
    if not path.is_file():
        raise Refused(Fault(file, "the file is missing.", "Bring it, or correct the source file."))
    if path.stat().st_size == 0:
        raise Refused(Fault(file, "the file is empty.", "Export it again."))
    if path.suffix not in READ_AS:
        raise Refused(Fault(file, "it is neither .csv, .csv.zip nor .parquet.", "Export it as one of these."))
    try:
        if path.suffix == ".parquet":
            return engine.read_parquet(path)
        return _read_csv(engine, path) if path.suffix == ".csv" else _read_zipped(engine, path, file)
    except (duckdb.Error, zipfile.BadZipFile) as error:
        what = f"the file cannot be read as {READ_AS[path.suffix]} ({type(error).__name__})."
        raise Refused(Fault(file, what, "Export it again.")) from None


def _read_csv(engine: Backend, path: Path) -> ir.Table:
    # A CSV is read once and numbered, so that every table made from it sees the same rows as the same people.
    numbered = engine.read_csv(path, **AS_WRITTEN).mutate(ibis.row_number().name(ROW_NUMBER))
    return engine.create_table(ibis.util.gen_name("file"), numbered, temp=True)


# The bit of a zip entry's flags that says so (APPNOTE.TXT, 4.4.4).
_ENCRYPTED = 0x1


def _read_zipped(engine: Backend, path: Path, file: str) -> ir.Table:
    """The one CSV of a zip: unpacked where its owner alone may look, and gone once it is in the engine."""
    with zipfile.ZipFile(path) as zipped:
        inside = [name for name in zipped.namelist() if name.endswith(".csv")]
        if len(inside) != 1:
            what = f"the zip holds {len(inside)} CSV files, where one is expected."
            raise Refused(Fault(file, what, "Zip one CSV file."))
        if zipped.getinfo(inside[0]).flag_bits & _ENCRYPTED:
            raise Refused(Fault(file, "the zip is protected by a password.", "Zip the file without one."))
        with tempfile.TemporaryDirectory() as private:
            unpacked = Path(private) / "unpacked.csv"
            with zipped.open(inside[0]) as source, unpacked.open("wb") as target:
                shutil.copyfileobj(source, target)
            return _read_csv(engine, unpacked)
