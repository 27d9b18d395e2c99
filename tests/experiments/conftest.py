"""Hand-made providers of a few people, and the parameters of an experiment among them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from workbench.experiments.counts import ArmOutcome, ExperimentCounts
from workbench.experiments.parameters import ABTest
from workbench.experiments.people import CLOSED
from workbench.tables.cohort import Cohort, Minors, NeededConsent, Purpose, Step
from workbench.tables.known import KnownTables
from workbench.tables.opening import open_tables
from workbench.tables.source import NotRecorded, Source

ASSIGNED = "2026-03-02 09:00"
COLUMNS = {
    "patients": ["patient_id", "birth_year", "enrolled_at"],
    "patient_states": ["patient_id", "diagnosis_group", "valid_from", "known_at"],
    "consents": ["patient_id", "channel", "purpose", "scope", "status", "changed_at"],
    "assignments": ["experiment_id", "patient_id", "arm", "probability", "stratum", "assigned_at"],
    "appointments": ["appointment_id", "patient_id", "status", "booked_at", "known_at"],
}
TYPES = {"birth_year": "Int64", "probability": "float64"}


class HandMade:
    """Canonical tables written row by row. Whoever is assigned is adult and consented, unless told otherwise."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.rows: dict[str, list[dict]] = {name: [] for name in COLUMNS}

    def person(
        self,
        arm: str,
        at: str | None = ASSIGNED,
        *,
        birth_year: int | None = 1980,
        consented: bool = True,
        experiment: str = "greeting",
        probability: float = 0.5,
        stratum: str = "all",
    ) -> str:
        """Somebody new, assigned to an arm."""
        name = f"p{len(self.rows['patients']):04}"
        self.rows["patients"].append(
            {"patient_id": name, "birth_year": birth_year, "enrolled_at": "2025-01-01"}
        )
        if consented:
            self.consent(name, "opt_in", "2026-01-01")
        self.assign(name, arm, at, experiment=experiment, probability=probability, stratum=stratum)
        return name

    def assign(
        self, name: str, arm: str, at: str | None, *, experiment="greeting", probability=0.5, stratum="all"
    ):
        """Somebody known already, assigned to an arm."""
        self.rows["assignments"].append(
            {
                "experiment_id": experiment,
                "patient_id": name,
                "arm": arm,
                "probability": probability,
                "stratum": stratum,
                "assigned_at": at,
            }
        )

    def consent(self, name: str, status: str, at: str, purpose="care", scope="this_kind", channel="sms"):
        """A change of consent."""
        self.rows["consents"].append(
            {
                "patient_id": name,
                "channel": channel,
                "purpose": purpose,
                "scope": scope,
                "status": status,
                "changed_at": at,
            }
        )

    def booking(
        self, name: str, at: str, known_at: str | None = None, status="scheduled", key: str | None = None
    ):
        """A version of an appointment, known when it was booked unless told otherwise."""
        self.rows["appointments"].append(
            {
                "appointment_id": key or f"a{len(self.rows['appointments']):04}",
                "patient_id": name,
                "status": status,
                "booked_at": at,
                "known_at": known_at or at,
            }
        )

    def state(self, name: str, group: str, valid_from: str, known_at: str | None = None):
        """What was known of somebody."""
        self.rows["patient_states"].append(
            {
                "patient_id": name,
                "diagnosis_group": group,
                "valid_from": valid_from,
                "known_at": known_at or valid_from,
            }
        )

    def known(
        self,
        as_of: str = "2026-06-01",
        *,
        minors: Minors = "exclude",
        purpose: Purpose = "care",
        untimed: bool = False,
        **not_recorded: str,
    ) -> KnownTables:
        """Written as Parquet and read through the normal path, for an experiment's cohort."""
        folder = self._root / f"source{len(list(self._root.iterdir()))}"
        folder.mkdir()
        for table, rows in self.rows.items():
            frame = pd.DataFrame(rows, columns=COLUMNS[table])
            for column in frame:
                if column.endswith(("_at", "_from")):
                    frame[column] = pd.to_datetime(frame[column], utc=True, format="ISO8601")
                else:
                    frame[column] = frame[column].astype(TYPES.get(column, "str"))
            if untimed:
                frame = frame.drop(columns=[c for c in ("assigned_at", "booked_at", "known_at") if c in frame])
            frame.to_parquet(folder / f"{table}.parquet")
        if untimed:
            not_recorded["time"] = "It has no times."
        source = Source(title="Hand-made", location=folder.name, not_recorded=NotRecorded(**not_recorded))
        cohort = Cohort(minors, NeededConsent(purpose, "assigned_at", "assignment"), not_recorded)
        return open_tables(source, self._root).known(date.fromisoformat(as_of), cohort)


@pytest.fixture
def tables(tmp_path) -> HandMade:
    return HandMade(tmp_path)


@pytest.fixture(scope="session")
def parameters() -> Callable[..., ABTest]:
    """Parameters of the hand-made experiment, with what a test changes."""

    def make(**changes) -> ABTest:
        usual = {
            "title": "Greeting",
            "audience": ("analysts",),
            "owner": "Outreach analytics",
            "as_of": date(2026, 6, 1),
            "source": "handmade",
            "seed": 1,
            "question": "Does a greeting help?",
            "experiment": "greeting",
            "control": "plain",
            "enrollment_ends": date(2026, 4, 1),
            "segment_by": None,
            "who_must_act": "Nobody, for this is a test.",
        }
        return ABTest(**{**usual, **changes})

    return make


@pytest.fixture
def experiment() -> Callable[..., ExperimentCounts]:
    """Counts of an experiment from (enrolled, closed, events, guardrail events) of each arm, the control first."""

    def make(arms, shares=None, segments=None) -> ExperimentCounts:
        designed = shares or [1 / len(arms)] * len(arms)
        enrolled, closed = (sum(arm[place] for arm in arms.values()) for place in (0, 1))
        return ExperimentCounts(
            control=next(iter(arms)),
            arms=tuple(
                ArmOutcome(name, share, *numbers)
                for (name, numbers), share in zip(arms.items(), designed, strict=True)
            ),
            flow=(Step("assigned", enrolled), Step(CLOSED, closed)),
            enrollment=(),
            segments=pd.DataFrame({"segment": [], "arm": [], "people": [], "events": []})
            if segments is None
            else segments,
            delays=pd.DataFrame({"arm": [], "day": [], "events": []}),
            in_two_arms=0,
            shares_vary=False,
            not_recorded={},
            data_until=None,
        )

    return make
