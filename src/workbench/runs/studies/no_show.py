"""No-show model evaluation, as a kind of study."""

from workbench.no_show.frame import READ_WHERE_THERE, check_no_show, load_appointments, needed_columns
from workbench.no_show.parameters import NoShow
from workbench.runs.study import Study

STUDY = Study(
    name="no_show",
    title="No-show model",
    model=NoShow,
    needs=needed_columns,
    check=check_no_show,
    load=load_appointments,
    reads_where_there=READ_WHERE_THERE,
)
