"""What is checked before a kernel starts: the parameters against the source, its tables, its cohort."""

from pathlib import Path

from workbench.parameters.sets import ParameterSet
from workbench.refusal import Fault, Refused
from workbench.runs.studies import STUDIES, Recorded, Study
from workbench.tables.cohort import reason_faults
from workbench.tables.known import Tables
from workbench.tables.opening import open_tables
from workbench.tables.source import DataAbsent, Source, read_source, source_path
from workbench.tables.validation import require

UNRECORDED = ("consent", "age", "time", "hour", "no_show")


def check_set(chosen: ParameterSet, root: Path) -> Tables:
    """Open the source of a parameter set and check everything the study rests on, in every combination of a grid.

    Raises:
        Refused: with what is wrong.
        DataAbsent: the source's data are not on this machine.
    """
    faults: list[Fault] = []
    opened = []
    for each in chosen.singly():
        try:
            opened.append(_check_one(each, root))
        except Refused as refused:
            faults += refused.faults
    if faults:
        # What is wrong with the source is wrong in every combination.
        raise Refused(*dict.fromkeys(faults))
    return opened[0]


def _check_one(chosen: ParameterSet, root: Path) -> Tables:
    study = STUDIES[chosen.study]
    where = chosen.where("source")
    try:
        source = read_source(source_path(chosen.parameters.source, root), root)
        require_recorded(study, source)
        require_reasons(chosen, source)
        tables = open_tables(source, root)
        require(tables, study.needs(chosen.parameters, recorded(source)))
        known = tables.known(chosen.parameters.as_of, study.cohort(chosen.parameters))
        study.check(known, chosen.parameters)
    except Refused as refused:
        raise Refused(*(_placed(fault, where, chosen) for fault in refused.faults)) from None
    except DataAbsent:
        raise
    except Exception as error:  # noqa: BLE001 - engines raise errors of many kinds
        raise Refused(unqueried(where, error)) from None
    return tables


def unqueried(where: str, error: Exception) -> Fault:
    """An error of the engine, by its kind alone: its own message may quote rows."""
    what = f"the source's tables cannot be queried ({type(error).__name__})."
    return Fault(where, what, "Export its files again, or look at them in JupyterLab.")


def recorded(source: Source) -> Recorded:
    """Whether the source records consent, age, time, hour and no-shows."""
    missing = source.not_recorded.named()
    return {name: name not in missing for name in UNRECORDED}


def require_recorded(study: Study, source: Source) -> None:
    """Refuse a study that rests on something the source does not record, with the source's own sentence."""
    faults = unrecorded_faults(study, source)
    if faults:
        raise Refused(*faults)


def unrecorded_faults(study: Study, source: Source) -> tuple[Fault, ...]:
    """What a study rests on, whatever its parameters, and the source does not record."""
    missing = source.not_recorded.named()
    mend = f"The study {study.name} cannot go on without; choose a source that records it."
    return tuple(
        Fault(
            f'source "{source.title}"', f"it does not record {thing.replace('_', '-')}. {missing[thing]}", mend
        )
        for thing in study.rests_on
        if thing in missing
    )


def require_reasons(chosen: ParameterSet, source: Source) -> None:
    """Refuse a set that goes on without something and does not say why, or says so without need."""
    faults = reason_faults(chosen.parameters.goes_on_without, source, chosen.where("goes_on_without"))
    if faults:
        raise Refused(*faults)


def _placed(fault: Fault, where: str, chosen: ParameterSet) -> Fault:
    """A fault found in the source, told with the parameter set it concerns."""
    told = chosen.path.as_posix()
    return fault if fault.where.startswith(told) else Fault(f"{told}: {fault.where}", fault.what, fault.mend)
