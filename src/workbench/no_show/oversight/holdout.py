"""Who is held out: patients drawn by lot whom nobody acts on by their risk.

A model that is acted on changes what it predicted: calls prevent no-shows, and the better they do, the more the model
looks as if it had drifted. Of those who are held out the outcomes are as they would have been.
"""

from collections.abc import Iterable

from workbench.no_show.parameters import NoShow
from workbench.refusal import Fault, Refused
from workbench.tables.lot import lot


def is_held_out(patient_id: str, settings: NoShow) -> bool:
    """Whether a patient is held out: the same on every day, by seed and pseudonym alone."""
    return lot(settings.seed, "no-show holdout", patient_id) < settings.holdout_share


def held_out(patient_ids: Iterable[str], settings: NoShow) -> list[bool]:
    """The same for many, in their order."""
    asked = list(patient_ids)
    drawn = {patient_id: is_held_out(patient_id, settings) for patient_id in set(asked)}
    return [drawn[patient_id] for patient_id in asked]


def refuse_unapproved(settings: NoShow) -> None:
    """Refuse to hold anybody out without a decision of those who answer for it."""
    if settings.holdout_share and settings.ethics_reference is None:
        what = "nobody is held out by lot without the number of a decision by those who answer for ethics."
        mend = "Name it in the parameters, or set holdout_share: 0; then success cannot be told from drift."
        raise Refused(Fault("ethics_reference", what, mend))
