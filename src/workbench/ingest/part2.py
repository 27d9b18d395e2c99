"""Records of substance use treatment (42 CFR Part 2): kept out unless a consent basis is recorded."""

from collections.abc import Sequence

from workbench.ingest.merging import Leaving
from workbench.ingest.settings import Part2

REASON = "without a consent basis under 42 CFR Part 2"
# The channel and purpose by which a change of consent tells of such a basis.
CHANNEL, PURPOSE = "record", "part2"

_BASIS = f"""
    SELECT patient_id FROM (
        SELECT patient_id, arg_max(status, (changed_at, status)) AS status
        FROM merged_consents WHERE channel = '{CHANNEL}' AND purpose = '{PURPOSE}' GROUP BY patient_id
    ) WHERE status = 'opt_in'
"""


def leaving_under_part2(settings: Part2 | None, name: str, *, consents: bool) -> tuple[Leaving, ...]:
    """Which rows of a table may not stand there, given the consents that count now.

    Args:
        settings: what counts as such a record; None where the source has none.
        name: the canonical table.
        consents: whether there is a table `merged_consents`; without it nobody has a basis.
    """
    if settings is None:
        return ()
    of = {
        "patient_states": (("diagnosis_group", settings.diagnosis_groups), ("clinic_id", settings.clinics)),
        "appointments": (("clinic_id", settings.clinics),),
        "surveys": (("instrument", settings.instruments),),
    }.get(name, ())
    concerned = " OR ".join(f"{column} IN ({_quoted(words)})" for column, words in of if words)
    if not concerned:
        return ()
    without = f" AND patient_id NOT IN ({_BASIS})" if consents else ""
    return (Leaving(REASON, f"({concerned}){without}"),)


def _quoted(words: Sequence[str]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words)
