"""The parameters of a plan with what a test changes, and clinics of a few people made by hand."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.planning.people import declared_cohort
from workbench.tables.known import KnownTables
from workbench.tables.opening import open_tables
from workbench.tables.source import Source


@pytest.fixture(scope="session")
def planned() -> Callable[..., ExperimentPlan]:
    def make(**changes) -> ExperimentPlan:
        usual = {
            "title": "Invitation",
            "audience": ("analysts",),
            "owner": "Outreach analytics",
            "as_of": date(2026, 6, 1),
            "source": "handmade",
            "seed": 7,
            "question": "Does it help?",
            "experiment": "invitation",
            "arms": {"usual": 0.5, "new": 0.5},
            "control": "usual",
            "expected_effect": 0.02,
            "effect_sd": 0.01,
            "segment_by": None,
            "simulated_experiments": 2_500,
            "who_must_act": "Nobody, for this is a test.",
        }
        return ExperimentPlan(**{**usual, **changes})

    return make


COLUMNS = {
    "patients": [
        *("patient_id", "birth_year", "time_zone", "household_id"),
        *("enrolled_at", "ended_at", "deceased_at", "do_not_text"),
    ],
    "patient_states": [
        *("patient_id", "clinic_id", "diagnosis_group", "treatment_phase", "valid_from", "known_at"),
    ],
    "consents": ["patient_id", "channel", "purpose", "scope", "status", "source", "changed_at"],
    "messages": ["message_id", "patient_id", "kind", "status", "sent_at", "known_at"],
    "assignments": ["experiment_id", "patient_id", "arm", "probability", "assigned_at"],
    "appointments": ["appointment_id", "patient_id", "status", "booked_at", "known_at"],
}
TYPES = {"birth_year": "Int64", "probability": "float64", "do_not_text": "bool"}


class Clinic:
    """Canonical tables written row by row. Whoever is there may be texted, unless told otherwise."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.rows: dict[str, list[dict]] = {name: [] for name in COLUMNS}

    def _add(self, table: str, **values) -> None:
        self.rows[table].append(dict.fromkeys(COLUMNS[table]) | values)

    def person(
        self, *, phase="lapsed", since="2026-01-01", consent="opt_in", group="anxiety", **changed
    ) -> str:
        name = f"p{len(self.rows['patients']):04}"
        usual = {"birth_year": 1980, "time_zone": "America/Chicago", "enrolled_at": "2025-01-01"}
        self._add("patients", patient_id=name, **{**usual, "do_not_text": False, **changed})
        state = {"clinic_id": "lakeside", "diagnosis_group": group, "treatment_phase": phase}
        self._add("patient_states", patient_id=name, **state, valid_from=since, known_at=since)
        if consent:
            self.consents(name, consent, "2025-01-02")
        return name

    def consents(self, name: str, status: str, at: str) -> None:
        told = {"channel": "sms", "purpose": "care", "scope": "this_kind", "source": "web"}
        self._add("consents", patient_id=name, **told, status=status, changed_at=at)

    def text(self, name: str, at: str, kind="re_engagement", status="delivered") -> None:
        key = f"m{len(self.rows['messages']):04}"
        self._add(
            "messages", message_id=key, patient_id=name, kind=kind, status=status, sent_at=at, known_at=at
        )

    def books(self, name: str, at: str, known_at: str | None = None) -> None:
        key = f"a{len(self.rows['appointments']):04}"
        told = {"status": "scheduled", "booked_at": at, "known_at": known_at or at}
        self._add("appointments", appointment_id=key, patient_id=name, **told)

    def assigned(self, name: str, experiment: str, at: str) -> None:
        self._add(
            "assignments", experiment_id=experiment, patient_id=name, arm="a", probability=0.5, assigned_at=at
        )

    def known(self, plan: ExperimentPlan) -> KnownTables:
        folder = self._root / f"source{len(list(self._root.iterdir()))}"
        folder.mkdir()
        for table, rows in self.rows.items():
            frame = pd.DataFrame(rows, columns=COLUMNS[table])
            for column in frame:
                if column.endswith(("_at", "_from")):
                    frame[column] = pd.to_datetime(frame[column], utc=True, format="ISO8601")
                else:
                    frame[column] = frame[column].astype(TYPES.get(column, "str"))
            frame.to_parquet(folder / f"{table}.parquet")
        source = Source(title="Hand-made", location=folder.name)
        return open_tables(source, self._root).known(plan.as_of, declared_cohort(plan))


@pytest.fixture
def clinic(tmp_path) -> Clinic:
    return Clinic(tmp_path)
