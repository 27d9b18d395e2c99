"""Hand-made providers of a few people, and the parameters of an experiment among them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from workbench.experiments.counting.counts import ExperimentCounts
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.metrics import USUAL_METRICS
from workbench.experiments.parameters import ABTest
from workbench.tables.cohort import Cohort, Minors, NeededConsent, Purpose
from workbench.tables.known import KnownTables
from workbench.tables.opening import open_tables
from workbench.tables.source import NotRecorded, Source

ASSIGNED = "2026-03-02 09:00"
COLUMNS = {
    "patients": ["patient_id", "birth_year", "enrolled_at", "ended_at", "deceased_at"],
    "patient_states": ["patient_id", "diagnosis_group", "valid_from", "known_at"],
    "consents": ["patient_id", "channel", "purpose", "scope", "status", "changed_at"],
    "assignments": [
        "experiment_id",
        "patient_id",
        "cluster_id",
        "arm",
        "probability",
        "epoch",
        "stratum",
        "assigned_at",
    ],
    "appointments": [
        "appointment_id",
        "patient_id",
        "status",
        "booked_at",
        "starts_at",
        "message_id",
        "known_at",
    ],
    "messages": ["message_id", "patient_id", "campaign_id", "kind", "sent_at", "status", "known_at"],
    "replies": ["reply_id", "patient_id", "received_at", "intent"],
    "surveys": ["response_id", "patient_id", "instrument", "score", "responded_at"],
}
TYPES = {"birth_year": "Int64", "probability": "float64", "epoch": "Int64", "score": "float64"}


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
        cluster: str | None = None,
        epoch: int | None = None,
        ended_at: str | None = None,
        deceased_at: str | None = None,
    ) -> str:
        """Somebody new, assigned to an arm."""
        name = f"p{len(self.rows['patients']):04}"
        self.rows["patients"].append(
            {
                "patient_id": name,
                "birth_year": birth_year,
                "enrolled_at": "2025-01-01",
                "ended_at": ended_at,
                "deceased_at": deceased_at,
            }
        )
        if consented:
            self.consent(name, "opt_in", "2026-01-01")
        self.assign(
            name,
            arm,
            at,
            experiment=experiment,
            probability=probability,
            stratum=stratum,
            cluster=cluster,
            epoch=epoch,
        )
        return name

    def assign(
        self,
        name: str,
        arm: str,
        at: str | None,
        *,
        experiment="greeting",
        probability=0.5,
        stratum="all",
        cluster=None,
        epoch=None,
    ):
        """Somebody known already, assigned to an arm."""
        self.rows["assignments"].append(
            {
                "experiment_id": experiment,
                "patient_id": name,
                "arm": arm,
                "probability": probability,
                "stratum": stratum,
                "cluster_id": cluster,
                "epoch": epoch,
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
        self,
        name: str,
        at: str,
        known_at: str | None = None,
        status="scheduled",
        key: str | None = None,
        starts_at: str | None = None,
        message: str | None = None,
    ):
        """A version of an appointment, known when it was booked unless told otherwise."""
        self.rows["appointments"].append(
            {
                "appointment_id": key or f"a{len(self.rows['appointments']):04}",
                "patient_id": name,
                "status": status,
                "booked_at": at,
                "starts_at": starts_at,
                "message_id": message,
                "known_at": known_at or at,
            }
        )

    def text(self, name: str, at: str, status="delivered", campaign="greeting"):
        """A text sent."""
        key = f"m{len(self.rows['messages']):04}"
        row = {"message_id": key, "patient_id": name, "campaign_id": campaign, "kind": "reminder"}
        self.rows["messages"].append({**row, "sent_at": at, "status": status, "known_at": at})

    def reply(self, name: str, at: str):
        """A text received."""
        key = f"r{len(self.rows['replies']):04}"
        self.rows["replies"].append({"reply_id": key, "patient_id": name, "received_at": at, "intent": "other"})

    def answer(self, name: str, at: str, score: float, instrument="PHQ-9"):
        """A survey answered."""
        key = f"s{len(self.rows['surveys']):04}"
        row = {"response_id": key, "patient_id": name, "instrument": instrument}
        self.rows["surveys"].append({**row, "score": score, "responded_at": at})

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
                times = ("assigned_at", "booked_at", "starts_at", "sent_at", "known_at")
                frame = frame.drop(columns=[name for name in times if name in frame])
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
            "cure_model": False,
            "who_must_act": "Nobody, for this is a test.",
        }
        return ABTest(**{**usual, **changes})

    return make


@pytest.fixture
def experiment(parameters) -> Callable[..., ExperimentCounts]:
    """Counts of an experiment from (enrolled, closed, events, guardrail events) of each arm, the control first.

    Without guardrail events there is no guardrail. `segments` gives each arm's (people, events) by segment.
    """

    def make(arms, shares=None, segments=None) -> ExperimentCounts:
        guarded = all(numbers[3] is not None for numbers in arms.values())
        settings = parameters(control=next(iter(arms)), **({} if guarded else {"metrics": USUAL_METRICS[:1]}))
        given = {
            arm: GivenArm(
                enrolled,
                closed,
                {"bookings": events, "opt-outs": guardrail},
                segments=(segments or {}).get(arm, {}),
            )
            for arm, (enrolled, closed, events, guardrail) in arms.items()
        }
        return given_counts(settings, given, dict(zip(arms, shares, strict=True)) if shares else None)

    return make
