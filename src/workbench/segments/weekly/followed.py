"""What a review follows: a version that was kept, or where none was, the groups found anew as of its first day.

So a review is repeatable and looks at nothing from later: the version is the newest from a week before `as_of` or
earlier; without one, the segmentation's own parameter set is fitted as of the first of the weeks, and kept nowhere.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from workbench.parameters.sets import read_parameter_set
from workbench.project import project_root
from workbench.refusal import Fault, Refused
from workbench.segments.methods.rules_file import rules_as_written
from workbench.segments.parameters import Segmentation
from workbench.segments.weekly.definition import Definition
from workbench.segments.weekly.parameters import SegmentReview
from workbench.tables.kept_segments import KeptVersion, find_kept, kept_names, kept_versions

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class FollowedGroups:
    """Whose groups are followed: `settings` by which people are counted, and the version, None where groups are found.

    `days` are those looked at, the newest first, a week apart. Where there is no version, groups are found as of the
    last of them.
    """

    settings: Segmentation
    kept: KeptVersion | None
    days: tuple[date, ...]

    @property
    def definition(self) -> Definition | None:
        """The definition that was kept."""
        return None if self.kept is None else Definition.read(self.kept)

    def on(self, day: date) -> Segmentation:
        """The settings, looking from a day, with nothing held out and no outcome asked for."""
        return self.settings.looking_from(day)


def followed_groups(settings: SegmentReview, root: Path | None = None) -> FollowedGroups:
    """Find what a review follows.

    Args:
        settings: the parameters.
        root: the project's root; found from where we are unless given.

    Raises:
        Refused: the version is not there, broken or too new; or there is neither a version nor a parameter set.
    """
    root = root or project_root()
    kept = _kept(settings, root)
    if kept is not None:
        weeks = min(settings.weeks, (settings.as_of - kept.as_of) // WEEK)
        counted = Definition.read(kept).frozen(kept.where).settings
    else:
        weeks = settings.weeks
        counted = _parameter_set(settings, root)
    if counted.source != settings.source:
        what = (
            f'its groups were found in the source "{counted.source}", and the review reads "{settings.source}".'
        )
        raise Refused(Fault(f"segments {settings.segmentation}", what, "Set the same source in both."))
    days = tuple(settings.as_of - place * WEEK for place in range(weeks + 1))
    return FollowedGroups(counted, kept, days)


def what_is_followed(settings: SegmentReview, root: Path) -> tuple[str, ...]:
    """The kept version, or parameters and rules by which groups are made, in words that change where these do."""
    followed = followed_groups(settings, root)
    if followed.kept is not None:
        return (followed.kept.where,)
    return (followed.settings.model_dump_json(), *rules_as_written(followed.settings, root))


def _kept(settings: SegmentReview, root: Path) -> KeptVersion | None:
    latest = settings.as_of - WEEK
    if settings.version is not None:
        kept = find_kept(settings.segmentation, root, settings.version)
        if kept.as_of > latest:
            what = f"it looks from {kept.as_of}, and the review compares with {latest}."
            raise Refused(Fault(kept.where, what, "Name a version from a week before as_of, or leave it null."))
        return kept
    if settings.segmentation not in kept_names(root):
        return None
    before = [each for each in kept_versions(settings.segmentation, root) if each.as_of <= latest]
    return before[-1] if before else None


def _parameter_set(settings: SegmentReview, root: Path) -> Segmentation:
    """The segmentation's own parameters, looking from the first of the weeks."""
    name = settings.segmentation
    path = root / "params" / "segmentation" / f"{name}.yaml"
    first = settings.as_of - settings.weeks * WEEK
    if not path.is_file():
        what = f"no version is kept from {settings.as_of - WEEK} or before, and no parameter set of that name is there."
        raise Refused(Fault(f"segments {name}", what, "Run the segmentation whose save_as this is first."))
    # Whatever day the file looks from, and be it a later one, `first` takes its place.
    chosen = read_parameter_set(path, root, {"segmentation": Segmentation}, date.max, first)
    found = chosen.parameters
    if not isinstance(found, Segmentation) or chosen.combinations:
        raise Refused(
            Fault(chosen.where("grid"), "one segmentation is followed, not several.", "Remove the grid.")
        )
    return found
