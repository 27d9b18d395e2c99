"""The plan of an experiment, as a kind of study."""

from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.planning.people import declared_cohort
from workbench.experiments.planning.traffic import READ_WHERE_THERE, check_plan, count_traffic, needed_columns
from workbench.runs.agreement import Tolerance
from workbench.runs.study import Study

STUDY = Study(
    name="experiment_plan",
    title="Experiment plan",
    model=ExperimentPlan,
    needs=needed_columns,
    cohort=declared_cohort,
    check=check_plan,
    load=count_traffic,
    rests_on=("consent", "time"),
    least={"segment_by": None, "minors": "include"},
    reads_where_there=READ_WHERE_THERE,
    # A probability drawn from thousands of experiments moves where a count of one of them lies on the edge of the rule.
    tolerance=Tolerance(relative=1e-2),
)
