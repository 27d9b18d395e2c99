"""What differs between two versions of a study: verdict, numbers, cohort, checks, parameters, code and data.

A pure function of two manifests and results. What it gives back may be shown to whoever may read both versions: no
difference in it tells of few people.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.present.disclosure import NOT_ATTRIBUTES, Profile
from workbench.present.result import Decision, Metric, StudyResult
from workbench.refusal import Fault, Refused
from workbench.reports.differences.amounts import shown_alike
from workbench.reports.differences.cohort import CohortChange, cohort_change
from workbench.reports.differences.disclosed import few_between, stricter_profile
from workbench.reports.differences.noise import Movement, is_judged, movement
from workbench.reports.manifest import Manifest, changed_parts

WORDS_ALONE = frozenset(
    {"title", "audience", "owner", "schedule", "release", "valid_days", "disclosure", "seed", "as_of"}
    | {"question", "who_must_act", "people_noun", "save_as"}
    | {"holdout_share", "ethics_reference", "involvement"}
)
"""Parameters that change no estimand: words around it, when it is run, and what has a place of its own among the
differences. Every other one is taken to change what the numbers mean."""
NO_CODE = frozenset({"parameters", "source", "data", "seed"})
NAMED_BY = "name"
"""The column by which a table says what a group, known by a letter, is like."""


@dataclass(frozen=True)
class Side:
    """One of the two versions."""

    manifest: Manifest
    result: StudyResult


@dataclass(frozen=True)
class Pair[T]:
    """A thing as it was before and as it is after; None where it was not there."""

    before: T
    after: T


@dataclass(frozen=True)
class MetricChange:
    """A metric that a reader sees changed. Where few people lie between its values, they are not to be shown."""

    before: Metric
    after: Metric
    movement: Movement
    few: bool


@dataclass(frozen=True)
class Metrics:
    """The metrics of two versions, matched by name, unit, and what they are of.

    `changes` holds those that a reader sees changed; `judged` counts those of which noise can be told, `compared` all
    that were compared, and `by_chance` how many of the judged would at most be found moved by chance alone, on average.
    `incomparable` names the parameters for which nothing was compared; `renamed` are of groups that are not like those
    of the same letter before; `unshown` have no value in one of both.
    """

    changes: tuple[MetricChange, ...] = ()
    judged: int = 0
    compared: int = 0
    by_chance: float = 0.0
    incomparable: tuple[str, ...] = ()
    renamed: tuple[Metric, ...] = ()
    unshown: tuple[Metric, ...] = ()
    appeared: tuple[Metric, ...] = ()
    vanished: tuple[Metric, ...] = ()

    def moving(self, *movements: Movement) -> list[MetricChange]:
        """The changes of these kinds, in the order of the result."""
        return [change for change in self.changes if change.movement in movements]


@dataclass(frozen=True)
class Code:
    """What changed of the code: parts of the fingerprint, the commit, and versions of packages by name."""

    parts: tuple[str, ...]
    commit: Pair[str | None] | None
    packages: Mapping[str, Pair[str | None]]


@dataclass(frozen=True)
class Data:
    """What changed of the data: their files or tables, their source's file, the days; None where a day is as it was."""

    contents: bool
    source: bool
    as_of: Pair[str] | None
    until: Pair[str | None] | None

    @property
    def are_same(self) -> bool:
        """Whether both versions looked at the same data from the same day."""
        return not (self.contents or self.source or self.as_of)


@dataclass(frozen=True)
class Difference:
    """All that differs between two versions; `checks` and `parameters` hold those that changed."""

    before: Manifest
    after: Manifest
    profile: Profile
    decision: Pair[Decision]
    metrics: Metrics
    cohort: CohortChange | None
    checks: Mapping[str, Pair[str]]
    parameters: Mapping[str, Pair[Any]]
    code: Code
    data: Data
    is_same: bool


