"""Files read into the engine as they are: CSV, zipped CSV, Parquet."""

import shutil
import tempfile
import zipfile
from collections.abc import Collection
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from workbench.refusal import Fault, Refused

ROW_NUMBER = "_row_number"


def read_file(engine: Backend, folder: Path, file: str, as_text: Collection[str] = ()) -> ir.Table:
    """A CSV (zipped or not) or Parquet file as a table.

    Args:
        engine: where the table is made.
        folder, file: where the file lies.
        as_text: columns of a CSV that are read as they are written; names it does not have are passed over.

    Raises:
        Refused: the file is missing, empty, or not what its ending says. The reader's own message is not
            repeated, since it quotes rows.
    """
    path = folder / file
    if not path.is_file():
        raise Refused(Fault(file, "the file is missing.", "Bring it, or correct the source file."))
    if path.stat().st_size == 0:
        raise Refused(Fault(file, "the file is empty.", "Export it again."))
    if path.suffix not in {".csv", ".parquet", ".zip"}:
        raise Refused(Fault(file, "it is neither .csv, .csv.zip nor .parquet.", "Export it as one of these."))
    try:
        if path.suffix == ".parquet":
            return engine.read_parquet(path)
        if path.suffix == ".csv":
            return _read_csv(engine, path, as_text)
        return _read_zipped(engine, path, file, as_text)
    except (duckdb.Error, zipfile.BadZipFile) as error:
        kind = type(error).__name__
        raise Refused(
            Fault(file, f"the file cannot be read as {path.suffix[1:]} ({kind}).", "Export it again.")
        ) from None


def _read_csv(engine: Backend, path: Path, as_text: Collection[str]) -> ir.Table:
    sniffed = engine.read_csv(path, header=True, delim=",", all_varchar=False)
    texts = {name: "VARCHAR" for name in sniffed.columns if name in as_text}
    rows = engine.read_csv(path, header=True, delim=",", all_varchar=False, types=texts) if texts else sniffed
    # A CSV is read once and numbered, so that every table made from it sees the same rows as the same people.
    numbered = rows.mutate(ibis.row_number().name(ROW_NUMBER))
    return engine.create_table(f"file_{path.stem}", numbered, temp=True)


def _read_zipped(engine: Backend, path: Path, file: str, as_text: Collection[str]) -> ir.Table:
    """The one CSV of a zip: unpacked where its owner alone may look, and gone once it is in the engine."""
    with zipfile.ZipFile(path) as zipped:
        inside = [name for name in zipped.namelist() if name.endswith(".csv")]
        if len(inside) != 1:
            what = f"the zip holds {len(inside)} CSV files, where one is expected."
            raise Refused(Fault(file, what, "Zip one CSV file."))
        with tempfile.TemporaryDirectory() as private:
            unpacked = Path(private) / Path(path.stem).with_suffix(".csv").name
            with zipped.open(inside[0]) as source, unpacked.open("wb") as target:
                shutil.copyfileobj(source, target)
            return _read_csv(engine, unpacked, as_text)
