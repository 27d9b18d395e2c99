"""Measures, rules and numbers of a segmentation in words."""

from workbench.present import numbers
from workbench.segments.features import FEATURES, Feature
from workbench.segments.features.catalog import CATEGORICAL
from workbench.segments.methods.conditions import Bounds, OneOf, RuleCondition
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


def asked_in_words(asked: RuleCondition) -> str:
    """What a clinician's rule asks of one feature, such as "diagnosis is anxiety or depression"."""
    return _words_asked(asked) if isinstance(asked, OneOf) else _bounds_asked(asked)


def _words_asked(asked: OneOf) -> str:
    *most, last = asked.words
    words = f"{', '.join(most)} or {last}" if most else last
    title = next(each.title for each in CATEGORICAL if each.name == asked.feature)
    return f"{title.lower()} is {'not ' if asked.excluded else ''}{words.replace('_', ' ')}"


def _bounds_asked(bounds: Bounds) -> str:
    """Such as "missed at least 20 % and below 50 %"."""
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
