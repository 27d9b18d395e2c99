"""From tables to the feature frame of a no-show study: the one thing that comes back into memory, and its flow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.no_show.at_risk.features import NUMBERS, WORDS, with_features
from workbench.no_show.at_risk.risk_set import described, studied_appointments, with_zone
from workbench.no_show.decisions.sessions import refuse_unknown_types
from workbench.no_show.effect.eligible import Eligible, load_eligible
from workbench.no_show.parameters import OF_PATIENTS, NoShow
from workbench.no_show.scores.labels import LabelCounts, audit_labels
from workbench.refusal import Fault, Refused
from workbench.tables.cohort import Step, emptied_by
from workbench.tables.conditions import CountedRows
from workbench.tables.known import KnownTables
from workbench.tables.local_time import wall_of
from workbench.tables.reading import read_frame


@dataclass(frozen=True)
class WholeFile:
    """The rows of a foreign file before any was dropped, and what was dropped or is told of them.

    `same_day` and `same_day_missed` count those booked for the same calendar day. `reminded` has one row per kind of
    lead ("all", "long") and reminder (true, false), with appointments and missed; empty where reminders are
    not recorded.
    """

    patients: int
    appointments: int
    missed: int
    same_day: int
    same_day_missed: int
    reminded: pd.DataFrame
    dropped: tuple[CountedRows, ...]
    told: tuple[CountedRows, ...]


@dataclass(frozen=True)
class Appointments:
    """The appointments studied.

    `rows` has one row per appointment, ordered by day: patient (a number without meaning), day, no_show (0 or 1),
    outcome (what became of it after the moment of prediction), period ("training", "calibration" or "test"), the
    features of `features.NUMBERS` and `WORDS`, what is told apart, and its place in a session. No identifier is in it.
    `maturity` is the share of past appointments whose outcome is recorded; `constant` names features without any
    variation in training, which no model uses. `labels` counts, by group, what the outcomes rest on; `eligible` are
    those who could have been reminded, None where nobody asks.
    """

    rows: pd.DataFrame
    flow: tuple[Step, ...]
    maturity: float
    constant: tuple[str, ...]
    data_until: datetime | None
    whole_file: WholeFile | None
    labels: tuple[LabelCounts, ...] = ()
    eligible: Eligible | None = None

    def of(self, period: str) -> pd.DataFrame:
        """The appointments of a period, numbered anew."""
        return self.rows[self.rows["period"] == period].reset_index(drop=True)


# What is read beside the columns needed, where a source has it.
READ_WHERE_THERE = {
    "appointments": ("type", "modality", "reminded", "clinician_id", "duration_minutes"),
    "sessions": ("clinic_id", "clinician_id", "starts_at", "ends_at", "capacity"),
    "messages": ("patient_id", "kind", "status", "sent_at"),
    "replies": ("patient_id", "intent", "received_at"),
    "patients": ("patient_id", "birth_year", "sex", "language", "time_zone"),
    "assignments": ("experiment_id", "patient_id", "arm", "assigned_at", "cluster_id", "stratum"),
    "consents": ("patient_id", "channel", "purpose", "scope", "status", "changed_at"),
    "patient_states": ("patient_id", "diagnosis_group", "treatment_phase", "valid_from", "known_at"),
}


def needed_columns(settings: NoShow, recorded: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Tables and columns a no-show study reads.

    Args:
        settings: the parameters.
        recorded: whether the source records "consent", "age", "time" and "hour".
    """
    needed: dict[str, tuple[str, ...]] = {
        "appointments": (
            "appointment_id",
            "patient_id",
            "clinic_id",
            "booked_at",
            "starts_at",
            "status",
            "known_at",
        ),
        "clinics": ("clinic_id", "time_zone"),
    }
    people: list[str] = [name for name in OF_PATIENTS if name in settings.subgroups]
    if recorded["age"] and (settings.minors != "include" or "age_band" in settings.subgroups):
        people.append("birth_year")
    if people:
        needed["patients"] = ("patient_id", *people)
    if recorded["consent"]:
        needed["consents"] = ("patient_id", "channel", "purpose", "scope", "status", "changed_at")
    states = [name for name in ("diagnosis_group", "treatment_phase") if name in settings.subgroups]
    if states:
        needed["patient_states"] = ("patient_id", *states, "valid_from", "known_at")
    return needed


