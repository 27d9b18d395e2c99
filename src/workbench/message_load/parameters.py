"""The parameters of a study of message load."""

from typing import Literal

from pydantic import Field

from workbench.parameters.base import Name, OneLine, Sentence, StudyParameters

SegmentBy = Literal["diagnosis_group", "treatment_phase", "therapy_type"]


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
    segment_by: SegmentBy = Field(
        default="treatment_phase", description="by what people are told apart, as known at each text"
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
    level: float = Field(default=0.95, ge=0.5, le=0.99, description="level of the intervals")
    who_must_act: Sentence = Field(
        min_length=1, max_length=300, description="who has to do what once there is a verdict"
    )
