"""For whom an arm works, in sentences: how far effects differ between segments, and which may be named."""

from workbench.experiments.analysis import Analysis
from workbench.experiments.modelled import allocation_changed
from workbench.experiments.models.segments import SegmentPosterior
from workbench.present import numbers
from workbench.present.experiment.model_checks import surprises
from workbench.present.experiment.words import listed


def shown_segments(analysis: Analysis) -> SegmentPosterior | None:
    """The model by segment, where there is one and its sampler did its work."""
    found = analysis.segments
    return found if found is not None and found.diagnostics.sound else None


def untold_in_words(analysis: Analysis) -> str:
    """Why nothing is told by segment."""
    if analysis.segments is not None:
        return "The model by segment did not sample well, so that its numbers are not shown."
    if analysis.settings.segment_by is not None and allocation_changed(analysis.counts):
        return (
            "The effect is not told apart by segment: the chances of the arms were changed on the way, so that they "
            "differ in time too."
        )
    return "The effect is not told apart by segment."


def spread_in_words(analysis: Analysis) -> str:
    """Whether the effect differs between segments, by the spread of its log odds ratio between them."""
    if analysis.segments is None:
        raise ValueError("there are no segments to tell of")
    told = []
    for arm, (mean, low, high) in analysis.segments.spread.items():
        told.append(f"“{arm}” {numbers.number(mean, 2)} ({numbers.interval(low, high, 2)})")
    return (
        "Segments borrow from each other: the fewer people one has, the closer it is drawn to the others. The "
        f"standard deviation of the log odds ratio between segments is {'; '.join(told)} (95 % credible); zero would "
        "mean one effect for all. A segment is no reason to treat it differently unless its interval parts from "
        "those of the others."
    )


def named_in_words(analysis: Analysis) -> str:
    """The segments whose effect has a sign that may be told."""
    if analysis.segments is None:
        raise ValueError("there are no segments to tell of")
    checks = analysis.segments.checks
    if checks is not None and not checks.passed:
        return (
            "No segment is named: data as extreme as these are rare under the model by segment "
            f"({surprises(checks)}), so that its list is withheld."
        )
    metric = analysis.settings.primary.name
    told = []
    for named in analysis.segments.named:
        parts = [
            f"{metric} {moved} in {listed([segment.replace('_', ' ') for segment in segments])}"
            for moved, segments in (("rose", named.raised), ("fell", named.lowered))
            if segments
        ]
        if parts:
            rate = numbers.percent(named.false_sign_rate, 1)
            told.append(f"Under “{named.arm}” {' and '.join(parts)} (expected share of wrong signs {rate}).")
    return (
        " ".join(told)
        or "No segment is named: it is not credible that the effect differs between them by much."
    )
