"""A provider of forty people in whose tables nothing is wrong, so that a test may plant one fault at a time."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from workbench.tables.cohort import Cohort
from workbench.tables.known import KnownTables, Tables
from workbench.tables.quality.asking import CHECKS, ask
from workbench.tables.quality.days import (
    LARGEST_DRIFT,
    MOST_MISSING,
    USUAL_ROWS,
    count_days,
    gap_answers,
    missing_answers,
)
from workbench.tables.schema import TABLES
from workbench.tables.source import Source
from workbench.tables.validation import schema_answers

Row = dict[str, Any]
Provider = dict[str, list[Row]]

PEOPLE = 40
WEEKS = 8
DAY = date(2026, 6, 1)
START = datetime(2026, 3, 2, 15, tzinfo=UTC)  # a Monday, mid-morning in America
ARROW = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_()}


def clean_provider() -> Provider:
    """Rows of every table, by table: each person has a text, a reply, an appointment and a survey every week."""
    tables: Provider = {name: [] for name in TABLES}
    tables["clinics"] = [
        {"clinic_id": f"c{at}", "time_zone": zone}
        for at, zone in enumerate(("America/New_York", "America/Chicago"))
    ]
    for at in range(PEOPLE):
        _add_person(tables, f"p{at:02d}", at)
    for week in range(WEEKS):
        begins = START + timedelta(weeks=week)
        session = {"clinic_id": "c0", "clinician_id": "k0", "starts_at": begins, "capacity": 4}
        tables["sessions"].append(session | {"ends_at": begins + timedelta(hours=4)})
    return tables


def _add_person(tables: Provider, person: str, at: int) -> None:
    enrolled = START - timedelta(days=100)
    tables["patients"].append(
        {
            "patient_id": person,
            "birth_year": 1950 + at,
            "sex": "female",
            "language": "en",
            "time_zone": tables["clinics"][at % 2]["time_zone"],
            "enrolled_at": enrolled,
            "ended_at": None,
            "deceased_at": None,
            "do_not_text": False,
        }
    )
    tables["patient_states"].append(
        {
            "patient_id": person,
            "clinic_id": f"c{at % 2}",
            "diagnosis_group": "mood",
            "treatment_phase": "active",
            "therapy_type": "talking therapy",
            "valid_from": enrolled,
            "known_at": enrolled + timedelta(days=1),
        }
    )
    for purpose in ("care", "survey"):
        change = {"patient_id": person, "channel": "sms", "purpose": purpose, "scope": "this_kind"}
        tables["consents"].append(change | {"status": "opt_in", "changed_at": enrolled + timedelta(hours=1)})
    tables["assignments"].append(
        {
            "experiment_id": "wording",
            "patient_id": person,
            "arm": ("generic", "warm")[at % 2],
            "probability": 0.5,
            "assigned_at": START - timedelta(days=1),
        }
    )
    for week in range(WEEKS):
        _add_week(tables, person, f"{person}-{week}", START + timedelta(weeks=week, minutes=at), week, at)


def _add_week(tables: Provider, person: str, key: str, moment: datetime, week: int, at: int) -> None:
    kinds = ("reminder", "medication", "re_engagement", "survey", "education")
    tables["messages"].append(
        {
            "message_id": f"m{key}",
            "patient_id": person,
            "kind": kinds[week % len(kinds)],
            "template_id": "t1",
            "sent_at": moment,
            "status": "delivered",
            "error_code": None,
            "known_at": moment + timedelta(minutes=1),
            "parts": 1,
        }
    )
    tables["replies"].append(
        {
            "reply_id": f"r{key}",
            "message_id": f"m{key}",
            "patient_id": person,
            "received_at": moment + timedelta(hours=1),
            "intent": "confirm",
        }
    )
    starts = moment + timedelta(days=3)
    tables["appointments"].append(
        {
            "appointment_id": f"a{key}",
            "patient_id": person,
            "clinic_id": f"c{at % 2}",
            "type": "therapy",
            "booked_at": moment,
            "starts_at": starts,
            "duration_minutes": 50,
            "status": "attended",
            "canceled_by": None,
            "known_at": starts + timedelta(hours=2),
            "message_id": f"m{key}",
        }
    )
    tables["surveys"].append(
        {
            "response_id": f"s{key}",
            "patient_id": person,
            "message_id": f"m{key}",
            "instrument": ("PHQ-9", "GAD-7")[at % 2],
            "score": 9.0,
            "responded_at": moment + timedelta(hours=2),
        }
    )


def arrow_table(name: str, rows: list[Row]) -> pa.Table:
    """The rows with the declared types; a column counts as there where any row names it."""
    columns = {column for row in rows for column in row}
    made = {}
    for column, declared in TABLES[name].columns.items():
        if column in columns:
            kind = ARROW.get(str(declared.dtype.type), pa.timestamp("us", tz="UTC"))
            made[column] = pa.array([row.get(column) for row in rows], type=kind)
    return pa.table(made)


def open_provider(provider: Provider, not_recorded: dict[str, str] | None = None, **odd: pa.Table) -> Tables:
    """The provider's tables in an engine of their own; `odd` replaces tables by ones of other types."""
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    made = {
        name: engine.create_table(name, odd.get(name, arrow_table(name, rows)), temp=True)
        for name, rows in provider.items()
        if rows or name in odd
    }
    source = {"title": "Rows", "location": "nowhere", "not_recorded": not_recorded or {}}
    return Tables(Source.model_validate(source), made)


def found_in(known: KnownTables, changed: set[str]) -> dict[str, int]:
    """The rows that each rule found concerned, by the rule's name; rules that hold are left out.

    Asked are the rules that read a table that was changed: others answer as they do where nothing is wrong.
    """
    names = [name for name in known.names if name in changed]
    days = count_days(known, DAY, names)
    answers = [
        *schema_answers(known, names),
        *ask(known, known.moment, [check for check in CHECKS if changed & set(check.needs)]),
        *missing_answers(days, MOST_MISSING, LARGEST_DRIFT),
        *gap_answers(days, USUAL_ROWS),
    ]
    return {a.rule.name: a.counts.concerned for a in answers if a.counts is not None and a.counts.concerned}


@pytest.fixture
def provider() -> Provider:
    """A provider to plant a fault in."""
    return clean_provider()


@pytest.fixture
def found() -> Callable[..., dict[str, int]]:
    """What the rules find: `found(provider)`, as known by 1 June 2026 unless told otherwise."""
    untouched = clean_provider()

    def look(provider: Provider, day: date = DAY, whole: bool = False, **given: Any) -> dict[str, int]:
        changed = {name for name in provider if whole or given or provider[name] != untouched[name]}
        tables = open_provider(provider, **given)
        reasons = dict.fromkeys(tables.source.not_recorded.named(), "It is told by other means.")
        return found_in(tables.known(day, Cohort("include", goes_on_without=reasons)), changed)

    return look


@pytest.fixture(scope="session")
def opened() -> Callable[..., Tables]:
    """Opens a provider's tables: `opened(provider, not_recorded={...})`."""
    return open_provider
