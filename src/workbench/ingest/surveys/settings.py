"""What a source file says of a survey tool's export."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.ingest.feed_settings import FeedSettings
from workbench.ingest.person import Person
from workbench.parameters.schedule import TimeZone


class _Measure(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    instrument: str = Field(
        min_length=1, max_length=60, description="what the canonical surveys call it: PHQ-9"
    )


class ScoreColumn(_Measure):
    """An instrument whose score stands in a column."""

    score: str = Field(description="the column, such as SC0")


class Items(_Measure):
    """An instrument whose score is the sum of its items' points."""

    items: tuple[str, ...] = Field(min_length=1, description="the items' columns")
    values: dict[str, float] | None = Field(
        default=None,
        description="answer: its points; unless given, answers are numbers. An answer that is not named is a fault",
    )
    unanswered_at_most: int = Field(
        default=0,
        ge=0,
        description="so many items may lack an answer; each then counts as the mean of the others",
    )


class Coded(_Measure):
    """Answers of a closed list, such as a reason of refusal, each kept as a number."""

    coded: tuple[str, ...] = Field(min_length=1, description="the question's columns")
    values: dict[str, float] = Field(
        min_length=1, description="answer: its number. An answer that is not named is a fault"
    )


Measure = Annotated[ScoreColumn | Items | Coded, Field(union_mode="smart")]


class SurveyFeed(FeedSettings):
    """What every survey tool's feed says."""

    person: Person | Literal["none"] = Field(
        description="the column that names the person; none, where no column does: answers are counted and left"
    )
    message_id: str | None = Field(
        default=None, description="the column with the key of the text that the answer came through"
    )
    instruments: tuple[Measure, ...] = Field(default=(), description="which answers are kept, and as what")

    @model_validator(mode="after")
    def _instruments_named_once(self) -> "SurveyFeed":
        names = [measure.instrument for measure in self.instruments]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice among the instruments")
        if self.person != "none" and not names:
            raise ValueError("name at least one of the instruments, or nothing would be kept")
        return self


class QualtricsFeed(SurveyFeed):
    """A Qualtrics export: CSV with three header rows."""

    reads: Literal["qualtrics"]


class SurveyMonkeyFeed(SurveyFeed):
    """A SurveyMonkey export: CSV with two header rows."""

    reads: Literal["survey_monkey"]
    time_zone: TimeZone | None = Field(default=None, description="the zone of the account's clock")
    slashes: Literal["month_first", "day_first"] | None = Field(
        default=None, description="what 06/07/2026 means; unless given, dates are written 2026-06-07"
    )

    @model_validator(mode="after")
    def _zone_where_times_are_read(self) -> "SurveyMonkeyFeed":
        if self.person != "none" and self.time_zone is None:
            raise ValueError("give time_zone: SurveyMonkey writes times without their zone")
        return self
