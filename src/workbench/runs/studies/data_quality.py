"""Data quality, as a kind of study."""

from workbench.outreach.inspection import check_tables, needed_columns
from workbench.outreach.parameters import DataQuality
from workbench.runs.study import Study

STUDY = Study(
    name="data_quality",
    title="Data quality",
    model=DataQuality,
    needs=needed_columns,
    check=check_tables,
)
