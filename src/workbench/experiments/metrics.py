"""The metrics of an experiment, as its parameters declare them: what is measured, of what kind, and in which role."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from workbench.parameters.base import OneLine

Role = Literal["primary", "guardrail", "secondary"]
Direction = Literal["increase", "decrease"]

# What a reader calls each thing that can be measured, and which direction of it is good.
_USUAL: Mapping[str, tuple[str, Direction]] = {
    "booking": ("bookings", "increase"),
    "opt_out": ("opt-outs", "decrease"),
    "opt_in": ("opt-ins", "increase"),
    "reply": ("people who reply", "increase"),
    "attendance": ("people who attend", "increase"),
    "discharge": ("ended treatments", "decrease"),
    "bookings": ("bookings per person", "increase"),
    "attended": ("attended appointments per person", "increase"),
    "replies": ("replies per person", "increase"),
    "texts": ("texts per person", "decrease"),
    "days_to_booking": ("days to a booking", "decrease"),
    "attended_of_started": ("attended among started appointments", "increase"),
    "replies_per_text": ("replies per text", "increase"),
}


def _usual_name(given: Mapping[str, Any]) -> str:
    of = given.get("of", "")
    return _USUAL[of][0] if of in _USUAL else f"{of} scores"


def _usual_direction(given: Mapping[str, Any]) -> Direction:
    # Of symptom scales, fewer points are better.
    return _USUAL[given["of"]][1] if given.get("of") in _USUAL else "decrease"


class _Declared(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    kind: str
    of: str
    name: OneLine = Field(
        default_factory=_usual_name,
        min_length=1,
        max_length=40,
        description="what the report calls it, in the plural; by default after what is measured",
    )
    role: Role = Field(
        default="secondary",
        description="primary: the verdict is about it; guardrail: it must not get worse; secondary: described alone",
    )
    direction: Direction = Field(
        default_factory=_usual_direction,
        description="which change of it is good; by default after what is measured",
    )
    window_days: int = Field(
        default=14, ge=1, le=120, description="days after assignment within which it is measured"
    )

    @property
    def sign(self) -> int:
        """1 where more of it is good, -1 where less is."""
        return 1 if self.direction == "increase" else -1


_EFFECT = "smallest difference that matters; of a guardrail, the change to the worse that is still tolerated; "


class EventMetric(_Declared):
    """Whether something happens to a person within the window: a proportion of people."""

    kind: Literal["event"]
    of: Literal["booking", "opt_out", "reply", "attendance", "discharge", "opt_in"] = Field(
        description="what happens: any booking however made, a withdrawal of consent, a reply, an appointment that is "
        "attended, the end of treatment, consent given"
    )
    smallest_effect: float = Field(default=0.01, gt=0, lt=0.5, description=f"{_EFFECT}a proportion of people")


class CountMetric(_Declared):
    """How often something happens to a person within the window."""

    kind: Literal["count"]
    of: Literal["bookings", "attended", "replies", "texts"] = Field(description="what is counted")
    smallest_effect: float = Field(default=0.1, gt=0, description=f"{_EFFECT}a number per person")


class ScoreMetric(_Declared):
    """The last score a person gave in a survey within the window; who did not answer has none."""

    kind: Literal["score"]
    of: OneLine = Field(min_length=1, max_length=60, description="the survey's instrument, such as PHQ-9")
    smallest_effect: float = Field(default=1.0, gt=0, description=f"{_EFFECT}points of the score")


class DurationMetric(_Declared):
    """Days until something happens to a person, censored at the end of the window."""

    kind: Literal["duration"]
    of: Literal["days_to_booking"] = Field(description="until what")
    smallest_effect: float = Field(default=1.0, gt=0, description=f"{_EFFECT}days")


class RatioMetric(_Declared):
    """What happens within the window among all people of an arm, divided by what it is a part of."""

    kind: Literal["ratio"]
    of: Literal["attended_of_started", "replies_per_text"] = Field(description="what is divided by what")
    smallest_effect: float = Field(default=0.01, gt=0, lt=0.5, description=f"{_EFFECT}a difference of ratios")


Metric = EventMetric | CountMetric | ScoreMetric | DurationMetric | RatioMetric
DeclaredMetric = Annotated[Metric, Field(discriminator="kind")]

USUAL_METRICS: tuple[Metric, ...] = (
    EventMetric(kind="event", of="booking", role="primary"),
    EventMetric(kind="event", of="opt_out", role="guardrail"),
)


def fit_for_a_verdict(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """Refuses a list without exactly one primary, with a name twice, or that decides on what is no event."""
    primaries = sum(metric.role == "primary" for metric in metrics)
    names = [metric.name for metric in metrics]
    repeated = sorted({name for name in names if names.count(name) > 1})
    described = [metric.name for metric in metrics if metric.role != "secondary" and metric.kind != "event"]
    found: list[tuple[object, Callable[[], str]]] = [
        (primaries != 1, lambda: f"{primaries or 'none'} of them is primary, where exactly one must be"),
        (repeated, lambda: f"the name {', '.join(repeated)} stands in it more than once"),
        (described, lambda: f"{', '.join(described)} is no event, and verdicts are made on events alone"),
    ]
    wrong = [told() for holds, told in found if holds]
    if wrong:
        raise ValueError("; ".join(wrong))
    return metrics
