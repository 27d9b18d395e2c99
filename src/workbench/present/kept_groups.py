"""Which kept segments a study tells people apart by, and whether they were written before what is told, in words."""

from workbench.present import numbers
from workbench.present.result import Check
from workbench.tables.kept_groups import KeptGroups


def fixed_beforehand(groups: KeptGroups, beginning: str) -> Check:
    """Name, version and day of kept segments, as what is noted without being judged.

    Args:
        groups: that people are told apart by.
        beginning: what they are fixed before, such as "the first assignment".
    """
    told = (
        f"written before {beginning}"
        if groups.written_first
        else (
            f"written only after {beginning}, from what was known before it: what is told by group explores, and "
            "confirms nothing"
        )
    )
    detail = (
        f"Segments {groups.name}, version {groups.version}, as of {numbers.day(groups.as_of)}; {told}. Who was not "
        "grouped then, as those who came later, is in no group."
    )
    return Check(name="Segments fixed beforehand", passed=None, detail=detail)
