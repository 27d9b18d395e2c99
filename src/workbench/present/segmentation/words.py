"""Measures, rules and numbers of a segmentation in words."""

from workbench.present import numbers
from workbench.segments.features import FEATURES, Feature
from workbench.segments.methods.clinical_rules import Bounds
from workbench.segments.reading.rules import Condition, Rule

WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def rule_in_words(rule: Rule) -> str:
    """A rule's conditions in one line; the rule without any is for everybody."""
    return ", and ".join(condition_in_words(each) for each in rule.conditions) or "everybody"


def condition_in_words(condition: Condition) -> str:
    """One condition, such as "missed at least 20 %"."""
    side = "at least" if condition.at_least else "below"
    return (
        f"{measure_in_words(condition.feature).lower()} {side} {amount(condition.feature, condition.threshold)}"
    )


def bounds_in_words(bounds: Bounds) -> str:
    """What a clinician's rule asks of one measure, such as "missed at least 20 % and below 50 %"."""
    feature = next(each for each in FEATURES if each.name == bounds.measure)
    sides = (("at least", bounds.at_least), ("below", bounds.below))
    told = " and ".join(f"{side} {amount(feature, value)}" for side, value in sides if value is not None)
    return f"{measure_in_words(feature).lower()} {told}"


def amount(feature: Feature, value: float) -> str:
    """A feature's value with its unit; a rate's is told by `measure_in_words`."""
    match feature.kind:
        case "share":
            return numbers.percent(value, 0)
        case "days":
            return f"{numbers.number(value)} days"
        case "hours":
            return f"{numbers.number(value, 1)} hours"
        case _:
            return numbers.number(value, 2)


def measure_in_words(feature: Feature) -> str:
    """A feature's title, with the unit of a rate."""
    return f"{feature.title} {feature.unit}" if feature.kind == "rate" else feature.title


def number_in_words(value: int) -> str:
    """A whole number, small ones as a word."""
    return WORDS[value] if value < len(WORDS) else str(value)
