"""Which message suits which segment, by the effects of this experiment: a table, and the sentence beside it."""

from collections.abc import Sequence

from workbench.experiments.analysis import Analysis
from workbench.experiments.models.segments import SegmentPosterior
from workbench.experiments.verdict import SHOWN, ExperimentVerdict
from workbench.present import numbers
from workbench.present.experiment.by_segment import shown_segments
from workbench.present.result import Cell, Column, Table
from workbench.segments.use.messages import GroupEffect, GroupMessage, Standing, messages_for_groups

STANDING: dict[str, Standing] = {
    "adopt": "adopted",
    "inconclusive": "allowed",
    "reject": "set_aside",
    "equivalent": "set_aside",
    "harmful": "harmful",
    "keep_collecting": "open",
    "invalid": "open",
}


def messages_table(analysis: Analysis, verdict: ExperimentVerdict, shown: Sequence[Table]) -> Table | None:
    """For each segment the message that is supported, or that none is; None where nothing is told by segment.

    Args:
        analysis: from `analyze`.
        verdict: from `decide`.
        shown: the tables by segment with small cells hidden; of a segment one of them hides nothing is told.
    """
    found = shown_segments(analysis)
    if found is None:
        return None
    hidden = {
        str(row[0]) for table in shown if table.id.startswith("segments_") for row in table.rows if None in row
    }
    rows: list[list[Cell]] = []
    for each in _messages(analysis, verdict, found):
        segment = each.group.replace("_", " ")
        rows.append([segment, None if segment in hidden else said_in_words(each, analysis)])
    return Table(
        id="messages_by_segment",
        caption="Which message is supported for whom",
        columns=[
            Column(name="segment", title="Segment", kind="label"),
            Column(name="message", title="What this experiment supports", kind="interval"),
        ],
        rows=rows,
        groups="none",
        note="A message is supported for a segment where the experiment adopts it, or the model by segment names the "
        "segment, and the segment's own interval lies above no effect; never one that a guardrail speaks against. "
        "“No difference shown” is not “no difference”: the segment may have too few people to tell.",
    )


def said_in_words(message: GroupMessage, analysis: Analysis) -> str:
    """What the experiment supports for a segment, in a line."""
    control = analysis.settings.control
    match message.said:
        case "supported" if message.effect is not None:
            more = numbers.number(1000 * message.effect.gain, 0, signed=True)
            known = numbers.interval(message.effect.low, message.effect.high, scale=1000)
            return f"“{message.arm}”: {more} per 1,000 better than “{control}” (95 % credible {known})"
        case "keep_control":
            return f"“{control}”: every other message did worse or harm"
        case "not_answered":
            return "not answered yet"
        case "not_studied":
            return "not studied"
        case _:
            return "no difference shown"


def _messages(
    analysis: Analysis, verdict: ExperimentVerdict, found: SegmentPosterior
) -> tuple[GroupMessage, ...]:
    sign = analysis.settings.primary.sign
    trusted = found.checks is None or found.checks.passed
    named = {
        (segment, each.arm)
        for each in found.named
        for segment in (each.raised if sign > 0 else each.lowered)
        if trusted
    }
    effects = [
        GroupEffect(
            group=effect.segment,
            arm=effect.arm,
            gain=sign * effect.mean,
            low=min(sign * effect.low, sign * effect.high),
            high=max(sign * effect.low, sign * effect.high),
            named=(effect.segment, effect.arm) in named,
        )
        for effect in found.effects
    ]
    segments = sorted(set(analysis.counts.segments["segment"]))
    return messages_for_groups(segments, effects, _standing(analysis, verdict))


def _standing(analysis: Analysis, verdict: ExperimentVerdict) -> dict[str, Standing]:
    """Each arm's by the rule; a guardrail that got worse weighs whatever the rule says on this day."""
    standing: dict[str, Standing] = {each.arm: STANDING[each.decision] for each in verdict.arms}
    for arm in standing:
        if any(guardrail.harm > SHOWN for guardrail in analysis.guardrails_of(arm)):
            standing[arm] = "harmful"
    return standing
