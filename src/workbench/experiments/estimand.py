"""What happens between assignment and outcome, and how an experiment's parameters handle each such event."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

# Strategies of the addendum on estimands, ICH E9 (R1), 2019.
Handling = Literal["treatment_policy", "composite"]
Intercurrent = Literal["opt_out", "undelivered", "death", "discharge"]

_HANDLING = (
    "treatment_policy: counted as assigned, whatever it was; composite: what follows it counts as no outcome"
)


class IntercurrentEvents(BaseModel):
    """How each event between assignment and outcome is handled; guardrails count whatever happens in between."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    opt_out: Handling = Field(default="treatment_policy", description=f"a withdrawal of consent: {_HANDLING}")
    undelivered: Handling = Field(
        default="treatment_policy", description=f"a text of the campaign that does not arrive: {_HANDLING}"
    )
    death: Handling = Field(default="treatment_policy", description=f"the person's death: {_HANDLING}")
    discharge: Handling = Field(
        default="treatment_policy", description=f"the end of the person's treatment: {_HANDLING}"
    )

    @property
    def composite(self) -> tuple[Intercurrent, ...]:
        """The events after which nothing counts as an outcome."""
        return tuple(name for name in get_args(Intercurrent) if getattr(self, name) == "composite")
