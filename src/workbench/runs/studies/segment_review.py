"""Segment review, as a kind of study."""

from workbench.runs.agreement import Tolerance
from workbench.runs.study import Study
from workbench.segments.weekly.followed import what_is_followed
from workbench.segments.weekly.parameters import SegmentReview
from workbench.segments.weekly.people import check_review, declared_cohort, needed_columns, reviewed_people

STUDY = Study(
    name="segment_review",
    title="Segment review",
    model=SegmentReview,
    needs=needed_columns,
    cohort=declared_cohort,
    check=check_review,
    load=reviewed_people,
    rests_on=("time",),
    # What is fitted stops within its solver's tolerance.
    tolerance=Tolerance(relative=1e-3),
    rests_on_kept=what_is_followed,
)
