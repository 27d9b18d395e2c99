"""The base of every study's parameters: what a parameter set of any study must say."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from workbench.parameters.allowed import NAME_PATTERN
from workbench.parameters.as_of import AsOf
from workbench.parameters.reading import KeyPath, spoken
from workbench.parameters.schedule import Schedule
from workbench.parameters.validation import validated

Reader = Literal["business_development", "clinical_leads", "compliance", "operations", "analysts"]
Unrecorded = Literal["consent", "age", "time", "hour", "no_show"]


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it holds a line break or a character that cannot be seen")
    if text != text.strip():
        raise ValueError("it begins or ends with a space")
    return text


def _sentence(text: str) -> str:
    if " " not in _one_line(text) or not text.endswith("."):
        raise ValueError("it is no sentence that ends in a full stop")
    return text


def no_repeats[T](entries: tuple[T, ...]) -> tuple[T, ...]:
    """Refuses a list that holds an entry twice; for the fields of a study's model."""
    repeated = sorted({str(entry) for entry in entries if entries.count(entry) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} stands in it more than once")
    return entries


OneLine = Annotated[str, AfterValidator(_one_line)]
Sentence = Annotated[str, AfterValidator(_sentence), Field(examples=["The vendor keeps no dates of birth."])]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]


class StudyParameters(BaseModel):
    """What a parameter set of any study says; each study adds its own fields below these.

    Strict and frozen: no value is converted, no unknown key is taken. A study's model validators raise
    ValueError with one sentence, or `Unfit` with the keys concerned; they see `as_of` as a date.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    title: OneLine = Field(min_length=1, max_length=120, description="What the report is called, on one line.")
    audience: Annotated[tuple[Reader, ...], AfterValidator(no_repeats)] = Field(
        min_length=1, description="Who the report is for."
    )
    owner: OneLine = Field(
        min_length=1, max_length=120, description="Who answers for the study: a person's role or a team."
    )
    schedule: Schedule | None = Field(
        default=None, description="When it is due; null where it runs by hand alone."
    )
    release: Literal["automatic", "reviewed"] | None = Field(
        default=None,
        description="Whether a report that passed its checks is published at once (automatic) or awaits approval "
        "(reviewed); null lets the first version wait, and any whose columns changed or whose last was withdrawn.",
    )
    as_of: AsOf = Field(
        description="The day the study looks from: a date, or a rule that is resolved to one when it runs."
    )
    source: Name = Field(
        description="Where the tables come from: the name of a file in params/sources, without .yaml."
    )
    seed: int = Field(
        ge=0, le=2**32 - 1, description="The seed of all randomness; the same seed gives the same report."
    )
    minors: Literal["exclude", "include", "only"] = Field(
        default="exclude", description="Whether minors are left out, studied along, or studied alone."
    )
    disclosure: Literal["cms", "nhs"] = Field(
        default="cms",
        description="The rule by which small cells are hidden: cms (1 to 10) or nhs (1 to 7, the rest rounded to 5).",
    )
    valid_days: int = Field(
        default=28, ge=1, le=365, description="For how many days after as_of the report is valid."
    )
    goes_on_without: dict[Unrecorded, Sentence] = Field(
        default_factory=dict,
        description="Why the study goes on though consent, age, time, hour or no_show is unrecorded: a sentence each.",
    )

    @property
    def other_sources(self) -> tuple[str, ...]:
        """Names of the sources that a study reads beside `source`."""
        return ()

    @classmethod
    def from_cell(cls, namespace: Mapping[str, Any], today: date | None = None) -> Self:
        """The parameters that a notebook's parameters cell, and papermill after it, left in its globals.

        Args:
            namespace: The notebook's `globals()`; names that are no fields of the model are passed over.
            today: The day from which rules of `as_of` are resolved; today's in UTC unless given.

        Raises:
            Refused: with every fault, each naming its key.
        """
        values = {name: namespace[name] for name in cls.model_fields if name in namespace}
        return validated(cls, values, _place_in_cell, today=today or datetime.now(UTC).date())

    def as_values(self) -> dict[str, Any]:
        """All fields as plain values (dates as "2026-11-16", tuples as lists), in the model's order.

        papermill injects them as literals; `from_cell` makes the same parameters of them.
        """
        return self.model_dump(mode="json")


def _place_in_cell(path: KeyPath) -> str:
    return f"the notebook's parameters, key {spoken(path)}" if path else "the notebook's parameters"
