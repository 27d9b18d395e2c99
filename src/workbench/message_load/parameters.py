"""The parameters of a study of message load."""

from typing import Literal, Self

from pydantic import Field, model_validator

from workbench.message_load.causal.settings import CausalSettings, Worth
from workbench.parameters.base import Name, OneLine, Sentence, StudyParameters
from workbench.parameters.validation import Unfit
from workbench.refusal import Fault
from workbench.tables.kept_groups import KeptSegments

SegmentColumn = Literal["diagnosis_group", "treatment_phase", "therapy_type"]


class MessageLoad(StudyParameters):
    """What a study of message load asks, and of which texts; set before the data are seen."""

    question: OneLine = Field(
        min_length=1, max_length=200, description="the question the study answers, in plain words"
    )
    consent_purpose: Literal["care", "marketing", "survey"] = Field(
        default="care", description="the purpose of the consent that people must have given at each text"
    )
    lookback_days: int = Field(
        default=364, ge=56, le=1826, description="days before as_of whose texts are studied"
    )
    attribution_hours: int = Field(
        default=72,
        ge=1,
        le=168,
        description="hours after a text within which an opt-out answers it, unless another text comes first",
    )
    segment_by: SegmentColumn | KeptSegments = Field(
        default="treatment_phase",
        description="by what people are told apart: a column, as known at each text, or kept segments by name and "
        "version that look from before the days studied",
    )
    reasons_from: Name | None = Field(
        default=None,
        description="the instrument in surveys whose score is the coded reason of an opt-out; null where none is asked",
    )
    high_load: int = Field(
        default=4,
        ge=2,
        le=7,
        description="texts in seven days whose risk is held against that of a single text",
    )
    material_ratio: float = Field(
        default=1.5,
        gt=1,
        le=5,
        description="how many times the risk of a single text is too much; surely below it, no effect of load is seen",
    )
    fewest_opt_outs: int = Field(
        default=100,
        ge=30,
        description="opt-outs that answer a text, below which no curve is told and more are waited for",
    )
    fewest_at_high_load: int = Field(
        default=20,
        ge=5,
        description="opt-outs to be expected at the high load were it harmless, below which its risk is not identified",
    )
    followed_weeks: int = Field(
        default=26,
        ge=8,
        le=104,
        description="whole weeks before as_of in which people are followed, to see what a load kept up does",
    )
    followed_people: int = Field(
        default=20_000,
        ge=1_000,
        le=200_000,
        description="how many of them at most, drawn at random: a model needs a row for each week of each",
    )
    replicates: int = Field(
        default=60,
        ge=20,
        le=1_000,
        description="bootstrap samples of people, from which those intervals are made",
    )
    opt_out_worth: tuple[float, float, float] = Field(
        default=(1.0, 3.0, 10.0),
        description="how many bookings one opt-out is worth: lowest, taken, highest",
    )
    frequency_experiment: Name | None = Field(
        default=None,
        description="an experiment in assignments whose arms were texted differently often, by lot; null for none",
    )
    frequency_days: int = Field(
        default=35,
        ge=7,
        le=180,
        description="days after its assignments within which bookings and opt-outs count",
    )
    level: float = Field(default=0.95, ge=0.5, le=0.99, description="level of the intervals")
    who_must_act: Sentence = Field(
        min_length=1, max_length=300, description="who has to do what once there is a verdict"
    )

    @model_validator(mode="after")
    def _worth_in_order(self) -> Self:
        low, middle, high = self.opt_out_worth
        if not 0 < low <= middle <= high:
            what = "they are not three numbers above 0 in rising order."
            raise Unfit(
                Fault("opt_out_worth", what, "Give the lowest, the one taken and the highest, as [1, 3, 10].")
            )
        return self

    @property
    def causal(self) -> CausalSettings:
        """What of this the causal analysis is told."""
        return CausalSettings(
            seed=self.seed,
            weeks=self.followed_weeks,
            people=self.followed_people,
            replicates=self.replicates,
            worth=Worth(*self.opt_out_worth),
            level=self.level,
            experiment=self.frequency_experiment,
            window_days=self.frequency_days,
        )
