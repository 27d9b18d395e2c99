"""Whether a file is what it seems to be, told before anything is made of its rows."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from workbench.refusal import Fault, Refused

CHUNK = 1 << 20
# Longer first lines are no header.
LONGEST_HEADER = 1 << 20
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def require_sound(path: Path, label: str, *, delimited: bool = False) -> None:
    """Refuse a text file, plain or .gz, that is missing, empty, cut off, a web page, or not UTF-8.

    The file is read once, piece by piece; nothing of it is repeated.

    Args:
        path: the file.
        label: what messages call it.
        delimited: whether it must be a table with commas, told by its first line.

    Raises:
        Refused: with what is wrong.
    """
    require_present(path, label)
    decoder = codecs.getincrementaldecoder("utf-8")()
    first, read = "", 0
    try:
        for chunk in _chunks(path):
            text = decoder.decode(chunk)
            if not read:
                _require_no_page(text, label)
            if len(first) < LONGEST_HEADER and not _ended(first):
                first += text
            read += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        what = "it holds bytes that are not UTF-8, as Latin-1 or Windows files have them."
        raise Refused(Fault(label, what, "Export it as UTF-8.")) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        what = "the compressed file is cut off or broken."
        raise Refused(Fault(label, what, "Bring it again, whole.")) from None
    if not read:
        raise Refused(Fault(label, "the file is empty.", "Export it again."))
    if delimited:
        _require_commas(first, label)


def require_present(path: Path, label: str) -> None:
    """Refuse a file that is missing or empty."""
    if not path.is_file():
        raise Refused(Fault(label, "the file is missing.", "Bring it, or correct the source file."))
    if path.stat().st_size == 0:
        raise Refused(Fault(label, "the file is empty.", "Export it again."))


def _chunks(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _require_no_page(text: str, label: str) -> None:
    begins = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if begins.startswith(("<!doctype", "<html", "<head", "<body", "<?xml")):
        what = "it is a web page under another name, such as a page that asks to sign in."
        raise Refused(Fault(label, what, "Export the data again, signed in."))


def _ended(first: str) -> bool:
    return "\n" in first or "\r" in first


def _require_commas(first: str, label: str) -> None:
    header = first.lstrip("\ufeff").splitlines()[0] if first.strip() else ""
    if "," in header:
        return
    for delimiter, words in DELIMITERS.items():
        if delimiter in header:
            raise Refused(
                Fault(label, f"its columns are divided by {words}, not commas.", "Export it with commas.")
            )
