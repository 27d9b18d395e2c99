"""Data quality, as a kind of study."""

from workbench.outreach.inspection import check_tables, declared_cohort, inspect_tables, needed_columns
from workbench.outreach.parameters import DataQuality
from workbench.runs.study import Study
from workbench.tables.schema import TABLES

STUDY = Study(
    name="data_quality",
    title="Data quality",
    model=DataQuality,
    needs=needed_columns,
    cohort=declared_cohort,
    check=check_tables,
    load=inspect_tables,
    reads_where_there={name: tuple(table.columns) for name, table in TABLES.items()},
)
