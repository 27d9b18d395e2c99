"""Making a model, and a day's list by an approved one: from a source to what is kept, as the study does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from workbench.no_show.analysis import Analysis, analyze
from workbench.no_show.at_risk.frame import check_no_show, load_appointments
from workbench.no_show.at_risk.risk_set import declared_cohort
from workbench.no_show.models.recalibrated import Recalibrated
from workbench.no_show.oversight.booked import booked_on
from workbench.no_show.oversight.holdout import refuse_unapproved
from workbench.no_show.oversight.kept_models import ModelManifest, read_model
from workbench.no_show.oversight.list_files import write_list
from workbench.no_show.oversight.reasons import Reference, reference_of
from workbench.no_show.oversight.review_list import ReviewList, review_list
from workbench.no_show.parameters import NoShow
from workbench.no_show.verdict import NoShowVerdict, decide
from workbench.refusal import Fault, Refused
from workbench.tables.opening import open_source

# In UTC today may be yesterday where the clinic is.
LATEST_DAYS = 1
# What a model's features and moments are made by: a list made by others would feed it what it never learned from.
BINDING = (
    "source",
    "minors",
    "goes_on_without",
    "decide_days_before",
    "history_days",
    "reminded_from_lead_days",
)


@dataclass(frozen=True)
class MadeModel:
    """A model, what is usual of each feature, and the study that tells how good it is."""

    model: Recalibrated
    reference: Reference
    analysis: Analysis
    verdict: NoShowVerdict


def make_model(settings: NoShow, root: Path, report: Callable[[str], None]) -> MadeModel:
    """Train, recalibrate and test the model that the study chooses.

    Raises:
        Refused: what the study would refuse.
        DataAbsent: the source's data are not on this machine.
    """
    known = open_source(settings.source, root).known(settings.as_of, declared_cohort(settings))
    check_no_show(known, settings)
    report("reading the appointments")
    analysis = analyze(load_appointments(known, settings), settings, report=report)
    return MadeModel(
        model=analysis.development.models[analysis.chosen],
        reference=reference_of(analysis.appointments.of("training")),
        analysis=analysis,
        verdict=decide(analysis),
    )


def make_list(settings: NoShow, hash: str, day: date, today: date, root: Path) -> tuple[ReviewList, Path]:
    """Make and write the list of a day by a model that was found to be approved; the list, and its folder.

    Raises:
        Refused: nobody allowed the holdout, the day is past, the model was made by other parameters or is not the one
            of the hash, nothing is booked, or the list was made already.
        DataAbsent: the source's data are not on this machine.
    """
    refuse_unapproved(settings)
    kept = read_model(hash, root)
    _refuse_other(kept.manifest, settings)
    tables = open_source(settings.source, root)
    if not tables.source.simulated and day < today - timedelta(days=LATEST_DAYS):
        what = f"{day} is past: what became of these appointments is known already."
        raise Refused(Fault("--day", what, "Name today's date."))
    booked = booked_on(tables, settings, day)
    if booked.empty:
        what = "no appointment that is still booked is predicted on that day."
        raise Refused(Fault("--day", what, "Choose another day, or bring the appointments up to date."))
    made = review_list(booked, kept.model, kept.manifest.reference, settings)
    return made, write_list(made, hash, day, settings, root)


def _refuse_other(manifest: ModelManifest, settings: NoShow) -> None:
    mine = settings.as_values()
    faults = [
        Fault(f"key {name}", "the model was made by another value.", "Make and approve a model by this one.")
        for name in BINDING
        if manifest.parameters.get(name) != mine[name]
    ]
    if faults:
        raise Refused(*faults)
