"""What becomes of each group, in tables, metrics and sentences; small cells hidden."""

from workbench.present import numbers
from workbench.present.disclosure import Profile
from workbench.present.group_shares import may_be_told
from workbench.present.result import Cell, Column, Fact, Metric, Table
from workbench.segments.analysis import Analysis
from workbench.segments.use.outcomes import (
    LEVEL,
    Correction,
    Estimate,
    GroupOutcome,
    Outcome,
    OutcomeByGroup,
    Withheld,
)

# Below this p-value groups are said to differ.
DIFFER = 0.01
CORRECTIONS: dict[Correction, str] = {
    "none": "nothing to correct",
    "bch": "BCH weights",
    "beside_features": "a regression on the measures",
}
WITHHELD: dict[Withheld, str] = {
    "uncertain": "withheld: too uncertain who is in it",
    "out_of_range": "withheld: the correction leaves the possible",
    "nobody": "nobody to count",
}
# As many outcomes stand in the verdict; all of them in their section.
IN_FACT = 2


def outcomes_table(analysis: Analysis, profile: Profile) -> Table:
    """The outcomes of the people put into each group."""
    return _table(
        analysis,
        profile,
        corrected=False,
        id="outcomes",
        caption=f"What became of the people put into each group: {_period(analysis)}",
        note="In brackets the 95 % confidence interval. These outcomes made no group, so that intervals mean what they "
        "say. Equal: the chance of differences as large if all groups were alike (Wald test).",
    )


def corrected_table(analysis: Analysis, profile: Profile) -> Table:
    """The same, corrected for people who were put into the wrong group."""
    return _table(
        analysis,
        profile,
        corrected=True,
        id="outcomes_corrected",
        caption="The same, corrected for who was put into the wrong group",
        note="Nobody’s group is known for certain, so that groups look more alike than they are. Three-step estimates "
        "with BCH weights take that back, with robust 95 % confidence intervals; where a test at 1 % finds that an "
        "outcome goes along with the measures within groups, a regression lets it. Withheld where membership is so "
        "uncertain that intervals would not cover as they say.",
    )


def outcome_metrics(analysis: Analysis, profile: Profile) -> list[Metric]:
    """The outcomes shown of each group, as numbers."""
    metrics = []
    for found in analysis.outcomes:
        for group, each, told in zip(analysis.groups, found.groups, _told(found, profile), strict=True):
            of = {"segment": group.letter, "outcome": found.outcome.name}
            for name, estimate in (("outcome", each.put), ("outcome_corrected", each.corrected)):
                if told and estimate is not None:
                    metrics.append(_metric(name, of, estimate, found.outcome, each, profile))
    return metrics


def outcomes_in_words(analysis: Analysis, profile: Profile) -> str:
    """Which outcomes differ between groups, from where to where; and what to do where no period was held out."""
    days = analysis.settings.hold_out_days
    if not days:
        return (
            "No period was held out, so that nothing is told of what becomes of the groups: what made them cannot test "
            "them. Set `hold_out_days`, such as 28, to see it."
        )
    told = [line for found in analysis.outcomes if (line := _difference(analysis, found, profile))]
    alike = "No outcome is shown to differ between the groups beyond chance."
    return (
        f"The groups were made of what lay before {numbers.day(analysis.settings.grouped_as_of)}; counted is what "
        f"happened in the {days} days after. {' '.join(told) or alike}"
    )


def outcomes_fact(analysis: Analysis, profile: Profile) -> Fact | None:
    """The first lines on what became of the groups, for the verdict; None where nothing differs or is held out."""
    told = [line for found in analysis.outcomes if (line := _difference(analysis, found, profile))]
    return Fact(label="What became of them", text=" ".join(told[:IN_FACT])) if told else None


