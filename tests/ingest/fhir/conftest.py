"""Bulk exports written resource by resource, and what the reader makes of them."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from workbench.ingest.fhir.reader import read_fhir
from workbench.ingest.fhir.settings import FhirFeed
from workbench.ingest.reading import Account, Reading
from workbench.parameters.validation import validated

EXPORTED = "2026-11-01T00:00:00Z"
MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}


@dataclass(frozen=True)
class Told:
    """What the reader told of an export."""

    engine: duckdb.DuckDBPyConnection
    reading: Reading

    def rows(self, table: str, *columns: str) -> list[Any]:
        """The rows of a table: as mappings, as tuples of some columns, or as the values of one; moments as text."""
        staged = self.reading.tables.get(table) or getattr(self.reading, table)
        shown = ", ".join(f'"{name}"' for name in columns) or "*"
        found = self.engine.sql(f"SELECT {shown} FROM {staged} ORDER BY ALL")
        times = [
            name for name, kind in zip(found.columns, found.types, strict=True) if "TIME ZONE" in str(kind)
        ]
        texts = ", ".join(f'strftime("{name}", \'%Y-%m-%dT%H:%M:%SZ\') AS "{name}"' for name in times)
        query = f"SELECT * REPLACE ({texts}) FROM found" if times else "FROM found"
        rows = self.engine.sql(query).fetchall()
        if len(columns) == 1:
            return [row[0] for row in rows]
        return rows if columns else [dict(zip(found.columns, row, strict=True)) for row in rows]

    def account(self, records: str) -> Account:
        (account,) = (each for each in self.reading.accounts if each.records == records)
        return account

    def dropped(self, records: str) -> dict[str, int]:
        return {each.reason: each.rows for each in self.account(records).dropped}

    def told(self, records: str) -> dict[str, int]:
        return {each.reason: each.rows for each in self.account(records).told}


@pytest.fixture
def make_feed() -> Callable[..., FhirFeed]:
    """A feed in the zone of New York."""

    def make(**settings: Any) -> FhirFeed:
        always = {"name": "ehr", "files": "*", "reads": "fhir", "time_zone": "America/New_York"}
        return validated(FhirFeed, {**always, **settings}, str)

    return make


@pytest.fixture
def read_files(engine, make_export, make_feed) -> Callable[..., Told]:
    """What is told of files given as `read_files({"a.ndjson": "..."}, **settings)`."""

    def read(files: Mapping[str, str | bytes], **settings: Any) -> Told:
        return Told(engine, read_fhir(make_export(files), make_feed(**settings)))

    return read


@pytest.fixture
def read(read_files) -> Callable[..., Told]:
    """What is told of an export of these resources, in the order of their lines."""

    def read_resources(*resources: Mapping[str, Any], **settings: Any) -> Told:
        lines = "".join(json.dumps(resource) + "\n" for resource in resources)
        return read_files({"export.ndjson.gz": gzip.compress(lines.encode())}, **settings)

    return read_resources


class Resources:
    """Resources with the least they need; what is given comes on top, and None takes an element away."""

    @staticmethod
    def of(kind: str, key: str, updated: str | None = None, **elements: Any) -> dict[str, Any]:
        meta = {"meta": {"lastUpdated": updated}} if updated else {}
        given = {name.rstrip("_"): value for name, value in elements.items() if value is not None}
        return {"resourceType": kind, "id": key, **meta, **given}

    @classmethod
    def patient(cls, key: str = "ann", record: str | None = "R-1001", **elements: Any) -> dict[str, Any]:
        number = [{"use": "usual", "type": MR, "system": "urn:records", "value": record}] if record else None
        always = {"identifier": number, "gender": "female", "birthDate": "1980-05-17"}
        return cls.of("Patient", key, **{**always, **elements})

    @classmethod
    def appointment(
        cls, key: str = "a1", status: str = "booked", *actors: str, **elements: Any
    ) -> dict[str, Any]:
        taking_part = [{"actor": {"reference": actor}} for actor in actors or ("Patient/ann",)]
        always = {
            "status": status,
            "created": "2026-10-01T15:00:00Z",
            "start": "2026-10-20T14:00:00Z",
            "minutesDuration": 50,
            "participant": taking_part,
        }
        return cls.of("Appointment", key, **{**always, **elements})

    @classmethod
    def episode(
        cls, key: str, status: str, start: str | None, end: str | None = None, **more: Any
    ) -> dict[str, Any]:
        period = {"start": start, "end": end} if end else {"start": start}
        always = {
            "status": status,
            "patient": {"reference": "Patient/ann"},
            "period": period if start else None,
        }
        return cls.of("EpisodeOfCare", key, **{**always, **more})

    @classmethod
    def condition(cls, key: str, icd: str, onset: str | None, **more: Any) -> dict[str, Any]:
        always = {
            "code": cls.concept("icd", icd),
            "subject": {"reference": "Patient/ann"},
            "onsetDateTime": onset,
            "recordedDate": onset,
        }
        return cls.of("Condition", key, **{**always, **more})

    @staticmethod
    def concept(system: str, code: str) -> dict[str, Any]:
        return {"coding": [{"system": system, "code": code, "display": "SECRET"}], "text": "SECRET"}


@pytest.fixture
def fhir() -> type[Resources]:
    return Resources
