"""A refit that follows the version before: its groups take the letters of those that they go on from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from workbench.segments.analysis import Analysis
from workbench.segments.methods.clinical_rules import ClinicalRules
from workbench.segments.methods.rules_file import rules_as_written
from workbench.segments.parameters import Segmentation
from workbench.segments.people import People
from workbench.segments.weekly.alarms import condition_of
from workbench.segments.weekly.definition import Definition, Lineage
from workbench.segments.weekly.labels import Labels
from workbench.segments.weekly.matching import Matching, match_groups, unused_letters
from workbench.tables.kept_segments import find_kept, kept_names, kept_versions


@dataclass(frozen=True)
class Previous:
    """The version that a refit follows."""

    version: str
    definition: Definition


@dataclass(frozen=True)
class Followed:
    """The new groups' letters, every letter used so far, and how the groups follow those before."""

    letters: tuple[str, ...]
    used: tuple[str, ...]
    lineage: Lineage


def previous_version(name: str | None, as_of: date, root: Path) -> Previous | None:
    """The newest version kept under a name from before a day; None where there is none.

    Raises:
        Refused: it is broken.
    """
    if name is None or name not in kept_names(root):
        return None
    before = [each for each in kept_versions(name, root) if each.as_of < as_of]
    if not before:
        return None
    kept = find_kept(name, root, before[-1].version)
    return Previous(kept.version, Definition.read(kept))


def what_is_followed(settings: Segmentation, root: Path) -> tuple[str, ...]:
    """The kept version whose letters the groups of a segmentation go on with, and the rules that define them.

    In words that change where these do.
    """
    previous = previous_version(settings.save_as, settings.as_of, root)
    kept = (f"segments {settings.save_as}, version {previous.version}",) if previous else ()
    return (*kept, *rules_as_written(settings, root))


def follow(previous: Previous | None, analysis: Analysis) -> Followed | None:
    """Match the groups that were found with those of the version before; None where either has none.

    Groups that rules define, now and before, go on where their names do. Of the others, groups of other features cannot
    be matched: they begin with letters that were never used, and the lineage says why.

    Args:
        previous: from `previous_version`.
        analysis: from `analyze`.
    """
    labels = analysis.grouping.labels if analysis.grouping else None
    if previous is None or labels is None:
        return None
    rules = analysis.grouping.model if analysis.grouping else None
    if isinstance(rules, ClinicalRules) and previous.definition.by_rules:
        return _follow_by_name(previous, rules)
    why_not = _unmatchable(previous.definition, analysis)
    if why_not is not None:
        used = set(previous.definition.used_letters)
        nothing = match_nothing(len(previous.definition.letters), len(analysis.groups))
        letters = nothing.letters(previous.definition.letters, tuple(used))
        lineage = Lineage(version=previous.version, as_of=previous.definition.as_of, why_not=why_not)
        return Followed(letters, (*previous.definition.used_letters, *letters), lineage)
    matching = match(previous.definition, analysis.people, labels)
    return followed_by(previous, matching)


def _follow_by_name(previous: Previous, rules: ClinicalRules) -> Followed:
    before = dict(zip(previous.definition.names, previous.definition.letters, strict=True))
    fresh = unused_letters({*previous.definition.used_letters, *before.values()})
    letters = tuple(before[name] if name in before else next(fresh) for name in rules.names)
    lineage = Lineage(
        version=previous.version,
        as_of=previous.definition.as_of,
        went_on=[letter for letter in letters if letter in before.values()],
        born=[letter for letter in letters if letter not in before.values()],
        dissolved=[letter for name, letter in before.items() if name not in rules.names],
    )
    return Followed(letters, (*previous.definition.used_letters, *letters), lineage)


def match(before: Definition, people: People, labels: Labels) -> Matching:
    """Match groups of some people with those that a definition puts the same people into."""
    frozen = before.frozen()
    scored = frozen.score(people.rows)
    groups = int(labels.max()) + 1
    new = condition_of(scored.frame.scaled, labels, np.eye(groups)[labels])
    return match_groups(scored.labels, labels, scored.condition().centers, new.centers)


def followed_by(previous: Previous, matching: Matching) -> Followed:
    """The letters by a matching, and the lineage in letters."""
    old = previous.definition.letters
    letters = matching.letters(old, previous.definition.used_letters)
    lineage = Lineage(
        version=previous.version,
        as_of=previous.definition.as_of,
        went_on=[letters[new] for new, before in enumerate(matching.before_of) if before is not None],
        born=[letters[new] for new in matching.born],
        dissolved=[old[at] for at in matching.dissolved],
        split={old[at]: [letters[new] for new in into] for at, into in matching.split.items()},
        merged={letters[new]: [old[at] for at in of] for new, of in matching.merged.items()},
    )
    return Followed(letters, (*previous.definition.used_letters, *letters), lineage)


def named_groups(analysis: Analysis, followed: Followed | None) -> list[tuple[str, str]]:
    """Letter and name of every group, those that rules define and that nobody is in today too.

    Args:
        analysis: from `analyze`, its groups with the letters by which they follow those before.
        followed: from `follow`; None where they follow none.
    """
    rules = analysis.grouping.model if analysis.grouping else None
    named = [(group.letter, group.name) for group in analysis.groups]
    if not isinstance(rules, ClinicalRules):
        return named
    letters = list(followed.letters) if followed else [letter for letter, _ in named]
    fresh = unused_letters({*letters, *(followed.used if followed else ())})
    letters += [next(fresh) for _ in rules.names[len(letters) :]]
    return list(zip(letters, rules.names, strict=True))


def lettered(analysis: Analysis, followed: Followed | None) -> Analysis:
    """The analysis with its groups under the letters by which they follow; as it is where they follow none."""
    if followed is None:
        return analysis
    groups = tuple(
        # Rules have letters of groups that nobody is in, too, and these come last.
        replace(group, letter=letter)
        for group, letter in zip(analysis.groups, followed.letters, strict=False)
    )
    return replace(analysis, groups=groups)


def match_nothing(before: int, after: int) -> Matching:
    """A matching in which every group before is dissolved, and every new one born."""
    none = np.zeros((before, after))
    return Matching((None,) * after, none, none, none, tuple(range(before)), {}, {})


def _unmatchable(before: Definition, analysis: Analysis) -> str | None:
    """Why groups cannot be matched with those of a definition, in a sentence; None where they can."""
    then, now = _features(before.yardstick), _features(analysis.yardstick.to_json())
    if then == now:
        return None
    gone, new = [name for name in then if name not in now], [name for name in now if name not in then]
    told = "; ".join(
        f"{words}: {', '.join(found)}" for words, found in (("no more", gone), ("new", new)) if found
    )
    return f"The version before was made of other features ({told or 'in another order'}), so that groups begin anew."


def _features(yardstick: Mapping[str, Any]) -> list[str]:
    """The names of the measures, and of the words, that people are told apart by."""
    return [each["name"] for each in (*yardstick["features"], *yardstick["categorical"])]
