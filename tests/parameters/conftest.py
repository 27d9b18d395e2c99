"""A small study of the tests' own, and a project to keep its parameter sets in."""

from datetime import date
from pathlib import Path
from typing import Self

import pytest
from pydantic import Field, model_validator

from workbench.parameters.as_of import Day
from workbench.parameters.base import Name, StudyParameters
from workbench.parameters.validation import Unfit
from workbench.refusal import Fault


class ExampleParameters(StudyParameters):
    arms: tuple[Name, ...] = Field(min_length=2, description="The arms that are compared.")
    control: Name = Field(description="The arm the others are compared with.")
    window_days: int = Field(ge=1, le=90, description="Days after the message in which a booking counts.")
    margin: float = Field(default=0.005, gt=0, lt=1, description="The largest difference that means nothing.")
    starts_on: Day = Field(description="The first day of the experiment.")

    @model_validator(mode="after")
    def _control_is_an_arm(self) -> Self:
        if self.control not in self.arms:
            raise ValueError(f"control is {self.control}, which is none of the arms")
        return self

    @model_validator(mode="after")
    def _starts_before_it_is_looked_at(self) -> Self:
        if self.starts_on > self.as_of:
            what = f"the experiment starts after as_of, which is {self.as_of}."
            raise Unfit(Fault("starts_on", what, "Write a day not after it."))
        return self


@pytest.fixture(scope="session")
def model() -> type[StudyParameters]:
    return ExampleParameters


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 11, 25)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("notebooks", "params/example", "params/sources"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


@pytest.fixture(scope="session")
def valid_text() -> str:
    return (Path(__file__).parent / "valid_yaml" / "required_keys.yaml").read_text(encoding="utf-8")