def compare(before: Side, after: Side) -> Difference:
    """What differs between two versions of one study, whether or not of one parameter set.

    Raises:
        Refused: they are of different studies.
    """
    then, now = before.manifest, after.manifest
    if then.study != now.study:
        what = f"one is of the study {then.study}, the other of {now.study}."
        raise Refused(Fault(f"{then.version} and {now.version}", what, "Name two versions of one study."))
    profile = stricter_profile(then.parameters, now.parameters)
    data = _data(then, now)
    parameters = _changed(then.parameters, now.parameters)
    parts = changed_parts(then.fingerprint, now.fingerprint)
    defining = tuple(key for key, pair in parameters.items() if _defines(key, pair))
    name_apart = {"name": ""}
    same = before.result.model_copy(update=name_apart) == after.result.model_copy(update=name_apart)
    return Difference(
        before=then,
        after=now,
        profile=profile,
        decision=Pair(before.result.verdict.decision, after.result.verdict.decision),
        metrics=_metrics(before.result, after.result, profile, defining, same_data=data.are_same),
        cohort=cohort_change(before.result, after.result, profile),
        checks=_checks(before.result, after.result),
        parameters={key: pair for key, pair in parameters.items() if key != "as_of"},
        code=Code(tuple(part for part in parts if part not in NO_CODE), *_commit_and_packages(then, now)),
        data=data,
        is_same=same and not parts and not parameters,
    )


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Pair[Any]]:
    """What two mappings hold differently under a key, in the order of the later one."""
    keys = dict.fromkeys([*after, *before])
    return {key: Pair(before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def _defines(key: str, pair: Pair[Any]) -> bool:
    """Whether a changed parameter changes what the numbers mean."""
    if key == "goes_on_without":
        # What is not recorded changes who is studied; the sentence why changes nothing.
        return set(pair.before or ()) != set(pair.after or ())
    return key not in WORDS_ALONE


def _data(before: Manifest, after: Manifest) -> Data:
    parts = changed_parts(before.fingerprint, after.fingerprint)
    days, until = (before.as_of, after.as_of), (before.data_until, after.data_until)
    return Data(
        contents="data" in parts,
        source="source" in parts,
        as_of=Pair(*map(str, days)) if days[0] != days[1] else None,
        until=Pair(*until) if until[0] != until[1] else None,
    )


def _commit_and_packages(
    before: Manifest, after: Manifest
) -> tuple[Pair[str | None] | None, dict[str, Pair[str | None]]]:
    commits = before.git_commit, after.git_commit
    packages = _changed(
        {"python": before.python, **before.packages}, {"python": after.python, **after.packages}
    )
    return Pair(*commits) if commits[0] != commits[1] else None, packages


def _checks(before: StudyResult, after: StudyResult) -> dict[str, Pair[str]]:
    """Checks whose state changed, the state in a word: "passed", "failed", "noted", or "not there"."""

    def states(result: StudyResult) -> dict[str, str]:
        words = {True: "passed", False: "failed", None: "noted"}
        return {check.name: words[check.passed] for check in result.checks}

    changed = _changed(states(before), states(after))
    return {name: Pair(pair.before or "not there", pair.after or "not there") for name, pair in changed.items()}


def _metrics(
    before: StudyResult, after: StudyResult, profile: Profile, defining: tuple[str, ...], *, same_data: bool
) -> Metrics:
    if defining:
        return Metrics(incomparable=defining)
    then, now = dict(_keyed(before.metrics)), dict(_keyed(after.metrics))
    renamed_groups = _renamed(before, after)
    both = [(then[key], metric) for key, metric in now.items() if key in then]
    renamed = [pair for pair in both if _groups(pair[1]) & renamed_groups]
    valued = [pair for pair in both if pair not in renamed and not _is_unshown(*pair)]
    compared = [pair for pair in valued if pair[0].value is not None]
    judged = [pair for pair in compared if is_judged(*pair)]
    return Metrics(
        changes=tuple(
            MetricChange(*pair, movement(*pair, same_data=same_data), few=few_between(*pair, profile))
            for pair in compared
            if not shown_alike(*pair)
        ),
        judged=len(judged),
        compared=len(compared),
        by_chance=sum(1 - (metric.level or 1) for _, metric in judged),
        renamed=tuple(metric for _, metric in renamed),
        unshown=tuple(metric for earlier, metric in both if _is_unshown(earlier, metric)),
        appeared=tuple(metric for key, metric in now.items() if key not in then),
        vanished=tuple(metric for key, metric in then.items() if key not in now),
    )


def _keyed(metrics: Sequence[Metric]) -> Iterator[tuple[tuple[Any, ...], Metric]]:
    """Metrics by what they are: name, unit, what they are of, and which of those that share all this."""
    seen: Counter[tuple[Any, ...]] = Counter()
    for metric in metrics:
        key = (metric.name, metric.unit, *sorted(metric.of.items()))
        seen[key] += 1
        yield (*key, seen[key]), metric


def _is_unshown(before: Metric, after: Metric) -> bool:
    """Whether one of both has a value and the other none: hidden, or not to be had."""
    return (before.value is None) != (after.value is None)


def _groups(metric: Metric) -> set[str]:
    return {value for key, value in metric.of.items() if key not in NOT_ATTRIBUTES}


def _renamed(before: StudyResult, after: StudyResult) -> set[str]:
    """Groups that a table describes otherwise than before: a letter alone is no group."""
    then, now = _described(before), _described(after)
    return {group for group in then.keys() & now.keys() if then[group] != now[group]}


def _described(result: StudyResult) -> dict[str, str]:
    described: dict[str, str] = {}
    for table in result.tables:
        columns = [column.name for column in table.columns]
        if table.groups == "attributes" and NAMED_BY in columns:
            at = columns.index(NAMED_BY)
            described |= {str(row[0]): str(row[at]) for row in table.rows}
    return described
