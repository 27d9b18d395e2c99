"""Appointments of another source, to train a model that is taken here."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd

from workbench.no_show.at_risk.features import with_features
from workbench.no_show.at_risk.risk_set import described, studied_appointments
from workbench.no_show.parameters import NoShow
from workbench.parameters.base import Unrecorded
from workbench.refusal import Fault, Refused
from workbench.tables.cohort import Cohort
from workbench.tables.opening import open_source
from workbench.tables.reading import read_frame

# Longer than any provider's records.
ALL_DAYS = 36_500
WHY = "What one of the two places does not record is left out of the model that is taken from one to the other."


@dataclass(frozen=True)
class Elsewhere:
    """Another source's name and its appointments, one row each as in `Appointments.rows`, without periods."""

    source: str
    rows: pd.DataFrame


def load_elsewhere(settings: NoShow, root: Path | None = None) -> Elsewhere | None:
    """All appointments of `transport_source` with a recorded outcome, at risk as in the study; None without a source.

    Raises:
        Refused: the source is not there, records no times, or holds no such appointment.
        DataAbsent: its data are not on this machine.
    """
    name = settings.transport_source
    if name is None:
        return None
    tables = open_source(name, root)
    unrecorded = tables.source.not_recorded
    if unrecorded.time is not None:
        raise Refused(
            Fault(
                "transport_source",
                "it records no times, which a prediction before an appointment needs.",
                "Take another source, or none.",
            )
        )
    kinds: tuple[Unrecorded, ...] = ("consent", "age", "hour")
    missing = {kind: WHY for kind in kinds if getattr(unrecorded, kind) is not None}
    cohort = Cohort(settings.minors, goes_on_without=missing, told_as="of {}")
    known = tables.known(settings.as_of, cohort)
    everything = settings.model_copy(
        update={
            "test_from": settings.as_of - timedelta(days=settings.recording_lag_days),
            "training_days": ALL_DAYS,
        }
    )
    studied = studied_appointments(known, everything).rows
    rows = with_features(known, studied, described(studied), everything)
    frame = read_frame(rows.order_by("day", "appointment_id").drop("appointment_id"))
    if frame.empty:
        raise Refused(
            Fault(
                "transport_source",
                "it holds no appointment with a recorded outcome.",
                "Take another source, or none.",
            )
        )
    return Elsewhere(name, frame.astype({"patient": "int64"}))
