"""From an executed notebook to a published version: harvest, manifest, page, release checks, one rename."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from workbench.parameters.sets import ParameterSet
from workbench.present.disclosure import PROFILES
from workbench.present.result import StudyResult
from workbench.protection.account import account_name
from workbench.reports.catalogue_page import audience_in_words
from workbench.reports.differences.comparison import Side
from workbench.reports.differences.in_words import since_last
from workbench.reports.harvest import Harvest, harvest, with_result
from workbench.reports.manifest import MANIFEST_FILE, Manifest, Member, version_name
from workbench.reports.page import Page, render_report
from workbench.reports.release import Candidate, Finding, WatchList, examine, hold
from workbench.reports.store import NOTEBOOK_FILE, REPORT_FILE, RESULTS_FILE, Version, checksum
from workbench.runs import provenance
from workbench.runs.precheck import recorded
from workbench.runs.releasing import release_of
from workbench.runs.studies import STUDIES
from workbench.tables.source import Source


@dataclass(frozen=True)
class Prepared:
    """A version ready to be published: its files, and what keeps it back, if anything."""

    manifest: Manifest
    files: Mapping[str, bytes]
    findings: tuple[Finding, ...]


def prepare(
    chosen: ParameterSet,
    executed: NotebookNode,
    source: Source,
    fingerprint: dict[str, str],
    watch_list: WatchList,
    timings: dict[str, float],
    previous: Version | None,
    root: Path,
    members: tuple[Member, ...] = (),
) -> Prepared:
    """Make a version's files in memory and examine them.

    Args:
        chosen: the parameter set.
        executed: the notebook as papermill left it.
        source: where the data came from.
        fingerprint: of the run, by part.
        watch_list: of what must not stand in any file.
        timings: seconds by step.
        previous: the newest version so far.
        root: the project's root.
        members: the combinations that are compared, where the set has a grid.

    Raises:
        HarvestError: the notebook shows no result, or two.
    """
    profile = PROFILES[chosen.parameters.disclosure]
    taken = harvest(executed)
    last = None if previous is None else previous.result
    # Under the parameter set's name, which a notebook does not know.
    held = hold(taken.result.model_copy(update={"name": chosen.name}), last, profile)
    taken = with_result(taken, held.result, held.shows)
    manifest = _manifest(chosen, taken, source, fingerprint, timings, previous, root)
    page = _page(chosen, taken, manifest, previous)
    files = {
        REPORT_FILE: page.encode(),
        NOTEBOOK_FILE: nbformat.writes(taken.cleaned).encode(),
        RESULTS_FILE: (taken.result.model_dump_json(by_alias=True, indent=2) + "\n").encode(),
    }
    manifest = manifest.model_copy(
        update={"files": {name: checksum(content) for name, content in files.items()}, "members": members}
    )
    candidate = Candidate(
        html=page,
        notebook=taken.cleaned,
        result=taken.result,
        manifest=manifest.model_dump(mode="json", by_alias=True),
        file_names=(*files, MANIFEST_FILE),
        previous=last,
        superseded=held.superseded,
    )
    findings = examine(candidate, watch_list, profile)
    return Prepared(manifest, {**files, MANIFEST_FILE: manifest.as_bytes()}, findings)


def _manifest(
    chosen: ParameterSet,
    taken: Harvest,
    source: Source,
    fingerprint: dict[str, str],
    timings: dict[str, float],
    previous: Version | None,
    root: Path,
) -> Manifest:
    study, parameters = STUDIES[chosen.study], chosen.parameters
    moment = _moment_after(previous)
    reads = {name: tuple(columns) for name, columns in study.reads(parameters, recorded(source)).items()}
    commit, clean = provenance.git_state(root)
    return Manifest(
        study=chosen.study,
        study_title=study.title,
        name=chosen.name,
        version=version_name(moment, fingerprint),
        title=parameters.title,
        audience=parameters.audience,
        owner=parameters.owner,
        as_of=parameters.as_of,
        data_until=taken.result.data_until,
        valid_until=parameters.as_of + timedelta(days=parameters.valid_days),
        published_at=moment.replace(microsecond=0),
        previous=None if previous is None else previous.manifest.version,
        run_by=account_name(),
        release=release_of(parameters.release, taken.result, reads, previous),
        reads=reads,
        parameter_file=chosen.path.as_posix(),
        parameters=parameters.as_values(),
        fingerprint=fingerprint,
        seed=parameters.seed,
        source=parameters.source,
        simulated=source.simulated,
        git_commit=commit,
        git_clean=clean,
        python=provenance.python_version(),
        packages=provenance.package_versions(),
        dropped=dict(taken.dropped),
        timings={name: round(seconds, 2) for name, seconds in timings.items()},
        files={},
    )


def _moment_after(previous: Version | None) -> datetime:
    """Now, but later than the version before, which a machine whose clock is ahead may have published."""
    now = datetime.now(UTC)
    return now if previous is None else max(now, previous.manifest.published_at + timedelta(seconds=1))


def _page(chosen: ParameterSet, taken: Harvest, manifest: Manifest, previous: Version | None) -> str:
    last = None if previous is None else Side(previous.manifest, previous.result)
    return render_report(
        Page(
            title=manifest.title,
            eyebrow=f"{manifest.study_title} · simulated data" if manifest.simulated else manifest.study_title,
            question=getattr(chosen.parameters, "question", ""),
            as_of=manifest.as_of,
            data_until=_moment(taken.result),
            valid_until=manifest.valid_until,
            audience=tuple(audience_in_words(reader) for reader in manifest.audience),
            owner=manifest.owner,
            version=manifest.version,
            result=taken.result,
            sections=taken.sections,
            provenance=provenance.told(manifest),
            since=since_last(last, Side(manifest, taken.result)),
        )
    )


def _moment(result: StudyResult) -> datetime | None:
    return datetime.fromisoformat(result.data_until) if result.data_until else None
