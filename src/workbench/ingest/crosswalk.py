"""The crosswalk: which pseudonym stands for which vendor's keys. Kept encrypted; ingest and hand-back alone open it."""

import io
import secrets
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.fernet import Fernet

from workbench.protection.key import decrypted
from workbench.protection.private_files import write_private

FILE = "crosswalk.encrypted"
MOMENT = pa.timestamp("us", tz="UTC")
KEYS = pa.schema([("kind", pa.string()), ("value", pa.string()), ("pseudonym", pa.string())])
CONTACTS = pa.schema([*KEYS, ("feed", pa.string()), ("valid_from", MOMENT), ("valid_to", MOMENT)])
ERASED = pa.schema([("digest", pa.string())])
_SCHEMAS = {"keys": KEYS, "contacts": CONTACTS, "erased": ERASED}
_SALT = "salt"
# Entries of a zip carry a date; one and the same keeps the bytes free of the hour.
_DATE = datetime(2000, 1, 1, tzinfo=UTC).timetuple()[:6]


@dataclass(frozen=True)
class Crosswalk:
    """Who is who.

    Attributes:
        salt: makes the hashes of vendors' keys a secret of this crosswalk.
        keys: (kind, value, pseudonym); a key names one person.
        contacts: (kind, value, pseudonym, feed, valid_from, valid_to): who is reached at a contact point, by which
            feed, and from when to when; it may be several people's.
        erased: (digest) of keys of people who were erased, so that no later export brings them back.
    """

    salt: str = field(repr=False)
    keys: pa.Table = field(repr=False)
    contacts: pa.Table = field(repr=False)
    erased: pa.Table = field(repr=False)

    @classmethod
    def empty(cls) -> "Crosswalk":
        """A new one, with a salt of its own."""
        return cls(secrets.token_hex(32), *(schema.empty_table() for schema in _SCHEMAS.values()))

    def to_bytes(self, key: Fernet) -> bytes:
        """The crosswalk, encrypted."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as whole:
            whole.writestr(zipfile.ZipInfo(_SALT, _DATE), self.salt)
            for name in _SCHEMAS:
                buffer = io.BytesIO()
                pq.write_table(getattr(self, name), buffer, compression="zstd")
                whole.writestr(zipfile.ZipInfo(name, _DATE), buffer.getvalue())
        return key.encrypt(packed.getvalue())

    @classmethod
    def from_bytes(cls, content: bytes, key: Fernet, label: str) -> "Crosswalk":
        """The crosswalk that `to_bytes` kept.

        Raises:
            Refused: the key does not open it.
        """
        with zipfile.ZipFile(io.BytesIO(decrypted(content, key, label))) as whole:
            tables = (pq.read_table(io.BytesIO(whole.read(name))) for name in _SCHEMAS)
            return cls(whole.read(_SALT).decode(), *tables)


def open_crosswalk(folder: Path | None, key: Fernet) -> Crosswalk:
    """The crosswalk of a generation of tables; an empty one where there is no generation yet."""
    if folder is None:
        return Crosswalk.empty()
    return Crosswalk.from_bytes((folder / FILE).read_bytes(), key, FILE)


def keep_crosswalk(crosswalk: Crosswalk, folder: Path, key: Fernet) -> None:
    """Write the crosswalk, encrypted, into a new generation's folder."""
    write_private(folder / FILE, crosswalk.to_bytes(key))
