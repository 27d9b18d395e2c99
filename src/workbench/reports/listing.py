"""The report store in lines of text, for the terminal."""

from collections.abc import Iterator

from workbench.present import numbers
from workbench.present.fragments import CHECK_STATES, DECISIONS
from workbench.reports.store import REPORT_FILE, Store


def listing(store: Store) -> Iterator[str]:
    """Each parameter set: its newest version, its verdict, what waits or was withdrawn, a last run that went wrong."""
    sets = store.parameter_sets()
    if not sets:
        yield "There are no reports yet: run `workbench run params/`."
    last_runs = {(record.study, record.name): record for record in store.records()}
    for study, name in sets:
        newest = store.latest(study, name)
        told = "never published"
        if newest is not None:
            verdict = newest.result.verdict
            told = f"{newest.manifest.version}  {DECISIONS[verdict.decision].words:<16}  {verdict.headline}"
        yield f"{study}/{name}  {told}"
        for version in store.awaiting(study, name):
            yield f"  awaits approval: {version.manifest.version}"
        last_made = store.newest(study, name)
        if last_made is not None and last_made.withdrawn:
            yield f"  withdrawn: {last_made.manifest.version}"
        last = last_runs.get((study, name))
        if last is not None and last.state not in {"published", "unchanged", "awaiting_approval"}:
            yield f"  last run {last.state}: {last.reason.splitlines()[0] if last.reason else ''}".rstrip(": ")


def description(store: Store, named: str) -> Iterator[str]:
    """A version in lines: verdict, reasons, facts, checks, provenance, and where its page lies.

    Raises:
        Refused: there is no such version.
    """
    version = store.find(named)
    manifest, result = version.manifest, version.result
    yield f"{manifest.title} ({version})"
    yield f"{DECISIONS[result.verdict.decision].words}. {result.verdict.headline}"
    yield from (f"  {reason}" for reason in result.verdict.reasons)
    facts = [f"{fact.label}: {fact.text}" for fact in result.verdict.facts]
    checks = [f"{CHECK_STATES[check.passed].words}: {check.name}. {check.detail}" for check in result.checks]
    for lines in (facts, checks):
        if lines:
            yield from ("", *lines)
    yield ""
    yield f"As of {numbers.day(manifest.as_of)}, valid until {numbers.day(manifest.valid_until)}"
    yield f"Parameters {manifest.parameter_file}, source {manifest.source}, seed {manifest.seed}"
    yield f"Page {version.folder / REPORT_FILE}"
    if version.folder.is_relative_to(store.awaiting_folder):
        yield "It awaits approval."
    for review in version.reviews:
        remark = f": {review.remark}" if review.remark else "."
        yield f"{review.decision.capitalize()} on {numbers.moment(review.at)} by {review.by}{remark}"
