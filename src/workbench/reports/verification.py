"""What is wrong with a store: changed or unknown files, versions nobody approved, wrong links, broken records."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.protection.audit import store_log
from workbench.refusal import Fault, Refused
from workbench.reports.manifest import MANIFEST_FILE
from workbench.reports.records import broken_records
from workbench.reports.reviews import Review, broken_reviews, read_reviews
from workbench.reports.version import checksum_of, folders, read_version, version_faults, version_folders

if TYPE_CHECKING:
    from workbench.reports.store import Store

BACKUP = "Bring it back from a backup."
NEXT_RUN = "The next `workbench run` sets it right."


def store_faults(store: "Store") -> list[Fault]:
    """Every fault of a store: of records, of versions, of reviews and the audit log, of links."""
    faults = [
        Fault(f"{path.parent.name}/{path.name}", "it is no record of a run.", "Remove it.")
        for path in broken_records(store.records_folder)
    ]
    reviews: list[Review] = []
    for named in folders(store.folder, 2):
        of_set = read_reviews(named)
        reviews += of_set
        faults += _set_faults(store, named, of_set)
    for named in folders(store.awaiting_folder, 2):
        for folder in version_folders(named):
            faults += version_faults(folder)
    return [*faults, *_audit_faults(store, reviews)]


def _set_faults(store: "Store", named: Path, reviews: tuple[Review, ...]) -> Iterator[Fault]:
    study, name = named.parent.name, named.name
    for path in broken_reviews(named):
        yield Fault(f"{study}/{name}/.reviews/{path.name}", "it is no review of a version.", BACKUP)
    for folder in version_folders(named):
        yield from version_faults(folder)
        yield from _unapproved(folder, reviews)
    for review in reviews:
        yield from _review_faults(store, named, review)
    newest = store.latest(study, name)
    link = named / "latest"
    if link.exists(follow_symlinks=False) or newest is not None:
        right = newest is not None and link.is_symlink() and link.readlink() == Path(newest.manifest.version)
        if not right:
            yield Fault(f"{study}/{name}/latest", "it does not name the newest version.", NEXT_RUN)


def _unapproved(folder: Path, reviews: tuple[Review, ...]) -> Iterator[Fault]:
    """A version that had to wait for a person, and that no other than the one who ran it approved."""
    version = read_version(folder, reviews)
    if version is None or version.manifest.release == "automatic":
        return
    approvers = {review.by for review in version.reviews if review.decision == "approved"}
    if not approvers - {version.manifest.run_by}:
        nobody = "the one who ran it alone approved it" if approvers else "nobody approved it"
        mend = "Withdraw it, or bring back its review from a backup."
        yield Fault(str(version), f"it had to wait for a person, and {nobody}.", mend)


def _review_faults(store: "Store", named: Path, review: Review) -> Iterator[Fault]:
    published = named / review.version
    waiting = store.awaiting_folder / review.study / review.name / review.version
    there = next((folder for folder in (published, waiting) if folder.is_dir()), None)
    if there is None:
        # What was rejected is gone, and what was withdrawn may be; what a person approved is kept.
        if review.decision == "approved":
            yield Fault(review.about, "it was approved, and is not there.", BACKUP)
    elif checksum_of(there / MANIFEST_FILE) != review.manifest_sha256:
        yield Fault(review.about, f"its manifest is not the one that was {review.decision}.", BACKUP)
    elif there == waiting and review.decision != "withdrawn":
        yield Fault(review.about, f"it was {review.decision}, and is still where it waited.", NEXT_RUN)


def _audit_faults(store: "Store", reviews: list[Review]) -> Iterator[Fault]:
    log = store_log(store.folder)
    try:
        told = {(entry.action, entry.about, entry.who) for entry in log.entries()}
    except Refused as refused:
        yield from refused.faults
        return
    for review in reviews:
        if (review.decision, review.about, review.by) not in told:
            what = f"it was {review.decision}, and the audit log knows nothing of that."
            yield Fault(
                review.about, what, "Hold the log against a copy, and ask the one whom the review names."
            )
