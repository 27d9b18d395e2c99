"""Honest: a verdict is given only where the study's own checks allow one, and never without reasons."""

from collections.abc import Iterator

from workbench.present.result import StudyResult
from workbench.reports.release.candidate import Finding

CHECK = "honesty"
WITHOUT_CHECKS = frozenset({"keep_collecting", "invalid", "describe", "not_fit"})
"""Decisions that claim nothing, or that something does not hold, and so need no check to hold."""


def find_dishonesty(result: StudyResult) -> Iterator[Finding]:
    """A verdict against its checks or resting on none, and a verdict that does not say why."""
    verdict = result.verdict
    if verdict.decision not in WITHOUT_CHECKS:
        if any(check.passed is False for check in result.checks):
            advice = "A check failed: the decision must be keep_collecting, invalid or not_fit."
            yield Finding(CHECK, "results.json, verdict", advice)
        if not any(check.passed for check in result.checks):
            advice = "The verdict rests on no check that passed: state the checks it needs."
            yield Finding(CHECK, "results.json, checks", advice)
    if not verdict.headline.strip():
        yield Finding(
            CHECK, "results.json, verdict", "The headline is empty: say what was found in one sentence."
        )
    if not any(reason.strip() for reason in verdict.reasons):
        yield Finding(CHECK, "results.json, verdict", "No reason is given: say why the verdict is what it is.")
