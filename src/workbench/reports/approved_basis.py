"""What a list rests on when it is handed back: an approved model, an approved study, or replies as they came."""

from workbench.ingest.listed_people import PeopleList
from workbench.refusal import Fault, Refused
from workbench.reports.model_approval import approved_model
from workbench.reports.store import Store
from workbench.reports.version import Version

# The parameter of a study by which the list of an experiment, or of segments, is told to be its own.
_NAMED_IN = {"experiment": "experiment", "segments": "save_as"}


def approved_basis(listed: PeopleList, study: str | None, store: Store) -> str:
    """What the list rests on, in words, as it is recorded.

    Args:
        listed: the list.
        study: a version, or a parameter set of which the newest approved one counts; needed where the list comes from
            an experiment or from segments.
        store: the report store.

    Raises:
        Refused: the model or the study was approved by nobody, or withdrawn; the study is another, or none is named.
    """
    if listed.rests_on in _NAMED_IN:
        if study is None:
            what = "no study is named, by whose approval these people may be turned to."
            raise Refused(Fault(listed.label, what, "Name its approved version by --study."))
        return str(_approved_version(listed, study, store))
    if study is not None:
        what = (
            "it rests on a model." if listed.rests_on == "model" else "it holds replies, and rests on no study."
        )
        raise Refused(Fault(listed.label, what, "Leave --study out."))
    if listed.rests_on == "model":
        return f"model {approved_model(store, listed.about).card.hash}"
    return "replies as they came"


def _approved_version(listed: PeopleList, study: str, store: Store) -> Version:
    named = store.find(study)
    manifest = named.manifest
    of_set = study == f"{manifest.study}/{manifest.name}"
    candidates = store.versions(manifest.study, manifest.name) if of_set else [named]
    fit = [each for each in candidates if each.approved and not each.withdrawn]
    if not fit:
        what = "a person approved no version of it that still stands."
        raise Refused(Fault(study, what, "Let one of the approvers decide: workbench reports approve"))
    version = store.find_whole(str(fit[0]))
    parameters, name = version.manifest.parameters, _NAMED_IN[listed.rests_on]
    if version.manifest.source != listed.source or parameters.get(name) != listed.about:
        what = f"it is not the study of this list: its source or its {name} is another."
        raise Refused(Fault(study, what, "Name the study that the list comes from."))
    return version
