"""The report store in lines of text, for the terminal."""

from collections.abc import Iterator

from workbench.present import numbers
from workbench.present.fragments import CHECK_STATES, DECISIONS
from workbench.reports.last_run import failed_in_a_row, last_run
from workbench.reports.records import RunRecord
from workbench.reports.store import REPORT_FILE, Store


def listing(store: Store) -> Iterator[str]:
    """Each parameter set: its newest version, its verdict, what waits or was withdrawn, a last run that went wrong."""
    records = store.records()
    sets = store.parameter_sets(records)
    if not sets:
        yield "There are no reports yet: run `workbench run params/`."
    runs: dict[tuple[str, str], list[RunRecord]] = {}
    for record in records:
        runs.setdefault((record.study, record.name), []).append(record)
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
        last, failed = last_run(runs.get((study, name), [])), failed_in_a_row(runs.get((study, name), []))
        if last is not None and last.state not in {"published", "unchanged", "awaiting_approval"}:
            in_a_row = f", number {len(failed)} in a row" if len(failed) > 1 else ""
            reason = last.reason.splitlines()[0] if last.reason else ""
            yield f"  last run {last.state}{in_a_row}: {reason}".rstrip(": ")


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