def load_appointments(known: KnownTables, settings: NoShow) -> Appointments:
    """The appointments studied with their features, as known by `known.as_of`.

    Raises:
        Refused: nobody is left in the cohort, or in one of training, calibration and test.
    """
    studied = studied_appointments(known, settings)
    flow, everything = _with_dropped(known, studied.flow), studied.rows
    chosen = described(everything)
    _refuse_empty(flow, chosen, settings)
    features = with_features(known, everything, chosen, settings)
    rows = read_frame(features.order_by("day", "appointment_id").drop("appointment_id"))
    # Engines number in whole numbers of different widths.
    rows["patient"] = rows["patient"].astype("int64")
    rows["period"] = _periods(rows["day"], settings)
    training = rows[rows["period"] == "training"]
    constant = tuple(name for name in (*NUMBERS, *WORDS) if training[name].nunique(dropna=False) < 2)
    past = everything.filter(everything["over"] & everything["at_risk"])
    newest = known.table("appointments")["known_at"].max().execute()
    return Appointments(
        rows=rows,
        flow=flow,
        maturity=float(past["recorded"].cast("float64").mean().execute()),
        constant=constant,
        data_until=None if pd.isna(newest) else pd.Timestamp(newest).to_pydatetime(),
        whole_file=_whole_file(known, settings),
        labels=audit_labels(known, everything, settings),
        eligible=load_eligible(known, settings),
    )


def check_no_show(known: KnownTables, settings: NoShow) -> None:
    """Refuse a study that cannot be made, by cheap queries, before anything long starts."""
    if known.source.not_recorded.time is not None:
        raise Refused(
            Fault(
                "source",
                "it records no times, which a prediction before an appointment needs.",
                "Take another source.",
            )
        )
    refuse_unknown_types(known, settings)
    studied = studied_appointments(known, settings)
    _refuse_empty(_with_dropped(known, studied.flow), described(studied.rows), settings)


def _periods(days: pd.Series, settings: NoShow) -> np.ndarray:
    test = days >= pd.Timestamp(settings.test_from)
    calibration = ~test & (days >= pd.Timestamp(settings.test_from - timedelta(days=settings.calibration_days)))
    return np.select([test, calibration], ["test", "calibration"], "training")


def _with_dropped(known: KnownTables, flow: tuple[Step, ...]) -> tuple[Step, ...]:
    """The flow, with what was dropped of a foreign file before it."""
    dropped = _dropped_steps(known)
    return (*dropped, *(flow[1:] if dropped and dropped[-1].left == flow[0].left else flow))


def _dropped_steps(known: KnownTables) -> tuple[Step, ...]:
    mapped = known.mapped("appointments")
    if not mapped.dropped:
        return ()
    left = int(mapped.whole.count().execute())
    steps = [Step("rows of the file", left)]
    for dropped in mapped.dropped:
        left -= dropped.rows
        steps.append(Step(f"without those {dropped.reason}", left))
    return tuple(steps)


def _refuse_empty(flow: tuple[Step, ...], chosen: ir.Table, settings: NoShow) -> None:
    emptied = emptied_by(flow)
    if emptied is not None:
        what = f'no appointment is left at the step "{emptied}".'
        raise Refused(Fault("appointments", what, "Correct the parameters or the data."))
    days = chosen.group_by("day").agg(people=lambda rows: rows.count()).execute()
    found = set(_periods(pd.to_datetime(days["day"]), settings))
    for period, mend in (
        ("training", "Choose a later test_from, or fewer calibration_days."),
        ("calibration", "Choose more calibration_days, or another test_from."),
        ("test", "Choose an earlier test_from, or a later as_of."),
    ):
        if period not in found:
            raise Refused(Fault("test_from", f"no appointment falls into the {period}.", mend))


def _whole_file(known: KnownTables, settings: NoShow) -> WholeFile | None:
    mapped = known.mapped("appointments")
    if not (mapped.dropped or mapped.told):
        return None
    whole = with_zone(known, mapped.whole)
    day, booked = (wall_of(whole[name], whole["time_zone"]).date() for name in ("starts_at", "booked_at"))
    missed = (whole["status"] == "no_show").cast("int64")
    same = (day == booked).cast("int64")
    counts = whole.agg(
        appointments=whole.count(),
        patients=whole["patient_id"].nunique(),
        missed=missed.sum(),
        same_day=same.sum(),
        same_day_missed=(same * missed).sum(),
    ).execute()
    found = {name: int(counts[name].iloc[0]) for name in counts.columns}
    long = day.delta(booked, unit="day") >= settings.reminded_from_lead_days
    return WholeFile(
        **found,
        reminded=_by_reminder(whole.mutate(missed=missed, long=long)),
        dropped=mapped.dropped,
        told=mapped.told,
    )


def _by_reminder(whole: ir.Table) -> pd.DataFrame:
    if "reminded" not in whole.columns:
        return pd.DataFrame({"leads": [], "reminded": [], "appointments": [], "missed": []})
    counted = whole.group_by("long", "reminded").agg(appointments=whole.count(), missed=whole["missed"].sum())
    cells = counted.execute()
    both = pd.concat([cells.assign(leads="all"), cells[cells["long"]].assign(leads="long")])
    summed = both.groupby(["leads", "reminded"], as_index=False)[["appointments", "missed"]].sum()
    return summed.sort_values(["leads", "reminded"], ascending=[True, False], ignore_index=True)
