"""Who a vendor's key names: people matched across vendors by record number, told apart by random pseudonyms.

Everything happens inside the engine. The tables made here are `who_keys` (kind, value, pseudonym), `who_contacts`
(kind, value, pseudonym, feed, valid_from, valid_to) and `who_erased` (digest).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from workbench.ingest.crosswalk import CONTACTS, ERASED, KEYS, Crosswalk
from workbench.ingest.keys import CONTACT_POINTS, FHIR, RECORD, VENDOR_KEYS
from workbench.ingest.reading import Fed, Reading
from workbench.refusal import Fault, Refused
from workbench.tables.schema import TABLES

PROTECTED = "a protected list"
# The moment that a row tells of, by which the owner of a contact point is found.
MOMENT_OF = {
    "messages": "sent_at",
    "replies": "received_at",
    "consents": "changed_at",
    "surveys": "responded_at",
    "assignments": "assigned_at",
    "appointments": "booked_at",
    "patient_states": "valid_from",
    PROTECTED: "at",
}
# A change of consent from a contact point holds for everybody who can be reached there, and so does what is listed
# for people to look at.
FOR_EVERYBODY = {"consents", PROTECTED}


@dataclass(frozen=True)
class Known:
    """What became of the people named in an ingest.

    Attributes:
        people: new pseudonyms given.
        rejoined: keys that had named somebody apart until their record number was told.
        shared: contact points that were two people's at the same time.
    """

    people: int
    rejoined: int
    shared: int


@dataclass(frozen=True)
class Resolved:
    """A staged table whose people have pseudonyms, and the rows that could not be given to anybody.

    `shared` are rows of a contact point of several people, `unmatched` those of nobody known, `erased` those of
    people who were erased.
    """

    table: str
    shared: int
    unmatched: int
    erased: int


def load_crosswalk(engine: duckdb.DuckDBPyConnection, crosswalk: Crosswalk) -> None:
    """Put the crosswalk into the engine."""
    for name, rows in (
        ("who_keys", crosswalk.keys),
        ("who_contacts", crosswalk.contacts),
        ("who_erased", crosswalk.erased),
    ):
        _from_arrow(engine, name, rows)


def unload_crosswalk(engine: duckdb.DuckDBPyConnection, salt: str) -> Crosswalk:
    """The crosswalk as it stands in the engine, its rows in one order whatever the order of the exports."""
    return Crosswalk(
        salt,
        *(
            engine.sql(f"FROM {name} ORDER BY ALL").to_arrow_table().cast(schema)
            for name, schema in (("who_keys", KEYS), ("who_contacts", CONTACTS), ("who_erased", ERASED))
        ),
    )


def register(engine: duckdb.DuckDBPyConnection, fed: Sequence[Fed], salt: str) -> Known:
    """Give everybody whom the readings register a pseudonym, and note their keys and contact points.

    People are registered by tables of patients; where no feed has one, by every record number there is.

    Raises:
        Refused: one vendor's key belongs to two record numbers.
    """
    readings = [each.reading for each in fed]
    _link_keys(engine, readings)
    _gather_people(engine, readings, salt)
    rejoined = _settle_keys(engine)
    people = _name_new_people(engine)
    for each in fed:
        if each.reading.contacts is not None:
            _note_contacts(engine, each.reading.contacts, each)
    return Known(people, rejoined, _shared_contacts(engine))


def resolve(engine: duckdb.DuckDBPyConnection, name: str, staged: str, salt: str) -> Resolved:
    """Put pseudonyms in the place of vendors' names of people, and hash the keys of things.

    Args:
        engine: with the crosswalk loaded.
        name: the canonical table, or `PROTECTED` for a list that names people.
        staged: the staged table; see `reading`.
        salt: of the crosswalk.
    """
    columns = [column for column, *_ in engine.sql(f"DESCRIBE {staged}").fetchall()]
    resolved = f"{staged}_resolved"
    if "person_kind" not in columns:
        engine.execute(f"CREATE TABLE {resolved} AS SELECT {_hashed(columns, salt)} FROM {staged}")
        return Resolved(resolved, 0, 0, 0)
    owners = f"{staged}_owners"
    _find_owners(engine, staged, owners, _moment(name, columns), salt)
    kept = "owners >= 1" if name in FOR_EVERYBODY else "owners = 1"
    rest = [column for column in columns if column not in ("person_kind", "person_value")]
    engine.execute(
        f"CREATE TABLE {resolved} AS SELECT o.pseudonym AS patient_id, {_hashed(rest, salt, 's.')} "
        f"FROM {staged} s JOIN {owners} o ON s.rowid = o.row WHERE {kept}"
    )
    counts = _one(
        engine,
        f"SELECT count(DISTINCT row) FILTER (NOT ({kept}) AND owners > 1), "
        f"count(DISTINCT row) FILTER (owners = 0 AND NOT erased), count(DISTINCT row) FILTER (erased) FROM {owners}",
    )
    engine.execute(f"DROP TABLE {owners}")
    return Resolved(resolved, *map(int, counts))


def hashed(column: str, kind: str, salt: str) -> str:
    """SQL that makes a vendor's key of a thing canonical: a salted SHA-256, 96 bits of it after a letter.

    The salt is the crosswalk's secret, so that nobody who knows a vendor's keys can find them by trying.
    """
    return f"'{kind[0]}' || substr(sha256('{salt}:{kind}:' || {column}), 1, 24)"


def _hashed(columns: Sequence[str], salt: str, table: str = "") -> str:
    return ", ".join(
        f"{hashed(table + column, VENDOR_KEYS[column], salt)} AS {column}"
        if column in VENDOR_KEYS
        else f'{table}"{column}"'
        for column in columns
    )


def _moment(name: str, columns: Sequence[str]) -> str:
    column = MOMENT_OF.get(name)
    return f's."{column}"' if column in columns else "NULL::TIMESTAMPTZ"


def _find_owners(engine: duckdb.DuckDBPyConnection, staged: str, owners: str, moment: str, salt: str) -> None:
    """One line per row and person it may be of: (row, pseudonym, owners, erased); owners is 0 where there is none."""
    points = ", ".join(f"'{kind}'" for kind in CONTACT_POINTS)
    engine.execute(
        f"""
        CREATE TABLE {owners} AS
        WITH found AS (
            SELECT s.rowid AS row, k.pseudonym
            FROM {staged} s JOIN who_keys k ON s.person_kind = k.kind AND s.person_value = k.value
            UNION
            SELECT s.rowid, c.pseudonym
            FROM {staged} s JOIN who_contacts c ON s.person_kind = c.kind AND s.person_value = c.value
            WHERE s.person_kind IN ({points})
                AND (c.valid_from IS NULL OR {moment} IS NULL OR c.valid_from <= {moment})
                AND (c.valid_to IS NULL OR {moment} IS NULL OR {moment} < c.valid_to)
        )
        SELECT s.rowid AS row, f.pseudonym, count(f.pseudonym) OVER (PARTITION BY s.rowid) AS owners,
            f.pseudonym IS NULL AND e.digest IS NOT NULL AS erased
        FROM {staged} s
        LEFT JOIN found f ON s.rowid = f.row
        LEFT JOIN who_erased e ON f.pseudonym IS NULL AND e.digest = {_digest("s.person_kind", "s.person_value", salt)}
        """
    )


def _digest(kind: str, value: str, salt: str) -> str:
    return f"sha256('{salt}:erased:' || {kind} || ':' || {value})"


def erased_digest(salt: str) -> str:
    """SQL for the digest under which a key (kind, value) of somebody erased is kept."""
    return _digest("kind", "value", salt)


def _link_keys(engine: duckdb.DuckDBPyConnection, readings: Sequence[Reading]) -> None:
    """`new_links` (kind, value, record): vendors' own keys of people, and their record numbers."""
    links = [f"SELECT kind, value, record FROM {reading.links}" for reading in readings if reading.links]
    union = " UNION ".join(links) or "SELECT '' AS kind, '' AS value, '' AS record WHERE false"
    engine.execute(f"CREATE TABLE new_links AS {union}")
    (twice,) = _one(
        engine,
        "SELECT count(*) FROM (SELECT 1 FROM new_links GROUP BY kind, value HAVING count(DISTINCT record) > 1)",
    )
    if twice:
        what = f"{twice:,} of the vendors' keys of people belong to two record numbers each."
        mend = "Name under the feed which record number counts, or correct the export."
        raise Refused(Fault("record numbers", what, mend))


