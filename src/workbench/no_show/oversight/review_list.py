"""The daily review list: whom to look at and call, by risk, within what the staff can do, and who is held out of it."""

from dataclasses import dataclass

import pandas as pd

from workbench.no_show.oversight.holdout import held_out
from workbench.no_show.oversight.reasons import MOST_REASONS, Predicts, Reference, reasons
from workbench.no_show.parameters import NoShow
from workbench.tables.lot import lot

WHAT = ["patient_id", "appointment_id", "clinic_id", "starts_at", "clinic_time", "risk"]
REASONS = [f"reason_{place}" for place in range(1, MOST_REASONS + 1)]


@dataclass(frozen=True)
class ReviewList:
    """Who is on it, and who is not to be acted on.

    Attributes:
        rows: patient_id, appointment_id, clinic_id, starts_at, clinic_time, risk (to three digits), rank (from 1),
            reason_1 to reason_3 (empty where there are fewer); at most `calls_per_day` rows.
        holdout: the same without rank and reasons, of all appointments of people held out, whatever their risk.
        booked: how many appointments were predicted.
        patients: of how many people.
    """

    rows: pd.DataFrame
    holdout: pd.DataFrame
    booked: int
    patients: int


def review_list(booked: pd.DataFrame, model: Predicts, reference: Reference, settings: NoShow) -> ReviewList:
    """Rank appointments by risk, ties by lot; people who are held out take no place.

    Args:
        booked: from `booked_on`.
        model: the approved model.
        reference: what is usual, for the reasons.
        settings: capacity, holdout and seed.
    """
    if booked.empty:
        empty = pd.DataFrame(columns=WHAT)
        return ReviewList(empty.reindex(columns=[*WHAT, "rank", *REASONS]), empty, 0, 0)
    predicted = booked.assign(
        risk=model.probability(booked),
        _out=held_out(booked["patient_id"], settings),
        _lot=[lot(settings.seed, "no-show rank", name) for name in booked["appointment_id"]],
    )
    acted = predicted[~predicted["_out"]].sort_values(["risk", "_lot"], ascending=[False, True])
    acted = acted.head(settings.calls_per_day).reset_index(drop=True)
    told = reasons(model, acted, reference)
    filled = [(*each, *[""] * (MOST_REASONS - len(each))) for each in told]
    rows = acted[WHAT].assign(risk=acted["risk"].round(3), rank=range(1, len(acted) + 1))
    rows[REASONS] = pd.DataFrame(filled, columns=REASONS, index=rows.index, dtype="str")
    return ReviewList(
        rows=rows,
        holdout=predicted.loc[predicted["_out"], WHAT].reset_index(drop=True),
        booked=len(booked),
        patients=booked["patient_id"].nunique(),
    )
