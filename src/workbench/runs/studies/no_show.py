"""No-show model evaluation, as a kind of study."""

from workbench.no_show.at_risk.frame import READ_WHERE_THERE, check_no_show, load_appointments, needed_columns
from workbench.no_show.at_risk.risk_set import declared_cohort
from workbench.no_show.parameters import NoShow
from workbench.runs.agreement import Tolerance
from workbench.runs.study import Study

STUDY = Study(
    name="no_show",
    title="No-show model",
    model=NoShow,
    needs=needed_columns,
    cohort=declared_cohort,
    check=check_no_show,
    load=load_appointments,
    rests_on=("time", "no_show"),
    least={"subgroups": (), "minors": "include"},
    reads_where_there=READ_WHERE_THERE,
    # What is fitted stops within its solver's tolerance.
    tolerance=Tolerance(relative=1e-3),
)
