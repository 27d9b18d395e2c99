"""The pseudonyms of a source: what must stand in no report."""

from collections.abc import Iterator

from workbench.tables.known import Tables

# Columns that name a person, or a household.
_NAMING = {
    "patients": ("patient_id", "household_id"),
    "assignments": ("patient_id", "cluster_id"),
    "sessions": ("clinician_id",),
}
AT_ONCE = 100_000
"""Pseudonyms that are words of Python at one time."""


def pseudonyms(tables: Tables) -> Iterator[str]:
    """Every pseudonym of a person in the tables that name most of them; a pseudonym may come twice."""
    for name, columns in _NAMING.items():
        if name not in tables.names:
            continue
        rows = tables.whole(name)
        for column in columns:
            if column in rows.columns:
                found = rows.filter(rows[column].notnull()).select(name=rows[column].cast("string")).distinct()
                # Arrow holds a million names in some 20 MB; as words of Python they would take four times as much.
                for batch in found.to_pyarrow().to_batches(max_chunksize=AT_ONCE):
                    yield from batch["name"].to_pylist()
