"""The catalogue's page, made from the store alone."""

from datetime import UTC, datetime

from workbench.reports.catalogue import Entry, RunLine, VersionLine, render_catalogue
from workbench.reports.files import write_whole
from workbench.reports.records import RunRecord
from workbench.reports.store import REPORT_FILE, Store, Version

CATALOGUE_FILE = "index.html"


def write_catalogue(store: Store) -> None:
    """Make the catalogue anew and put it in place by one rename."""
    store.folder.mkdir(parents=True, exist_ok=True)
    # In turn, so that no runner puts what it saw before in the place of what another saw since.
    with store.in_turn("catalogue"):
        page = render_catalogue(catalogue_entries(store), datetime.now(UTC))
        write_whole(store.folder / CATALOGUE_FILE, page.encode())


def catalogue_entries(store: Store) -> list[Entry]:
    """One entry for each parameter set that ever ran."""
    last_runs = {(record.study, record.name): record for record in store.records()}
    return [_entry(store, study, name, last_runs.get((study, name))) for study, name in store.parameter_sets()]


def audience_in_words(reader: str) -> str:
    """`business_development` as readers say it."""
    return reader.replace("_", " ")


def _entry(store: Store, study: str, name: str, last_run: RunRecord | None) -> Entry:
    versions = store.standing(study, name)
    newest = versions[0].manifest if versions else None
    return Entry(
        study=study,
        study_title=newest.study_title if newest else study.replace("_", " ").capitalize(),
        name=name,
        title=newest.title if newest else name.replace("_", " ").capitalize(),
        audience=tuple(audience_in_words(reader) for reader in newest.audience) if newest else (),
        owner=newest.owner if newest else "",
        versions=tuple(_line(version) for version in versions),
        valid_until=newest.valid_until if newest else None,
        last_run=_run(last_run, bool(store.awaiting(study, name))) if last_run else None,
    )


def _line(version: Version) -> VersionLine:
    verdict, manifest = version.result.verdict, version.manifest
    return VersionLine(
        version=manifest.version,
        as_of=manifest.as_of,
        published_at=manifest.published_at,
        decision=verdict.decision,
        headline=verdict.headline,
        href=f"{manifest.study}/{manifest.name}/{manifest.version}/{REPORT_FILE}",
    )


def _run(record: RunRecord, waits: bool) -> RunLine | None:
    if record.state == "awaiting_approval":
        # What stands there is no reader's yet; and once somebody decided, nothing waits any more.
        return RunLine(record.state, "", record.ended_at) if waits else None
    return RunLine(state=record.state, reason=record.reason, ended_at=record.ended_at)
