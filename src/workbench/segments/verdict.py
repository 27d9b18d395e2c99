"""The verdict of a segmentation: kinds, cuts, definitions, none, or too early to say; and the gates it respects."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from workbench.segments.analysis import Analysis
from workbench.segments.grouping import Kind

SegmentationDecision = Literal[
    "groups_found", "useful_cuts", "groups_defined", "no_groups", "keep_collecting", "invalid"
]
GateName = Literal["current", "enough_people"]

_OF_KIND: dict[Kind | None, SegmentationDecision] = {
    "kinds": "groups_found",
    "cuts": "useful_cuts",
    "definitions": "groups_defined",
    None: "no_groups",
}
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
    """Gates first; then what the groups are, by the tests of `grouping`."""
    gates = (
        Gate("current", _is_current(analysis), "invalid"),
        Gate("enough_people", analysis.grouping is not None, "keep_collecting"),
    )
    failed = next((gate for gate in gates if not gate.passed), None)
    if failed:
        return SegmentationVerdict(failed.otherwise, gates)
    kind = None if analysis.grouping is None else analysis.grouping.kind
    return SegmentationVerdict(_OF_KIND[kind], gates)


def _is_current(analysis: Analysis) -> bool:
    as_of = datetime.combine(analysis.settings.as_of, time(), UTC)
    return as_of - analysis.people.data_until <= OLDEST_DATA
