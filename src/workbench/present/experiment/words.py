"""Words that the sentences of an A/B report share."""

from workbench.experiments.analysis import Analysis
from workbench.experiments.fading import Fading
from workbench.present import numbers


def planned_day(analysis: Analysis) -> str:
    """The day of the planned look."""
    return numbers.day(analysis.planned_look) if analysis.planned_look else "the end"


def probability(value: float) -> str:
    """A probability in a sentence: "99.6 %", "more than 99.9 %"."""
    return numbers.probability(value).replace("> ", "more than ").replace("< ", "less than ")


def listed(names: list[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def fading_in_words(found: Fading) -> str:
    """That an effect shrinks, and what is left of it."""
    return (
        f"The effect of “{found.arm}” shrinks from week to week: of those enrolled in the last third of the weeks, per "
        f"1,000, it was {numbers.number(1000 * found.late.mean, signed=True)} "
        f"({numbers.interval(found.late.low, found.late.high, scale=1000)}), likelier too small to matter than not."
    )


def identifier(words: str) -> str:
    """Words as part of a table's identifier."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in words.lower())
