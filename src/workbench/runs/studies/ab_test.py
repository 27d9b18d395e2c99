"""Bayesian A/B analysis, as a kind of study."""

from workbench.experiments.counting.counts import check_experiment, count_experiment
from workbench.experiments.counting.needs import READ_WHERE_THERE, needed_columns
from workbench.experiments.counting.people import declared_cohort
from workbench.experiments.metrics import USUAL_METRICS
from workbench.experiments.parameters import ABTest
from workbench.runs.agreement import Tolerance
from workbench.runs.study import Study

# What of a result rests on a sampler: keys of metrics, and ids of tables.
_SAMPLED = ("segment", "factor", "model", "combination", "covariate", "cure", "cluster")

STUDY = Study(
    name="ab_test",
    title="A/B analysis",
    model=ABTest,
    needs=needed_columns,
    cohort=declared_cohort,
    check=check_experiment,
    load=count_experiment,
    reads_where_there=READ_WHERE_THERE,
    least={"segment_by": None, "metrics": USUAL_METRICS[:1]},
    # Its quadrature differs between processors in its last digits, models by their Monte Carlo error.
    tolerance=Tolerance(
        relative=1e-6, sampled=("segment", "factor", "model", "combination", "covariate", "cure", "cluster")
    ),
)