def _gather_people(engine: duckdb.DuckDBPyConnection, readings: Sequence[Reading], salt: str) -> None:
    """`new_keys` (kind, value, anchor): everybody registered; keys with one anchor are one person's.

    The anchor is the record number where there is one, else the key itself. Who was erased stays so, under any of
    the keys.
    """
    staged = [reading.tables["patients"] for reading in readings if "patients" in reading.tables]
    if not staged:
        staged = [
            table for reading in readings for name, table in reading.tables.items() if _names_people(name)
        ]
        only = f"WHERE person_kind IN ('{RECORD}', '{FHIR}')"
    else:
        only = "WHERE person_value IS NOT NULL"
    union = " UNION ".join(f"SELECT person_kind AS kind, person_value AS value FROM {t} {only}" for t in staged)
    engine.execute(
        f"""
        CREATE TABLE new_keys AS
        WITH registered AS ({union or "SELECT '' AS kind, '' AS value WHERE false"}),
        linked AS (
            SELECT r.kind, r.value, coalesce(l.record, CASE WHEN r.kind = '{RECORD}' THEN r.value END) AS record
            FROM registered r LEFT JOIN new_links l USING (kind, value)
        ),
        keys AS (
            SELECT kind, value, coalesce('{RECORD}:' || record, kind || ':' || value) AS anchor FROM linked
            UNION
            SELECT '{RECORD}', record, '{RECORD}:' || record FROM linked WHERE record IS NOT NULL
        )
        SELECT kind, value, anchor FROM keys
        WHERE anchor NOT IN (
            SELECT anchor FROM keys WHERE {_digest("kind", "value", salt)} IN (SELECT digest FROM who_erased)
        )
        """
    )


