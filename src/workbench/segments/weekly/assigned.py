"""Everybody in care put into the groups of a frozen definition, as of a day: a protected file, and nothing is refitted.

`data/segments/<name>/weekly/<day>-<version>/` holds `members.parquet` (patient_id, segment, probability) and
`manifest.json`. Of one day and version there is one, and it is never written again.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.refusal import Fault, Refused
from workbench.segments.membership import write_once
from workbench.segments.people import People, declared_cohort, people_in_care
from workbench.segments.weekly.alarms import Alarm
from workbench.segments.weekly.definition import Definition, Scored
from workbench.segments.weekly.review import refit_due
from workbench.segments.weekly.standing import standing_alarms
from workbench.tables.kept_segments import MANIFEST, MEMBERS, KeptVersion
from workbench.tables.known import Tables

FOLDER = "weekly"


@dataclass(frozen=True)
class Assigned:
    """Who is in which group as of a day, by a kept version; and what calls for a look."""

    kept: KeptVersion
    definition: Definition
    day: date
    people: People
    scored: Scored
    alarms: tuple[Alarm, ...]


def assign_groups(kept: KeptVersion, tables: Tables, day: date) -> Assigned:
    """Put everybody in care into the groups of a kept version.

    Raises:
        Refused: the version is broken or looks from a later day; or nobody is in care.
    """
    if kept.as_of > day:
        what = f"it looks from {kept.as_of}, so that on {day} nobody could have known it."
        raise Refused(Fault(kept.where, what, "Name an earlier version, or a later day."))
    definition = Definition.read(kept)
    frozen = definition.frozen(kept.where)
    settings = frozen.counted_as_of(day)
    people = people_in_care(tables.known(day, declared_cohort(settings)), settings)
    scored = frozen.score(people.rows)
    now = scored.condition(definition.refit.condition)
    due = refit_due(definition, day)
    alarms = (*standing_alarms(frozen, now), *((due,) if due else ()))
    return Assigned(kept, definition, day, people, scored, alarms)


def write_assigned(made: Assigned, root: Path) -> Path:
    """Write it below the private folder, whole or not at all; the folder, which stays as it is where it is there.

    Raises:
        Refused: where the place leads outside the private folder, or it or the audit log cannot be written.
    """
    letters = made.definition.letters
    labels = made.scored.labels
    members = pa.table(
        {
            "patient_id": pa.array(made.people.rows["patient_id"], pa.string()),
            "segment": pa.array([letters[label] for label in labels], pa.string()),
            "probability": pa.array(made.scored.probabilities[np.arange(len(labels)), labels], pa.float64()),
        }
    )
    file = io.BytesIO()
    pq.write_table(members.replace_schema_metadata(None), file, compression="zstd", store_schema=False)
    manifest = {
        "schema": 1,
        "name": made.kept.name,
        "version": made.kept.version,
        "fingerprint": made.definition.fingerprint,
        "as_of": made.day.isoformat(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "people": members.num_rows,
        "columns": members.column_names,
        "files": {MEMBERS: hashlib.sha256(file.getvalue()).hexdigest()},
        "may_not": "lead to a message: who has died, left or withdrawn consent since is not marked here",
    }
    files = {MEMBERS: file.getvalue(), MANIFEST: (json.dumps(manifest, indent=2) + "\n").encode()}
    below = (FOLDER, f"{made.day}-{made.kept.version}")
    return write_once(made.kept.name, below, files, root, people=members.num_rows)
