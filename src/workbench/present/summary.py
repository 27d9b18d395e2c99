"""A result in a few lines of rounded text, for a terminal or a notebook."""

from workbench.present import numbers
from workbench.present.fragments import CHECK_STATES, DECISIONS
from workbench.present.result import Cell, StudyResult


def summary(result: StudyResult) -> str:
    """Verdict, cohort flow and checks: no number in it changes with the sampler's luck."""
    verdict = result.verdict
    lines = [f"{DECISIONS[verdict.decision].words}. {verdict.headline}", ""]
    if result.has_table("cohort_flow"):
        lines += [f"{_count(people):>9}  {step}" for step, people, _ in result.table("cohort_flow").rows]
        lines.append("")
    lines += [f"{CHECK_STATES[check.passed].words}: {check.name}" for check in result.checks]
    return "\n".join(lines)


def _count(people: Cell) -> str:
    return "not shown" if people is None else numbers.count(int(people))