def _names_people(name: str) -> bool:
    return "patient_id" in TABLES[name].columns


def _settle_keys(engine: duckdb.DuckDBPyConnection) -> int:
    """`new_people` (anchor, pseudonym): who is known already; returns how many keys change hands.

    A record number's pseudonym counts before that of a vendor's own key.
    """
    engine.execute(
        f"""
        CREATE TABLE new_people AS
        SELECT n.anchor, arg_min(k.pseudonym, (n.kind <> '{RECORD}', k.kind, k.value)) AS pseudonym
        FROM new_keys n LEFT JOIN who_keys k USING (kind, value)
        GROUP BY n.anchor
        """
    )
    (rejoined,) = _one(
        engine,
        "SELECT count(*) FROM new_keys n JOIN who_keys k USING (kind, value) JOIN new_people p USING (anchor) "
        "WHERE k.pseudonym <> p.pseudonym",
    )
    return int(rejoined)


def _name_new_people(engine: duckdb.DuckDBPyConnection) -> int:
    """Random pseudonyms for those who have none, and all their keys into `who_keys`."""
    nameless = engine.sql(
        "SELECT anchor FROM new_people WHERE pseudonym IS NULL ORDER BY anchor"
    ).to_arrow_table()
    fresh = pa.table(
        {
            "anchor": nameless["anchor"],
            "pseudonym": pa.array([f"p{secrets.token_hex(8)}" for _ in range(nameless.num_rows)], pa.string()),
        }
    )
    _from_arrow(engine, "fresh_people", fresh)
    engine.execute(
        """
        UPDATE new_people SET pseudonym = f.pseudonym FROM fresh_people f WHERE new_people.anchor = f.anchor;
        CREATE OR REPLACE TABLE who_keys AS
        SELECT kind, value, p.pseudonym FROM new_keys JOIN new_people p USING (anchor)
        UNION
        SELECT kind, value, pseudonym FROM who_keys WHERE (kind, value) NOT IN (SELECT (kind, value) FROM new_keys);
        DROP TABLE fresh_people;
        """
    )
    return int(nameless.num_rows)


