"""The verdict of a segmentation: groups, no groups, or too early to say; and the gates it respects."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from workbench.segments.analysis import Analysis

SegmentationDecision = Literal["groups_found", "no_groups", "keep_collecting", "invalid"]
GateName = Literal["current", "enough_people"]

# Older data do not say how people behave as of now.
OLDEST_DATA = timedelta(days=35)


@dataclass(frozen=True)
class Gate:
    """A condition the verdict rests on, and the decision where it does not hold."""

    name: GateName
    passed: bool
    otherwise: Literal["invalid", "keep_collecting"]


@dataclass(frozen=True)
class SegmentationVerdict:
    """What the rule says, with the gates."""

    decision: SegmentationDecision
    gates: tuple[Gate, ...]


def decide(analysis: Analysis) -> SegmentationVerdict:
    """Gates first; then groups only where a number of them passed every test of `grouping`."""
    gates = (
        Gate("current", _is_current(analysis), "invalid"),
        Gate("enough_people", analysis.grouping is not None, "keep_collecting"),
    )
    failed = next((gate for gate in gates if not gate.passed), None)
    if failed:
        return SegmentationVerdict(failed.otherwise, gates)
    found = analysis.grouping is not None and analysis.grouping.chosen is not None
    return SegmentationVerdict("groups_found" if found else "no_groups", gates)


def _is_current(analysis: Analysis) -> bool:
    as_of = datetime.combine(analysis.settings.as_of, time(), UTC)
    return as_of - analysis.people.data_until <= OLDEST_DATA
