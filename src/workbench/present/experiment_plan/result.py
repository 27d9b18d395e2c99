"""The typed result of the plan of an experiment."""

from workbench.experiments.planning.analysis import Plan
from workbench.experiments.planning.verdict import PlanDecision
from workbench.present.disclosure import PROFILES, hide_metrics
from workbench.present.experiment_plan.sentences import checks_in_words, verdict_in_words
from workbench.present.experiment_plan.tables import plan_tables
from workbench.present.result import HeadlineMetric, Metric, StudyResult

UNIT = "share of experiments"


def plan_result(plan: Plan, decision: PlanDecision) -> StudyResult:
    """Everything the report shows and `results.json` holds, with small cells hidden.

    Args:
        plan: from `make_plan`.
        decision: from `decide_plan`.
    """
    profile = PROFILES[plan.settings.disclosure]
    tables = plan_tables(plan, profile)
    return StudyResult(
        study="experiment_plan",
        as_of=plan.settings.as_of.isoformat(),
        verdict=verdict_in_words(plan, decision),
        metrics=hide_metrics(_metrics(plan), tables, profile),
        checks=checks_in_words(plan),
        tables=tables,
        headline_metric=HeadlineMetric(
            name="assurance",
            of=_of(plan.spoken_of.chances.people_per_arm),
            label="Assurance of adoption",
            scale=100,
            unit=" %",
        ),
    )


def _metrics(plan: Plan) -> list[Metric]:
    metrics = [Metric(name="ceiling", of={}, value=plan.ceiling, unit="share of prior")]
    for size in plan.sizes:
        of = _of(size.chances.people_per_arm)
        chances = size.chances.assurance
        metrics += [
            Metric(
                name="assurance",
                of=of,
                value=chances.verdicts["adopt"],
                direction="higher_is_better",
                unit=UNIT,
            ),
            Metric(name="conclusive", of=of, value=chances.conclusive, direction="higher_is_better", unit=UNIT),
            Metric(name="days", of=of, value=size.duration.days, direction="lower_is_better", unit="days"),
        ]
    return metrics


def _of(people_per_arm: int) -> dict[str, str]:
    return {"stage": f"{people_per_arm} per arm"}
