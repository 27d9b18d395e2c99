"""What the pages over all versions tell of each one, kept so that thousands of results need not be read anew.

A summary is taken from a version's manifest and results, and kept in `.summaries/` of the store beside a stamp of both
files. It is taken anew where either file changed; a folder of summaries may be removed at any time.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.parameters.playbook import PlaybookQuestion
from workbench.present.headline_number import HeadlineNumber, headline_number
from workbench.present.result import Decision
from workbench.reports.files import write_whole
from workbench.reports.manifest import MANIFEST_FILE
from workbench.reports.reviews import read_reviews
from workbench.reports.store import RESULTS_FILE, Store, Version
from workbench.reports.version import read_version

SUMMARIES = ".summaries"


class Asked(BaseModel):
    """What a version says to the playbook: its question, the data it rests on, and when they were gathered.

    `origin` is the same for versions that rest on the same people: the source, and the experiment or else the study.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: PlaybookQuestion
    origin: str
    gathered_until: date


class ArmRatio(BaseModel):
    """An arm's rate over the control's in the primary outcome of an experiment, as it was published.

    `sign` is -1 where fewer events are better; `prior_sd` that of the study's normal prior of log ratios, None where it
    had another; `control_variance` the variance of the control's log rate, which arms of one experiment share.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    arm: str
    ratio: float
    low: float
    high: float
    level: float
    sign: Literal[1, -1] = 1
    prior_sd: float | None = None
    control_variance: float = 0.0


class VersionSummary(BaseModel):
    """What is told of a version; `failed_checks` are the names of those that did not pass.

    Whether it was withdrawn is no part of its files, and is never kept: it is looked up at each reading.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: str
    study_title: str
    name: str
    version: str
    title: str
    audience: tuple[str, ...]
    owner: str
    as_of: date
    valid_until: date
    published_at: datetime
    simulated: bool
    decision: Decision
    headline: str
    number: HeadlineNumber | None
    failed_checks: tuple[str, ...]
    asked: Asked | None
    ratios: tuple[ArmRatio, ...] = ()
    withdrawn: bool = False


class _Kept(BaseModel):
    """A summary with the stamp of the files it was taken from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stamp: tuple[int, ...]
    summary: VersionSummary


class _Shelf(BaseModel):
    """The summaries of a parameter set by version. `form` grows whenever a summary is taken otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Literal[2] = 2
    kept: dict[str, _Kept] = {}


def summaries(store: Store, study: str, name: str) -> list[VersionSummary]:
    """A summary of every version of a parameter set that can be read, newest first."""
    file = store.folder / SUMMARIES / f"{study}-{name}.json"
    before = _read(file).kept
    found: dict[str, _Kept] = {}
    for folder in store.version_folders(study, name):
        stamp = _stamp(folder)
        known = before.get(folder.name)
        if stamp is None:
            continue
        if known is not None and known.stamp == stamp:
            found[folder.name] = known
        elif (version := read_version(folder, ())) is not None:
            found[folder.name] = _Kept(stamp=stamp, summary=summary_of(version))
    if found != before:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, _Shelf(kept=found).model_dump_json().encode())
    reviews = read_reviews(store.set_folder(study, name))
    withdrawn = {review.version for review in reviews if review.decision == "withdrawn"}
    return [
        kept.summary.model_copy(update={"withdrawn": version in withdrawn}) for version, kept in found.items()
    ]


def summary_of(version: Version) -> VersionSummary:
    """The summary of a version."""
    manifest, result = version.manifest, version.result
    return VersionSummary(
        study=manifest.study,
        study_title=manifest.study_title,
        name=manifest.name,
        version=manifest.version,
        title=manifest.title,
        audience=manifest.audience,
        owner=manifest.owner,
        as_of=manifest.as_of,
        valid_until=manifest.valid_until,
        published_at=manifest.published_at,
        simulated=manifest.simulated,
        decision=result.verdict.decision,
        headline=result.verdict.headline,
        number=headline_number(result),
        failed_checks=tuple(check.name for check in result.checks if check.passed is False),
        asked=_asked(version),
        ratios=tuple(_ratios(version)),
    )


class _Parameters(BaseModel):
    """The parameters, of any study, that the playbook reads."""

    playbook: PlaybookQuestion | None = None
    experiment: str | None = None
    enrollment_ends: date | None = None
    control: str | None = None
    log_ratio_sd: float | None = None
    prior_tails: str = "normal"


def _ratios(version: Version) -> Iterator[ArmRatio]:
    """The ratios of an A/B analysis; none of any other study."""
    try:
        parameters = _Parameters.model_validate(version.manifest.parameters)
    except ValidationError:
        return
    metrics = [metric for metric in version.result.metrics if metric.of.get("outcome") == "outcome"]
    control_variance = 0.0
    for metric in metrics:
        of_control = metric.name == "rate" and metric.of.get("arm") == parameters.control
        if of_control and metric.value and metric.n:
            control_variance = (1 - metric.value) / (metric.n * metric.value)
    for metric in metrics:
        told = {"ratio": metric.value, "low": metric.low, "high": metric.high, "level": metric.level}
        if metric.name == "ratio" and all(told.values()):
            yield ArmRatio.model_validate(
                {
                    **told,
                    "arm": metric.of.get("arm", ""),
                    "sign": -1 if metric.direction == "lower_is_better" else 1,
                    "prior_sd": parameters.log_ratio_sd if parameters.prior_tails == "normal" else None,
                    "control_variance": control_variance,
                }
            )


def _asked(version: Version) -> Asked | None:
    manifest = version.manifest
    try:
        parameters = _Parameters.model_validate(manifest.parameters)
    except ValidationError:
        # A question that this program does not know has no place in its playbook.
        return None
    if parameters.playbook is None:
        return None
    return Asked(
        question=parameters.playbook,
        origin=f"{manifest.source}/{parameters.experiment or manifest.study}",
        gathered_until=min(manifest.as_of, parameters.enrollment_ends or manifest.as_of),
    )


def _stamp(folder: Path) -> tuple[int, ...] | None:
    """Size and time of change of a version's manifest and results, or None where one is missing."""
    try:
        files = [(folder / file).stat() for file in (MANIFEST_FILE, RESULTS_FILE)]
    except OSError:
        return None
    return tuple(number for file in files for number in (file.st_size, file.st_mtime_ns))


def _read(file: Path) -> _Shelf:
    """The summaries kept; none where the file is missing or of another form."""
    try:
        return _Shelf.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return _Shelf()
