"""What scores say in sentences: of what intervals cover, of the threshold's range, of conflicting measures, of gaps."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.scores.access import Conflict
from workbench.no_show.scores.curve import Distance
from workbench.present import numbers
from workbench.present.no_show.words import BY_WORDS, MODEL_WORDS, group_words
from workbench.present.result import Check, StudyResult, Table


def intervals_in_words(analysis: Analysis) -> str:
    """What every interval of scores covers, and what it does not."""
    told = (
        "All intervals here are at 95 %, **clustered by patient** and **conditional on the fitted model**: "
        "they cover which patients came into the test, whose appointments are alike; they do not cover that "
        "other weeks would have trained another model, nor that the future differs. Numbers come in the order "
        "that matters: whether risks mean what they say; whether acting on them is worth it; and only then "
        "how well they rank."
    )
    one_class = analysis.evaluation.one_class
    return f"{told} {one_class}" if one_class else told


def range_in_words(analysis: Analysis) -> str:
    """The clinic's threshold, and the range over which it is plausible."""
    settings = analysis.settings
    low, high = settings.plausible_thresholds
    inside = [b for b in analysis.evaluation.benefits if low <= b.threshold <= high]
    worth = [b for b in inside if b.gain.low > 0]
    if len(worth) == len(inside):
        found = (
            "Over this whole range calls chosen by the model are worth more than calling everybody or nobody."
        )
    elif worth:
        found = "In a part of this range alone calls chosen by the model are worth more than calling everybody or none."
    else:
        found = (
            "Nowhere in this range are calls chosen by the model worth more, beyond noise, than all or none."
        )
    return (
        f"A call pays from a risk of {numbers.percent(settings.threshold)}: its cost, divided by the value of "
        "a kept slot times the share of no-shows that a call keeps. None of the three is known exactly, so "
        f"that net benefit is told from {numbers.percent(low)} to {numbers.percent(high)}. {found}"
    )


def score_checks(analysis: Analysis) -> list[Check]:
    """What is noted of scores without being judged."""
    evaluation = analysis.evaluation
    checks = []
    if evaluation.eavg is not None and evaluation.e90 is not None:
        detail = f"Eavg {_distance(evaluation.eavg)}; E90 {_distance(evaluation.e90)}."
        checks.append(Check(name="Calibration curve", passed=None, detail=detail))
    if evaluation.one_class:
        checks.append(Check(name="One class only", passed=None, detail=evaluation.one_class))
    for model, why in evaluation.left_out.items():
        name = f"Not scored: {MODEL_WORDS.get(model, model)}"
        checks.append(Check(name=name, passed=None, detail=f"{why[0].upper()}{why[1:]}"))
    return checks


def conflicts_in_words(analysis: Analysis, result: StudyResult) -> str:
    """Where measures of fairness conflict, with the numbers; groups that a table hides are left out."""
    shown = _shown(result.table("access"), result.table("subgroups"))
    told: dict[str, str] = {}
    for conflict in analysis.conflicts:
        by = BY_WORDS[conflict.by]
        if {(by, group_words(conflict.by, side.group)) for side in (conflict.first, conflict.second)} <= shown:
            # The first is the most unlike; one pair of each grouping says enough.
            told.setdefault(by, _conflict(conflict))
    if not told:
        return (
            "Among groups that are shown and calibrated alike, none is reached less than another beyond "
            "noise. Equal calibration and equal shares reached are not the same, and cannot both be had where "
            "groups differ in how many miss."
        )
    return (
        "**Two measures of fairness conflict here**: equal calibration, and an equal share reached of those "
        "who would miss. Where groups differ in how many miss, or in how much is known of them, both cannot "
        "be had by one list, and setting thresholds by group would give up the first for the second; that is "
        "a decision for people, and none is set here.\n\n"
        + "\n".join(f"- {sentence}" for sentence in told.values())
    )


def _conflict(conflict: Conflict) -> str:
    first, second = conflict.first, conflict.second
    rates = [
        numbers.percent(s.missed / s.appointments, 0) for s in (conflict.first_scores, conflict.second_scores)
    ]
    left_out = [numbers.percent(1 - side.missed_called / side.missed, 0) for side in (first, second)]
    gap = conflict.difference
    excess = conflict.excess_difference
    return (
        f"By {BY_WORDS[conflict.by]}: the list leaves out {left_out[0]} of the no-shows of *{first.group}* and "
        f"{left_out[1]} of *{second.group}* (difference {numbers.interval(gap.low, gap.high, 0, scale=100)} "
        "points), though calibration cannot be told apart (missed less predicted differs by "
        f"{numbers.interval(excess.low, excess.high, 1, scale=100)} points); {rates[0]} and {rates[1]} miss."
    )


def _shown(*tables: Table) -> set[tuple[str, str]]:
    """By what and which groups, of those that every table shows."""
    rows = [
        {
            (str(row[0]), str(row[1]))
            for row in table.rows
            if all(
                cell is not None
                for column, cell in zip(table.columns, row, strict=True)
                if column.kind in {"people", "share"}
            )
        }
        for table in tables
    ]
    return set.intersection(*rows)


def _distance(distance: Distance) -> str:
    found, expected, upper = (
        numbers.number(100 * value, 2) for value in (distance.value, distance.expected, distance.upper)
    )
    judged = "more than chance explains" if distance.beyond else "no more than chance explains"
    return (
        f"{found} points ({judged}: under perfect calibration {expected} on average, below {upper} in 19 of 20)"
    )
