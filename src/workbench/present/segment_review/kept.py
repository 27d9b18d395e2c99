"""Kept segments in lines, for a terminal: nobody is named, and few are not counted."""

from collections.abc import Iterator, Mapping, Sequence

from workbench.present import numbers
from workbench.present.disclosure import Profile, told_count
from workbench.present.group_shares import shares_of_all
from workbench.present.segment_review.sentences import lineage_in_words
from workbench.present.segment_review.words import alarm_to_do
from workbench.segments.weekly.alarms import Alarm
from workbench.segments.weekly.assigned import Assigned
from workbench.segments.weekly.definition import Definition
from workbench.tables.kept_segments import KeptVersion


def listed_in_words(kept: Mapping[str, Sequence[KeptVersion]]) -> Iterator[str]:
    """Every name with its versions, the newest first."""
    if not kept:
        yield "No segments are kept: run a segmentation whose save_as is set."
    for name, versions in kept.items():
        yield name
        for each in reversed(versions):
            yield f"  {each.version}  as of {numbers.day(each.as_of)}, written on {numbers.day(each.made_at.date())}"


def shown_in_words(
    kept: KeptVersion, definition: Definition, due: Alarm | None, profile: Profile
) -> Iterator[str]:
    """What the groups of a version are made of."""
    yield f"{kept.name}, version {kept.version}, as of {numbers.day(kept.as_of)}"
    yield f"  definition {definition.fingerprint[:12]}, method {definition.model['method']}"
    yardstick = definition.yardstick
    features = [each["name"] for each in (*yardstick["features"], *yardstick["categorical"])]
    yield f"  features: {', '.join(features)}"
    people = [round(share * definition.refit.people) for share in definition.refit.shares]
    shares = shares_of_all(people, profile)
    for letter, name, each, share in zip(definition.letters, definition.names, people, shares, strict=True):
        yield f"  {letter}: {name} ({share or ('few' if profile.is_few(each) else 'share not shown')})"
    if definition.lineage is not None:
        yield f"  {lineage_in_words(definition.lineage, definition.by_rules)}"
    if due is not None:
        yield f"  {_due(due, definition)}"
    yield f"  for an experiment, or for message load: segment_by: segments/{kept.name}@{kept.version}"


def assigned_in_words(made: Assigned, profile: Profile) -> Iterator[str]:
    """How many are in each group, and what calls for a look."""
    labels = made.scored.labels
    told = []
    for place, letter in enumerate(made.definition.letters):
        people = int((labels == place).sum())
        told.append(f"{letter} {told_count(people, len(labels), people, profile)}")
    # Of all groups but one shown, the last follows from the whole: the whole is told only where none is few.
    whole = all(not profile.is_few(int((labels == place).sum())) for place in range(len(told)))
    count = numbers.count(profile.rounded(len(labels))) if whole else "everybody in care"
    yield f"Scored as of {numbers.day(made.day)} by version {made.kept.version}: {count}."
    yield f"Groups: {', '.join(told)}."
    for alarm in made.alarms:
        if alarm.kind == "refit_due":
            yield _due(alarm, made.definition)
        else:
            yield f"Look: {_about(alarm, made.definition)}. {alarm_to_do(alarm, made.definition)}"


def _about(alarm: Alarm, definition: Definition) -> str:
    """What an alarm is about, in a few words."""
    if alarm.about is None:
        return alarm.kind
    if alarm.kind == "yardstick":
        return f"yardstick, in the measure {definition.yardstick['features'][alarm.about]['name']}"
    group = f"group {definition.letters[alarm.about]}"
    return f"nobody is in {group} any more" if alarm.kind == "nobody" else f"{group} is {alarm.kind}"


def _due(alarm: Alarm, definition: Definition) -> str:
    if definition.by_rules:
        return (
            f"A new version is due: this one is {numbers.number(alarm.value)} days old, and is to be made anew after "
            f"{numbers.number(alarm.threshold)}. Run the segmentation; the rules stay as approved."
        )
    return (
        f"A refit is due: the groups were found {numbers.number(alarm.value)} days ago, and are to be found anew after "
        f"{numbers.number(alarm.threshold)}. Run the segmentation; this command fits nothing."
    )
