"""The people of a review, counted on each of its days as was known then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from workbench.project import project_root
from workbench.segments.counting.needs import needed_columns as columns_of_groups
from workbench.segments.methods.rules_file import declared_rules
from workbench.segments.parameters import Segmentation
from workbench.segments.people import People, check_segmentation, people_in_care
from workbench.segments.people import declared_cohort as cohort_of_groups
from workbench.segments.weekly.followed import followed_groups
from workbench.segments.weekly.parameters import SegmentReview
from workbench.tables.cohort import Cohort, Step
from workbench.tables.known import KnownTables


@dataclass(frozen=True)
class ReviewedPeople:
    """Everybody in care on each day, the newest first, by the parameters of the groups that are followed.

    `rows` are `People.rows` of each of `days`; `flow` and `data_until` are the newest day's.
    """

    days: tuple[date, ...]
    rows: tuple[pd.DataFrame, ...]
    flow: tuple[Step, ...]
    data_until: datetime

    def on(self, place: int) -> People:
        """The people of one day, by its place."""
        return People(self.rows[place], self.flow, self.data_until)


def declared_cohort(settings: SegmentReview) -> Cohort:
    """The cohort of the segmentation that is followed, by the ages and reasons of the review."""
    groups = followed_groups(settings).settings
    update = {"minors": settings.minors, "goes_on_without": settings.goes_on_without}
    return cohort_of_groups(groups.model_copy(update=update))


def needed_columns(settings: SegmentReview, recorded: Mapping[str, bool]) -> Mapping[str, tuple[str, ...]]:
    """Tables and columns that the segmentation reads; see `workbench.segments.people`."""
    # Of a source alone it is asked what any segmentation needs.
    named = "segmentation" in settings.model_fields_set
    groups = followed_groups(settings).settings if named else Segmentation.model_construct(profile_by=())
    return columns_of_groups(groups, recorded)


def check_review(known: KnownTables, settings: SegmentReview) -> None:
    """Refuse what cannot be reviewed, by cheap queries.

    Raises:
        Refused: there is no segmentation to follow; its groups are to be defined anew by rules that nobody had approved
            by the first day, or that name unknown words; or nobody is in care on the first day or the last.
    """
    followed = followed_groups(settings)
    if followed.kept is None:
        first = followed.days[-1]
        declared_rules(followed.on(first), project_root(), known.earlier(first))
    for day in (followed.days[0], followed.days[-1]):
        check_segmentation(known.earlier(day), followed.on(day))


def reviewed_people(known: KnownTables, settings: SegmentReview) -> ReviewedPeople:
    """Count everybody in care on each day of the review.

    Raises:
        Refused: see `check_review`.
    """
    followed = followed_groups(settings)
    counted = [people_in_care(known.earlier(day), followed.on(day)) for day in followed.days]
    return ReviewedPeople(
        days=followed.days,
        rows=tuple(people.rows for people in counted),
        flow=counted[0].flow,
        data_until=counted[0].data_until,
    )
