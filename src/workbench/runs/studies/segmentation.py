"""Segmentation, as a kind of study."""

from workbench.project import project_root
from workbench.runs.agreement import Tolerance
from workbench.runs.study import Study
from workbench.segments.counting.needs import needed_columns
from workbench.segments.methods.rules_file import declared_rules
from workbench.segments.parameters import Segmentation
from workbench.segments.people import check_segmentation, declared_cohort, people_in_care
from workbench.segments.weekly.lineage import what_is_followed
from workbench.tables.known import KnownTables


def _check(known: KnownTables, settings: Segmentation) -> None:
    """Refuse rules that nobody approved or that name unknown words, and people who cannot be grouped."""
    declared_rules(settings, project_root(), known)
    check_segmentation(known, settings)


STUDY = Study(
    name="segmentation",
    title="Segmentation",
    model=Segmentation,
    needs=needed_columns,
    cohort=declared_cohort,
    check=_check,
    load=people_in_care,
    rests_on=("time",),
    least={"features": ("appointments",), "profile_by": ()},
    # What is fitted stops within its solver's tolerance.
    tolerance=Tolerance(relative=1e-3),
    leaves_nothing={"save_as": None},
    rests_on_kept=what_is_followed,
)
