"""A metric in words: what it is called, and its value with its interval as a reader sees them."""

from math import floor, log10

from workbench.present import numbers
from workbench.present.result import Metric

SIGNIFICANT, MOST_DIGITS = 3, 6
COMPARED = ("arm", "model")
PLAIN = frozenset({"arm", "model", "outcome", "rule", "group"})
"""What a metric is of that needs no word before it."""


def metric_name(metric: Metric) -> str:
    """Such as "Difference: motivational against generic, guardrail"."""
    name = metric.name.replace("_", " ")
    name = metric.unit if metric.unit.casefold() == name else name[:1].upper() + name[1:]
    return f"{name}: {', '.join(_of(metric.of))}" if metric.of else name


def amounts(before: Metric, after: Metric, *, with_intervals: bool = True) -> tuple[str, str]:
    """Both values, to the same digits: "2.8 points (1.1 to 4.4)", or "2.8 points" alone."""
    digits = _digits(before, after)
    if with_intervals:
        return _with_interval(before, digits), _with_interval(after, digits)
    return _amount(before, digits), _amount(after, digits)


def shown_alike(before: Metric, after: Metric) -> bool:
    """Whether a reader sees no difference between two values or their intervals."""
    then, now = amounts(before, after)
    return then == now


def direction(before: Metric, after: Metric) -> str:
    """Whether a reader sees a metric go up or down, and whether that is for the better: "up (better)"."""
    then, now = amounts(before, after, with_intervals=False)
    if then == now:
        return "as before"
    rose = (after.value or 0) > (before.value or 0)
    verb = "up" if rose else "down"
    if after.direction == "neither":
        return verb
    return f"{verb} ({'better' if rose == (after.direction == 'higher_is_better') else 'worse'})"


def _of(of: dict[str, str]) -> list[str]:
    words = []
    for key, name in of.items():
        value = name.replace("_", " ") if key == "model" else name
        if key in COMPARED and "versus" in of:
            words.append(f"{value} against {of['versus']}")
        elif key == "group" and "by" in of:
            words.append(f"{of['by'].replace('_', ' ')} {value}")
        elif key not in {"by", "versus"}:
            words.append(value if key in PLAIN else f"{key.replace('_', ' ')} {value}")
    return words


def _with_interval(metric: Metric, digits: int) -> str:
    text = _amount(metric, digits)
    if metric.low is None or metric.high is None:
        return text
    shown, scale = (1, 100) if _is_share(metric) else (digits, 1)
    return f"{text} ({numbers.interval(metric.low, metric.high, shown, scale=scale)})"


def _amount(metric: Metric, digits: int) -> str:
    if metric.value is None:
        raise ValueError("a metric without a value is told by no amount")
    if metric.unit == "proportion":
        return numbers.points(metric.value)
    if metric.unit == "probability" and 0 <= metric.value <= 1:
        return numbers.probability(metric.value)
    return numbers.percent(metric.value) if _is_share(metric) else numbers.number(metric.value, digits)


def _is_share(metric: Metric) -> bool:
    return metric.unit in {"probability", "proportion"} or metric.unit.startswith("share of ")


def _digits(*metrics: Metric) -> int:
    """As many as the smallest value needs for three significant ones; none where all are whole."""
    numbers_shown = [number for each in metrics for number in (each.value, each.low, each.high) if number]
    if all(number.is_integer() for number in numbers_shown):
        return 0
    least = min(abs(number) for number in [each.value for each in metrics if each.value] or numbers_shown)
    return min(MOST_DIGITS, max(0, SIGNIFICANT - 1 - floor(log10(least))))
