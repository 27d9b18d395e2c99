"""Who decides about versions, and how the store follows what was decided.

A decision is told to the audit log, then written as a review, and then the store is settled: what was approved moves
to its place by one rename, what was rejected is removed. A process that dies in between leaves a review, and the next
one that settles the store does what it says.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from workbench.protection.account import account_name
from workbench.protection.audit import store_log
from workbench.protection.watch_list import folded
from workbench.refusal import Fault, Refused
from workbench.reports.locking import UnderWay
from workbench.reports.manifest import MANIFEST_FILE
from workbench.reports.records import new_run_id
from workbench.reports.release.identifiers import SHAPES
from workbench.reports.reviews import Review, ReviewDecision, write_review
from workbench.reports.store import Store, Version, checksum
from workbench.reports.version import version_faults
from workbench.settings import Settings

LONGEST_REMARK = 500
Decide = Callable[[Store, str, str, Settings], Version]


def approve(store: Store, named: str, remark: str, settings: Settings) -> Version:
    """Publish a version that waits.

    Args:
        store: the report store.
        named: the version, or its parameter set.
        remark: one line for the record; may be empty.
        settings: of the project, which name the approvers.

    Raises:
        Refused: no such version waits, this account may not approve it, or it was changed while it waited.
    """
    return _decide_on_waiting(store, named, "approved", remark, settings)


def reject(store: Store, named: str, remark: str, settings: Settings) -> Version:
    """Remove a version that waits; arguments and errors as of `approve`, and a remark is required."""
    return _decide_on_waiting(store, named, "rejected", required(remark), settings)


def withdraw(store: Store, named: str, remark: str, settings: Settings) -> Version:
    """Take back a version that is published: its files stay, and it is no longer the latest nor in the catalogue.

    Raises:
        Refused: there is no such version, it was withdrawn already, or this account is no approver.
    """
    require_remark(required(remark))
    by = approver_at_work(settings)
    version = store.find(named)
    with _held(store, version):
        version = store.find(str(version))
        if version.folder.is_relative_to(store.awaiting_folder):
            raise Refused(Fault(str(version), "it was not published yet.", "Reject it instead."))
        if version.withdrawn:
            raise Refused(Fault(str(version), "it was withdrawn already.", "There is nothing left to do."))
        version = _decide(store, version, "withdrawn", remark, by)
        store.point_latest(version.manifest.study, version.manifest.name)
    return version


def settle(store: Store) -> None:
    """Make the store follow every review, and let newer versions supersede older ones that wait.

    Parameter sets of which a run is under way are left to that run.
    """
    for study, name in store.parameter_sets():
        with suppress(UnderWay), store.one_at_a_time(study, name):
            settle_set(store, study, name)


def settle_set(store: Store, study: str, name: str) -> None:
    """The same for one parameter set, which the caller holds."""
    waiting = store.awaiting(study, name)
    published = store.newest(study, name)
    newest = max(each.manifest.version for each in (*waiting, published) if each) if waiting else ""
    for version in reversed(waiting):
        if version.approved:
            # What was changed since it was approved is nobody's to publish; `verify` tells of it.
            if not version_faults(version.folder):
                store.admit(version)
        elif version.reviews:
            store.remove(version.folder)
        elif version.manifest.version != newest:
            _decide(store, version, "superseded", "", account_name())
            store.remove(version.folder)


def _decide_on_waiting(
    store: Store, named: str, decision: ReviewDecision, remark: str, settings: Settings
) -> Version:
    require_remark(remark)
    by = approver_at_work(settings)
    version = _waiting(store, named)
    with _held(store, version):
        settle_set(store, version.manifest.study, version.manifest.name)
        version = _waiting(store, str(version))
        if version.manifest.run_by in {"", by}:
            what = f"{by} ran it, and nobody decides about what they ran."
            raise Refused(Fault(str(version), what, "Let another of the approvers decide."))
        if decision == "approved" and version_faults(version.folder):
            what = "it was changed while it waited."
            raise Refused(Fault(str(version), what, "Reject it, find out who did that, and run it again."))
        version = _decide(store, version, decision, remark, by)
        settle_set(store, version.manifest.study, version.manifest.name)
    return version


def _waiting(store: Store, named: str) -> Version:
    """The version that waits under this name, or the newest of the parameter set of this name."""
    waiting = [version for pair in store.parameter_sets() for version in store.awaiting(*pair)]
    for version in waiting:
        of_set = f"{version.manifest.study}/{version.manifest.name}"
        if named in {str(version), version.manifest.version, of_set}:
            return version
    told = f"There wait: {', '.join(map(str, waiting))}." if waiting else "No version waits for approval."
    raise Refused(Fault(named, "no version of this name waits for approval.", told))


@contextmanager
def _held(store: Store, version: Version) -> Iterator[None]:
    try:
        with store.one_at_a_time(version.manifest.study, version.manifest.name):
            yield
    except UnderWay:
        mend = "Wait until that one has ended."
        raise Refused(Fault(str(version), "a run of its parameter set is under way.", mend)) from None
    except OSError as error:
        what = f"the report store cannot be written ({error.strerror})."
        raise Refused(Fault(str(version), what, "Decide as an account of the store's group.")) from None


def _decide(store: Store, version: Version, decision: ReviewDecision, remark: str, by: str) -> Version:
    """Tell the audit log and write the review; the version as it is with it."""
    manifest, now = version.manifest, datetime.now(UTC)
    bound = checksum((version.folder / MANIFEST_FILE).read_bytes())
    store_log(store.folder).add(decision, str(version), manifest_sha256=bound)
    review = Review(
        id=new_run_id(now),
        study=manifest.study,
        name=manifest.name,
        version=manifest.version,
        decision=decision,
        by=by,
        at=now,
        remark=remark,
        manifest_sha256=bound,
    )
    write_review(store.set_folder(manifest.study, manifest.name), review)
    return replace(version, reviews=(*version.reviews, review))


def approver_at_work(settings: Settings) -> str:
    """The account at work, which has to be one of the approvers.

    Raises:
        Refused: it is none of them.
    """
    name = account_name()
    if name in settings.approvers:
        return name
    known = f"Approvers are {', '.join(settings.approvers)}." if settings.approvers else "It names none yet."
    what = f"the account {name} is none of the approvers."
    raise Refused(Fault("workbench.yaml, key approvers", what, known))


def required(remark: str) -> str:
    """The remark; raises `Refused` where it is empty."""
    if not remark.strip():
        raise Refused(Fault("--remark", "a remark is needed.", "Say why in one line."))
    return remark


def require_remark(remark: str) -> None:
    """One line that anybody may read: no line break, not too long, and nothing shaped like an identifier."""
    if len(remark) > LONGEST_REMARK or not remark.isprintable():
        what = f"the remark is not one line of at most {LONGEST_REMARK} characters."
        raise Refused(Fault("--remark", what, "Shorten it."))
    plain = folded(remark)
    for what, shape in SHAPES.items():
        if shape.search(plain):
            raise Refused(Fault("--remark", f"something in it is shaped like {what}.", "Leave it out."))