def message_in_words(analysis: Analysis) -> str:
    """Which experiment would tell which message suits which group."""
    name = analysis.settings.save_as
    by = (
        f"`segment_by` the segmentation “{name}”"
        if name
        else "`segment_by` this segmentation, once `save_as` names it"
    )
    return (
        "Which message suits which group is not to be read off what groups do: people who miss more need not be moved "
        f"more by a text. An A/B analysis that randomized the messages and tells effects by group ({by}) answers it: "
        "its report says for each group which message is supported, under “For whom”."
    )


def _table(analysis: Analysis, profile: Profile, *, corrected: bool, id: str, caption: str, note: str) -> Table:
    rows: list[list[Cell]] = []
    for found in analysis.outcomes:
        told = _told(found, profile)
        cells: list[Cell] = [
            _cell(each, corrected) if shown else None for each, shown in zip(found.groups, told, strict=True)
        ]
        last = CORRECTIONS[found.correction] if corrected else _equal(found)
        cells.append(last if corrected or all(told) else None)
        rows.append([f"{found.outcome.title}: {found.outcome.meaning}", *cells])
    return Table(
        id=id,
        caption=caption,
        columns=[
            Column(name="outcome", title="Outcome", kind="label"),
            *(
                Column(name=f"group_{group.letter.lower()}", title=f"Group {group.letter}", kind="interval")
                for group in analysis.groups
            ),
            Column(name="by", title="Corrected by", kind="text")
            if corrected
            else Column(name="equal", title="Equal", kind="interval"),
        ],
        rows=rows,
        groups="none",
        note=note,
    )


def _cell(each: GroupOutcome, corrected: bool) -> str:
    if corrected and each.withheld is not None:
        return WITHHELD[each.withheld]
    estimate = each.corrected if corrected else each.put
    return "–" if estimate is None else in_words(estimate)


def in_words(estimate: Estimate) -> str:
    """A share with its interval, such as "12 % (10 to 14)"."""
    digits = 1 if estimate.value < 0.1 else 0
    known = numbers.interval(estimate.low, estimate.high, digits, scale=100)
    return f"{numbers.percent(estimate.value, digits)} ({known})"


def _equal(found: OutcomeByGroup) -> str:
    return "–" if found.equal is None else numbers.probability(found.equal)


def _told(found: OutcomeByGroup, profile: Profile) -> tuple[bool, ...]:
    """For each group whether this outcome may be told of it.

    Of appointments both people and appointments are held to the rule, the events among the latter.
    """
    by_people = may_be_told([(each.people,) for each in found.groups], profile)
    by_trials = may_be_told([(each.trials, each.events) for each in found.groups], profile)
    return tuple(people and trials for people, trials in zip(by_people, by_trials, strict=True))


def _difference(analysis: Analysis, found: OutcomeByGroup, profile: Profile) -> str | None:
    """From which group to which an outcome ranges, where it differs and every group may be told."""
    if not found.outcome.held_out or not all(_told(found, profile)):
        return None
    if found.equal is None or found.equal >= DIFFER:
        return None
    told = [
        (each.put.value, group.letter)
        for group, each in zip(analysis.groups, found.groups, strict=True)
        if each.put is not None
    ]
    if len(told) < 2:
        return None
    (low, least), (high, most) = min(told), max(told)
    digits = 1 if low < 0.1 else 0
    what = found.outcome.meaning[:1].upper() + found.outcome.meaning[1:]
    return (
        f"{what}: from {numbers.percent(low, digits)} in group {least} to "
        f"{numbers.percent(high, digits)} in group {most}."
    )


def _period(analysis: Analysis) -> str:
    settings = analysis.settings
    if not settings.hold_out_days:
        return f"as of {numbers.day(settings.as_of)}"
    return f"{numbers.day(settings.grouped_as_of)} up to {numbers.day(settings.as_of)}"


def _metric(
    name: str, of: dict[str, str], estimate: Estimate, outcome: Outcome, each: GroupOutcome, profile: Profile
) -> Metric:
    people = outcome.counted == "people"
    return Metric(
        name=name,
        of=of,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        level=LEVEL,
        interval="confidence",
        unit="probability" if people else f"share of {outcome.counted}",
        n=profile.rounded(each.people),
    )
