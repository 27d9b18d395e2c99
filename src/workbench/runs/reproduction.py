"""A version made again from its own manifest, to see whether its results come out the same; nothing is published."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.parameters.reading import KeyPath, spoken
from workbench.parameters.sets import ParameterSet
from workbench.parameters.validation import validated
from workbench.present.disclosure import PROFILES
from workbench.present.result import StudyResult
from workbench.refusal import Fault, Refused
from workbench.reports.harvest import HarvestError, harvest
from workbench.reports.manifest import Manifest, changed_parts
from workbench.reports.release import hold
from workbench.reports.store import Version
from workbench.reports.version import read_version
from workbench.runs.agreement import Agreement, agreement
from workbench.runs.attempt import new_private_folder
from workbench.runs.bounds import Bounds
from workbench.runs.disk import DiskFailed
from workbench.runs.execution import Progress, execute
from workbench.runs.failures import ExecutionFailed
from workbench.runs.fingerprint import fingerprint
from workbench.runs.precheck import check_set
from workbench.runs.provenance import git_state
from workbench.runs.studies import STUDIES
from workbench.settings import Limits
from workbench.tables.source import DataAbsent

# Places that are told; where everything differs, a few say it.
PLACES = 12


@dataclass(frozen=True)
class Reproduction:
    """How a version's results agree with those of its second making, and the parts that changed in between.

    `kept` is the private folder of a run whose results differ, relative to the project's root.
    """

    version: str
    agreement: Agreement
    changed: tuple[str, ...]
    commits: tuple[str | None, str | None]
    kept: str | None

    @property
    def agrees(self) -> bool:
        """Whether the results are the same, exactly or within the tolerance."""
        return self.agreement.kind != "different"


def reproduce(version: Version, root: Path, limits: Limits, progress: Progress) -> Reproduction:
    """Run a version again, by the parameters, day and seed of its manifest, in a private folder of its own.

    Raises:
        Refused: it cannot be run: its data are not here, the study no longer takes its parameters, a cell failed.
    """
    manifest = version.manifest
    chosen = _as_recorded(manifest)
    try:
        parts = fingerprint(chosen, check_set(chosen, root), root)
    except DataAbsent as absent:
        raise Refused(Fault(str(version), str(absent), "It cannot be run without them.")) from None
    folder = new_private_folder(root, chosen)
    kept = folder.relative_to(root).as_posix()
    result = _made_again(chosen, version, folder, kept, root, Bounds(limits), progress)
    found = agreement(version.result, result, STUDIES[chosen.study].tolerance)
    if found.kind != "different":
        shutil.rmtree(folder, ignore_errors=True)
    return Reproduction(
        version=str(version),
        agreement=found,
        changed=tuple(changed_parts(manifest.fingerprint, parts)),
        commits=(manifest.git_commit, git_state(root)[0]),
        kept=kept if found.kind == "different" else None,
    )


def in_words(made: Reproduction) -> Iterator[str]:
    """What a reproduction showed, in lines."""
    told = {
        "identical": "every number, table and sentence came out the same",
        "equal": "the results are the same within the study's tolerance",
        "different": "the results are not the same",
    }
    yield f"{made.agreement.kind:<12} {made.version}: {told[made.agreement.kind]}"
    places = made.agreement.places
    yield from (f"  differs: {place}" for place in places[:PLACES])
    if len(places) > PLACES:
        yield f"  and {len(places) - PLACES} places more"
    if made.changed:
        yield f"  changed since: {', '.join(made.changed)}"
    if "data" in made.changed:
        yield "  The data changed since, so that a difference is expected."
    before, now = made.commits
    if before != now and "package" in made.changed:
        yield f"  It was made at commit {(before or 'none')[:9]}; here is {(now or 'none')[:9]}."
    if not made.agrees and not made.changed:
        yield "  Nothing that it depends on changed: the study itself does not repeat its results here."
    if made.kept:
        yield f"  Kept for those who may read it: {made.kept}"


def _as_recorded(manifest: Manifest) -> ParameterSet:
    """The parameter set as the manifest holds it, whatever its file says today."""
    study = STUDIES.get(manifest.study)
    where = f"{manifest.study}/{manifest.name}/{manifest.version}"
    if study is None:
        what = f"there is no study {manifest.study} any more."
        raise Refused(Fault(where, what, "Reproduce it with the code of its commit."))

    def place(path: KeyPath) -> str:
        return f"{where}, key {spoken(path)}" if path else where

    parameters = validated(study.model, manifest.parameters, place, today=datetime.now(UTC).date())
    return ParameterSet(manifest.study, manifest.name, Path(manifest.parameter_file), parameters, {})


def _made_again(
    chosen: ParameterSet,
    version: Version,
    folder: Path,
    kept: str,
    root: Path,
    bounds: Bounds,
    progress: Progress,
) -> StudyResult:
    study = STUDIES[chosen.study]
    values = {**chosen.parameters.as_values(), **study.leaves_nothing}
    try:
        executed = execute(study.notebook(root), values, folder, root, progress, bounds)
        result = harvest(executed).result.model_copy(update={"name": chosen.name})
    except (ExecutionFailed, DiskFailed, HarvestError) as error:
        raise Refused(Fault(str(version), str(error), f"Kept for those who may read it: {kept}")) from None
    return hold(result, _published_before(version), PROFILES[chosen.parameters.disclosure]).result


def _published_before(version: Version) -> StudyResult | None:
    """What its readers had before, of which some numbers may stand in it; None where there is none any more."""
    if version.manifest.previous is None:
        return None
    before = read_version(version.folder.parent / version.manifest.previous, ())
    return None if before is None else before.result
