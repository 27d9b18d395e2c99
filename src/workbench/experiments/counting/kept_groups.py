"""Segments of an experiment by a segmentation that was kept: by name and version, fixed before the first assignment.

Groups that look from a later day may have been made by what the arms did, and would tell the effect of the effect. Who
was not grouped then, for being new or too little known, is in no group; nobody is left out.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.experiments.parameters import ABTest
from workbench.project import project_root
from workbench.refusal import Fault, Refused
from workbench.tables.kept_segments import KeptVersion, find_kept, referred
from workbench.tables.known import KnownTables

IN_NO_GROUP = "in no group"


@dataclass(frozen=True)
class KeptGroups:
    """Which segments an experiment is told apart by: `as_of` the day they look from, `written_first` whether they were
    written before the first assignment too.
    """

    name: str
    version: str
    as_of: date
    written_first: bool


def kept_groups(known: KnownTables, assigned: ir.Table, settings: ABTest) -> KeptGroups | None:
    """The kept segments that the parameters name; None where they name none.

    Args:
        known: the tables.
        assigned: from `first_assignments`.
        settings: the parameters.

    Raises:
        Refused: they are missing, broken, of another source, or look from a day after the first assignment; or the
            source records no times, so that nobody can tell.
    """
    kept = _named(settings)
    if kept is None:
        return None
    where = f"experiment {settings.experiment}, segment_by"
    source = kept.manifest.get("parameters", {}).get("source")
    if source and known.source.name and source != known.source.name:
        what = f'they were found in the source "{source}", and the experiment is in "{known.source.name}".'
        raise Refused(Fault(kept.where, what, "Name segments of the same people."))
    first = None if known.source.not_recorded.time else assigned["assigned_at"].min().execute()
    if first is None or pd.isna(first):
        what = "nobody can tell whether these segments were fixed before the first assignment, for no time is recorded."
        raise Refused(Fault(where, what, "Name a column, or write null."))
    begins = pd.Timestamp(first).to_pydatetime().astimezone(UTC)
    if datetime.combine(kept.as_of, time(), UTC) > begins:
        what = (
            f"version {kept.version} looks from {kept.as_of}, after the first assignment on {begins:%Y-%m-%d}."
        )
        mend = "Name a version from that day or before, or run the segmentation as of then."
        raise Refused(Fault(where, what, mend))
    # What is not there or broken is told before anything long starts.
    kept.members()
    return KeptGroups(kept.name, kept.version, kept.as_of, kept.made_at.astimezone(UTC) <= begins)


def with_group(people: ir.Table, settings: ABTest) -> ir.Table:
    """Adds segment: each person's group in the kept segments that the parameters name."""
    kept = _named(settings)
    if kept is None:
        raise ValueError("the parameters name no kept segments")
    members = ibis.memtable(kept.members().rename_columns(["patient_id", "_group"]))
    joined = people.left_join(members, "patient_id")
    return joined.select(*people.columns, segment=joined["_group"].fill_null(IN_NO_GROUP))


def _named(settings: ABTest) -> KeptVersion | None:
    named = referred(settings.segment_by or "")
    return None if named is None else find_kept(named[0], project_root(), named[1])
