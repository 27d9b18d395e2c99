"""Whether a version may be published at once or waits for a person, and what already stands for a fingerprint."""

from collections.abc import Mapping
from typing import Literal

from workbench.present.result import StudyResult
from workbench.reports.manifest import changed_parts, digest_of
from workbench.reports.records import State
from workbench.reports.reviews import read_reviews
from workbench.reports.store import Store, Version

Release = Literal["automatic", "reviewed"]
Reads = Mapping[str, tuple[str, ...]]


def release_of(asked: Release | None, result: StudyResult, reads: Reads, previous: Version | None) -> Release:
    """How a version is released; what was not asked for waits where nobody has looked at its like before.

    Args:
        asked: what the parameter set says.
        result: of the new version.
        reads: the columns of each table that its study may read.
        previous: the newest version published before, withdrawn or not.
    """
    if asked is not None:
        return asked
    if previous is None or previous.withdrawn:
        return "reviewed"
    alike = _columns(previous.result) == _columns(result) and previous.manifest.reads == dict(reads)
    return "automatic" if alike else "reviewed"


def what_stands(store: Store, study: str, name: str, fingerprint: dict[str, str]) -> tuple[State, str] | None:
    """What a run of this fingerprint would only repeat, as a state and words; None where it has to run."""
    waiting = next(iter(store.awaiting(study, name)), None)
    if waiting is not None and not changed_parts(waiting.manifest.fingerprint, fingerprint):
        return "awaiting_approval", f"{waiting.manifest.version} waits"
    newest = store.newest(study, name)
    if newest is not None and not changed_parts(newest.manifest.fingerprint, fingerprint):
        told = "was withdrawn, and nothing changed since" if newest.withdrawn else "stands"
        return "unchanged", f"{newest.manifest.version} {told}"
    rejected = _rejected(store, study, name, fingerprint)
    if rejected is not None and (newest is None or rejected > newest.manifest.version):
        return "unchanged", f"{rejected} was rejected, and nothing changed since"
    return None


def _rejected(store: Store, study: str, name: str, fingerprint: dict[str, str]) -> str | None:
    """The newest version of this fingerprint that was rejected, by its name, which ends in it."""
    ending = digest_of(fingerprint)[:8]
    found = (
        review.version
        for review in read_reviews(store.set_folder(study, name))
        if review.decision == "rejected" and review.version.endswith(ending)
    )
    return max(found, default=None)


def _columns(result: StudyResult) -> dict[str, list[str]]:
    return {table.id: [column.name for column in table.columns] for table in result.tables}
