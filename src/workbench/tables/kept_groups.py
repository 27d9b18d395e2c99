"""People told apart by a segmentation that was kept: by name and version, fixed before what is told apart began.

Groups that look from a later day may have been made by what is to be told of them, and would tell a thing of itself.
Who was not grouped then, for being new or too little known, is in no group; nobody is left out.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated

import ibis
import ibis.expr.types as ir
from pydantic import Field

from workbench.project import project_root
from workbench.refusal import Fault, Refused
from workbench.tables.kept_segments import REFERENCE_PATTERN, KeptVersion, find_kept, referred
from workbench.tables.known import KnownTables

IN_NO_GROUP = "in no group"

KeptSegments = Annotated[
    str, Field(pattern=REFERENCE_PATTERN, examples=["segments/behavior_groups@20261102-0123abcd"])
]
"""A parameter that names kept segments."""


@dataclass(frozen=True)
class KeptGroups:
    """Which kept segments people are told apart by: `as_of` the day they look from, `written_first` whether they were
    written, too, before what is told apart began.
    """

    name: str
    version: str
    as_of: date
    written_first: bool

    @property
    def in_words(self) -> str:
        """What they tell people apart by: "group of behavior groups"."""
        return f"group of {self.name.replace('_', ' ')}"


@dataclass(frozen=True)
class Beginning:
    """What segments must be fixed before, in the words of a refusal.

    Attributes:
        what: "the first assignment".
        at: when it was; None where the source records no times.
        where: of the parameter that names the segments.
        mend: what to do where they look from a later day.
    """

    what: str
    at: datetime | None
    where: str
    mend: str = "Name a version from that day or before, or run the segmentation as of then."


def named_segments(reference: str | None) -> KeptVersion | None:
    """The kept segments that a parameter names; None where it names a column or nothing.

    Raises:
        Refused: there are none under that name, or not that version.
    """
    named = referred(reference or "")
    return None if named is None else find_kept(named[0], project_root(), named[1])


def fixed_before(kept: KeptVersion, known: KnownTables, beginning: Beginning) -> KeptGroups:
    """The kept segments as groups that people may be told apart by.

    Raises:
        Refused: they are broken, of another source, or look from a later day; or nobody can tell.
    """
    source = kept.manifest.get("parameters", {}).get("source")
    if source and known.source.name and source != known.source.name:
        what = f'they were found in the source "{source}", and the study reads "{known.source.name}".'
        raise Refused(Fault(kept.where, what, "Name segments of the same people."))
    if beginning.at is None:
        what = f"nobody can tell whether these segments were fixed before {beginning.what}, for no time is recorded."
        raise Refused(Fault(beginning.where, what, "Name a column, or write null."))
    begins = beginning.at.astimezone(UTC)
    if datetime.combine(kept.as_of, time(), UTC) > begins:
        what = f"version {kept.version} looks from {kept.as_of}, after {beginning.what} on {begins:%Y-%m-%d}."
        raise Refused(Fault(beginning.where, what, beginning.mend))
    # What is not there or broken is told before anything long starts.
    kept.members()
    return KeptGroups(kept.name, kept.version, kept.as_of, kept.made_at.astimezone(UTC) <= begins)


def with_group(people: ir.Table, reference: str) -> ir.Table:
    """Adds segment: each person's group in the kept segments that a parameter names.

    Args:
        people: rows with patient_id.
        reference: segments/NAME@VERSION.
    """
    kept = named_segments(reference)
    if kept is None:
        raise ValueError("the reference names no kept segments")
    members = ibis.memtable(kept.members().rename_columns(["patient_id", "_group"]))
    joined = people.left_join(members, "patient_id")
    return joined.select(*people.columns, segment=joined["_group"].fill_null(IN_NO_GROUP))