def _note_contacts(engine: duckdb.DuckDBPyConnection, staged: str, fed: Fed) -> None:
    """Add a feed's contact points, and end those that it no longer names for somebody it still tells of.

    A point without dates counts from the beginning if it is the person's first of the feed, else from the export.
    """
    feed, at = f"'{fed.feed}'", f"'{fed.exported_at.isoformat()}'::TIMESTAMPTZ"
    engine.execute(
        f"""
        CREATE TABLE told_contacts AS
        SELECT DISTINCT c.kind, c.value, k.pseudonym, c.valid_from, c.valid_to
        FROM {staged} c JOIN who_keys k ON c.person_kind = k.kind AND c.person_value = k.value;
        UPDATE who_contacts w SET valid_to = {at}
        WHERE w.feed = {feed} AND w.valid_to IS NULL AND (w.valid_from IS NULL OR w.valid_from < {at})
            AND (w.pseudonym, w.kind) IN (SELECT (pseudonym, kind) FROM told_contacts)
            AND (w.pseudonym, w.kind, w.value) NOT IN (SELECT (pseudonym, kind, value) FROM told_contacts);
        DELETE FROM who_contacts w
        WHERE w.feed = {feed} AND (w.pseudonym, w.kind, w.value) IN (
            SELECT (pseudonym, kind, value) FROM told_contacts
            WHERE valid_from IS NOT NULL OR valid_to IS NOT NULL
        );
        INSERT INTO who_contacts
        SELECT t.kind, t.value, t.pseudonym, {feed},
            CASE WHEN t.valid_from IS NULL AND t.valid_to IS NULL AND (t.pseudonym, t.kind) IN (
                SELECT (pseudonym, kind) FROM who_contacts WHERE feed = {feed}
            ) THEN {at} ELSE t.valid_from END,
            t.valid_to
        FROM told_contacts t
        WHERE NOT EXISTS (
            SELECT 1 FROM who_contacts w
            WHERE w.feed = {feed} AND w.pseudonym = t.pseudonym AND w.kind = t.kind AND w.value = t.value
                AND w.valid_to IS NULL AND t.valid_from IS NULL AND t.valid_to IS NULL
        );
        DROP TABLE told_contacts;
        """
    )


def _shared_contacts(engine: duckdb.DuckDBPyConnection) -> int:
    """Contact points that two people have at one time."""
    (shared,) = _one(
        engine,
        """
        SELECT count(*) FROM (
            SELECT DISTINCT a.kind, a.value
            FROM who_contacts a JOIN who_contacts b USING (kind, value)
            WHERE a.pseudonym < b.pseudonym
                AND (a.valid_from IS NULL OR b.valid_to IS NULL OR a.valid_from < b.valid_to)
                AND (b.valid_from IS NULL OR a.valid_to IS NULL OR b.valid_from < a.valid_to)
        )
        """,
    )
    return int(shared)


def _from_arrow(engine: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    engine.register("arriving", rows)
    engine.execute(f"CREATE OR REPLACE TABLE {name} AS FROM arriving")
    engine.unregister("arriving")


def _one(engine: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    found = engine.execute(query).fetchone()
    if found is None:
        raise RuntimeError("a count gave no row")
    return found
