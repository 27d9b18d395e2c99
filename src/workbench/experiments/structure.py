"""The structure of an experiment as its parameters declare it: the factors of its messages, what is known of people."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from workbench.parameters.base import OneLine

Levels = dict[OneLine, OneLine]


class Covariate(BaseModel):
    """What people did in the days before they were assigned, by which the difference is told with less noise."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    of: Literal["bookings_before", "replies_before"] = Field(
        description="what is counted of each person, as it was known at the assignment"
    )
    days: int = Field(ge=1, le=730, description="days before the assignment within which it is counted")


def fit_for_a_design(arms: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Refuses arms that name other factors, that are the same in all of them, or factors that do not vary."""
    first, *others = arms.items() if arms else [("", {})]
    wrong = [
        f"{arm} names other factors than {first[0]}" for arm, levels in others if set(levels) != set(first[1])
    ]
    if not wrong:
        wrong = _faults_of_design(arms, list(first[1]))
    if wrong:
        raise ValueError("; ".join(wrong))
    return arms


Factors = Annotated[dict[OneLine, Levels], AfterValidator(fit_for_a_design)]


def levels_of(arms: Mapping[str, Mapping[str, str]], control: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each factor with its levels, that of the control first, the others in the order of the arms."""
    reference = arms[control]
    return tuple(
        (factor, tuple(dict.fromkeys([level, *(levels[factor] for levels in arms.values())])))
        for factor, level in reference.items()
    )


def places_of(arms: Mapping[str, Mapping[str, str]], control: str) -> dict[str, tuple[int, ...]]:
    """Where each arm stands among all combinations: the place of its level in each factor, by `levels_of`."""
    factors = levels_of(arms, control)
    return {arm: tuple(told.index(levels[name]) for name, told in factors) for arm, levels in arms.items()}


def _faults_of_design(arms: Mapping[str, Mapping[str, str]], factors: Sequence[str]) -> list[str]:
    wrong = (
        [f"it names {'one factor' if factors else 'no factor'}, where it takes two"] if len(factors) < 2 else []
    )
    for factor in factors:
        found = {levels[factor] for levels in arms.values()}
        if len(found) < 2:
            wrong.append(f"{factor} has one level, {', '.join(found)}, in every arm")
    seen: dict[tuple[str, ...], str] = {}
    for arm, levels in arms.items():
        same = seen.setdefault(tuple(levels[factor] for factor in factors), arm)
        if same != arm:
            wrong.append(f"{arm} and {same} are the same in every factor")
    return wrong
