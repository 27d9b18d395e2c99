"""Bayesian A/B analysis, as a kind of study."""

from workbench.experiments.counts import check_experiment, count_experiment, needed_columns
from workbench.experiments.parameters import ABTest
from workbench.experiments.people import declared_cohort
from workbench.runs.agreement import Tolerance
from workbench.runs.study import Study

STUDY = Study(
    name="ab_test",
    title="A/B analysis",
    model=ABTest,
    needs=needed_columns,
    cohort=declared_cohort,
    check=check_experiment,
    load=count_experiment,
    least={"segment_by": None, "guardrail": None},
    # Its quadrature differs between processors in its last digits, the model by segment by its Monte Carlo error.
    tolerance=Tolerance(relative=1e-6, sampled=("segment",)),
)
