"""The catalogue's page, made from the store alone."""

from collections.abc import Sequence
from datetime import UTC, datetime

from workbench.reports.catalogue import Entry, RunLine, VersionLine, render_catalogue
from workbench.reports.files import write_whole
from workbench.reports.last_run import failed_in_a_row, last_run
from workbench.reports.playbook import findings_of, render_playbook
from workbench.reports.records import RunRecord
from workbench.reports.store import REPORT_FILE, Store
from workbench.reports.summaries import VersionSummary, summaries

CATALOGUE_FILE = "index.html"
PLAYBOOK_FILE = "playbook.html"


def write_catalogue(store: Store) -> None:
    """Make the catalogue and the playbook anew and put each in place by one rename."""
    store.folder.mkdir(parents=True, exist_ok=True)
    # In turn, so that no runner puts what it saw before in the place of what another saw since.
    with store.in_turn("catalogue"):
        now = datetime.now(UTC)
        entries, told = _read(store)
        pages = {
            CATALOGUE_FILE: render_catalogue(entries, now),
            PLAYBOOK_FILE: render_playbook(findings_of(told), now),
        }
        for name, page in pages.items():
            write_whole(store.folder / name, page.encode())


def catalogue_entries(store: Store) -> list[Entry]:
    """One entry for each parameter set that ever ran."""
    return _read(store)[0]


def audience_in_words(reader: str) -> str:
    """`business_development` as readers say it."""
    return reader.replace("_", " ")


def _read(store: Store) -> tuple[list[Entry], list[list[VersionSummary]]]:
    """The entries, and beside them the versions of each, from one reading of the store."""
    records = store.records()
    runs: dict[tuple[str, str], list[RunRecord]] = {}
    for record in records:
        runs.setdefault((record.study, record.name), []).append(record)
    pairs = store.parameter_sets(records)
    told = [summaries(store, study, name) for study, name in pairs]
    entries = [
        _entry(study, name, versions, runs.get((study, name), []), bool(store.awaiting(study, name)))
        for (study, name), versions in zip(pairs, told, strict=True)
    ]
    return entries, told


def _entry(
    study: str, name: str, versions: Sequence[VersionSummary], runs: Sequence[RunRecord], waits: bool
) -> Entry:
    newest = next((version for version in versions if not version.withdrawn), next(iter(versions), None))
    return Entry(
        study=study,
        study_title=newest.study_title if newest else study.replace("_", " ").capitalize(),
        name=name,
        title=newest.title if newest else name.replace("_", " ").capitalize(),
        audience=tuple(audience_in_words(reader) for reader in newest.audience) if newest else (),
        owner=newest.owner if newest else "",
        versions=tuple(_line(version) for version in versions),
        valid_until=newest.valid_until if newest else None,
        last_run=_run(runs, waits),
    )


def _line(version: VersionSummary) -> VersionLine:
    return VersionLine(
        version=version.version,
        as_of=version.as_of,
        published_at=version.published_at,
        decision=version.decision,
        headline=version.headline,
        href=f"{version.study}/{version.name}/{version.version}/{REPORT_FILE}",
        number=version.number,
        withdrawn=version.withdrawn,
    )


def _run(runs: Sequence[RunRecord], waits: bool) -> RunLine | None:
    told = last_run(runs)
    if told is None or (told.state == "awaiting_approval" and not waits):
        # Once somebody decided, nothing waits any more.
        return None
    failed = failed_in_a_row(runs)
    return RunLine(
        state=told.state,
        # What stands in a version that waits is no reader's yet.
        reason="" if told.state == "awaiting_approval" else told.reason,
        ended_at=told.ended_at,
        in_a_row=len(failed) or 1,
        since=failed[0].ended_at if failed else None,
    )
