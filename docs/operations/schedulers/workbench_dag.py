"""An Airflow DAG that runs what is due, every quarter of an hour, on a machine that sees the project.

What is due is said by the parameter sets' schedules, in their own time zones.
"""

from datetime import UTC, datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

HOME = "/srv/workbench"
REPORTS = "/srv/reports"

with DAG(
    dag_id="workbench",
    description="Run the workbench's parameter sets that are due",
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
):
    BashOperator(
        task_id="run_due",
        bash_command=".venv/bin/workbench run params --due",
        cwd=HOME,
        env={"WORKBENCH_HOME": HOME, "WORKBENCH_REPORTS": REPORTS},
        append_env=True,
        # The workbench itself tries again what is worth it.
        retries=0,
    )
