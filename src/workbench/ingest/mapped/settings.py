"""What a source file says of any other table."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from workbench.ingest.feed_settings import FeedSettings
from workbench.ingest.person import Person
from workbench.refusal import nearest
from workbench.tables.schema import TABLES, vocabulary_of
from workbench.tables.source import ColumnMapping, Constant, FromColumn, RowNumber, TableMapping

PATIENT = "patient_id"
KNOWN_AT = "known_at"


class FeedTable(TableMapping):
    """One canonical table made from a feed's files, the person named as the vendor does."""

    file: str = Field(
        default="*", min_length=1, description="which of the feed's files, by a pattern of their names"
    )
    person: Person | None = Field(default=None, description="the column that names the person")


class MappedFeed(FeedSettings):
    """CSV (plain, .gz or zipped) or Parquet files that a mapping makes into canonical tables."""

    reads: Literal["table"]
    tables: dict[str, FeedTable] = Field(min_length=1, description="canonical table: how it is made")

    @model_validator(mode="after")
    def _canonical(self) -> "MappedFeed":
        faults = [fault for name, table in self.tables.items() for fault in _faults(name, table)]
        if faults:
            raise ValueError(" ".join(faults))
        return self


def _faults(name: str, table: FeedTable) -> Iterator[str]:
    if name not in TABLES:
        yield f'"{name}" is no canonical table.{nearest(name, TABLES)}'
        return
    known = TABLES[name].columns
    for column, mapping in table.columns.items():
        if column == PATIENT:
            yield f"Table {name}: name the person under person, not as the column {PATIENT}."
        elif column not in known:
            yield f'"{column}" is no column of the canonical table {name}.{nearest(column, known)}'
        else:
            yield from _word_faults(name, column, mapping)
        if isinstance(mapping, RowNumber):
            yield f"Table {name}: {column} is made from row numbers, which change from export to export."
    if (PATIENT in known) != (table.person is not None):
        needs = "needs" if PATIENT in known else "has no person, and takes no"
        yield f"Table {name} {needs} person."
    needed = [column for column, declared in known.items() if declared.required]
    for column in needed:
        if column not in (PATIENT, KNOWN_AT, *table.columns):
            yield f"Table {name} needs the column {column}."


def _word_faults(name: str, column: str, mapping: ColumnMapping) -> Iterator[str]:
    """Words that a closed list of the canonical table does not have."""
    allowed = vocabulary_of(name, column)
    words: set[object] = set()
    if isinstance(mapping, FromColumn):
        words = set((mapping.values or {}).values())
    elif isinstance(mapping, Constant):
        words = {mapping.constant}
    for word in sorted(map(str, words - set(allowed))) if allowed else ():
        hint = nearest(word, allowed)
        yield f'Table {name}: {column} cannot be "{word}".{hint} Allowed: {", ".join(allowed)}.'
