"""Message load, as a kind of study."""

from workbench.message_load.counts import check_message_load
from workbench.message_load.loading import load_data
from workbench.message_load.parameters import MessageLoad
from workbench.message_load.risk_set import READ_WHERE_THERE, declared_cohort, needed_columns
from workbench.runs.agreement import Tolerance
from workbench.runs.study import Study

STUDY = Study(
    name="message_load",
    title="Message load",
    model=MessageLoad,
    needs=needed_columns,
    cohort=declared_cohort,
    check=check_message_load,
    load=load_data,
    rests_on=("consent", "time"),
    least={"minors": "include"},
    reads_where_there=READ_WHERE_THERE,
    # All curves come from a sampler, whose draws differ between processors.
    tolerance=Tolerance(relative=1e-1),
)
