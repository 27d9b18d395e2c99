"""A study's headline number, ready to be drawn and said beside those of its other versions."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from workbench.present import numbers
from workbench.present.result import HeadlineMetric, StudyResult


class HeadlineNumber(BaseModel):
    """The number that a result is known by, in the units of its metric; `value` is None where it is hidden."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: HeadlineMetric
    value: float | None
    low: float | None
    high: float | None
    level: float | None
    interval: Literal["credible", "confidence", "bootstrap"] | None

    def continues(self, other: "HeadlineNumber") -> bool:
        """Whether both are of the same metric and subject, so that they make one history."""
        return (self.metric.name, self.metric.of) == (other.metric.name, other.metric.of)

    @property
    def shown(self) -> str:
        """Its value and interval, such as "28 (11 to 44)", or "not shown"."""
        if self.value is None:
            return "not shown"
        metric = self.metric
        told = f"{numbers.number(metric.scale * self.value, metric.digits)}{metric.unit}"
        if self.low is None or self.high is None:
            return told
        return (
            f"{told} ({numbers.interval(self.low, self.high, metric.digits, scale=metric.scale)}{metric.unit})"
        )

    @property
    def interval_in_words(self) -> str:
        """What its interval is, such as "95 % credible interval"; empty where it has none."""
        if self.level is None or self.interval is None or self.low is None:
            return ""
        return f"{numbers.percent(self.level, 0)} {self.interval} interval"


def headline_number(result: StudyResult) -> HeadlineNumber | None:
    """The headline number of a result, or None where the study names none."""
    number = result.headline_number
    if number is None or result.headline_metric is None:
        return None
    return HeadlineNumber(
        metric=result.headline_metric,
        value=number.value,
        low=number.low,
        high=number.high,
        level=number.level,
        interval=number.interval,
    )
