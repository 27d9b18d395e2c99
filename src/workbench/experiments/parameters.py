"""The parameters of an A/B analysis."""

from typing import Literal, Self

from pydantic import Field, model_validator

from workbench.parameters.as_of import Day
from workbench.parameters.base import OneLine, Sentence, StudyParameters
from workbench.parameters.playbook import PLAYBOOK_FIELD, PlaybookQuestion

SegmentColumn = Literal["diagnosis_group", "treatment_phase", "therapy_type", "clinic_id", "stratum"]


class ABTest(StudyParameters):
    """What an A/B analysis asks, of whom, by which rule; set before the data are seen."""

    question: OneLine = Field(
        min_length=1, max_length=200, description="the question the experiment answers, in plain words"
    )
    playbook: PlaybookQuestion | None = Field(default=None, description=PLAYBOOK_FIELD)
    experiment: OneLine = Field(min_length=1, description="the experiment_id in the table of assignments")
    control: OneLine = Field(min_length=1, description="the arm that the others are compared with")
    outcome: Literal["booking"] = Field(
        default="booking",
        description="the primary outcome: any booking by an assigned person within the window, however made",
    )
    outcome_noun: OneLine = Field(
        default="bookings",
        min_length=1,
        max_length=30,
        description="what the report calls the outcome, in the plural",
    )
    people_noun: OneLine = Field(
        default="patients",
        min_length=1,
        max_length=30,
        description="what the report calls the people, in the plural",
    )
    window_days: int = Field(
        default=14, ge=1, le=120, description="days after assignment within which an outcome counts"
    )
    recording_lag_days: int = Field(
        default=1, ge=0, le=60, description="days after which an outcome has surely been recorded"
    )
    enrollment_ends: Day | None = Field(
        default=None,
        description="first day on which nobody is enrolled any more; the one planned look comes when the last "
        "window has closed; null only where the source records no time",
    )
    smallest_effect: float = Field(
        default=0.01,
        gt=0,
        lt=0.5,
        description="smallest difference in the outcome's rate that matters, as a proportion",
    )
    acceptable_loss: float = Field(
        default=0.002,
        gt=0,
        lt=0.5,
        description="largest expected loss at which an arm may be adopted, as a proportion",
    )
    guardrail: Literal["opt_out"] | None = Field(
        default="opt_out", description="the outcome that must not get worse; null where it is not recorded"
    )
    guardrail_margin: float = Field(
        default=0.01,
        gt=0,
        lt=0.5,
        description="rise of the guardrail's rate that is still tolerated, as a proportion",
    )
    consent_purpose: Literal["care", "marketing", "survey"] = Field(
        default="care", description="the purpose for which consent was needed at assignment"
    )
    segment_by: SegmentColumn | None = Field(
        default="diagnosis_group", description="by what the effect is told apart; null for no segments"
    )
    log_ratio_sd: float = Field(
        default=0.35,
        ge=0.1,
        le=2,
        description="prior standard deviation of the log rate ratio between an arm and control",
    )
    adopt_probability: float = Field(
        default=0.96,
        gt=0.5,
        lt=1,
        description="probability of being better that adoption takes at the planned look",
    )
    adopt_evidence: float = Field(
        default=100.0, ge=10, description="e-value that adoption takes before the planned look"
    )
    required_maturity: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="share of enrolled people whose window must have closed at the planned look",
    )
    who_must_act: Sentence = Field(
        min_length=1, max_length=300, description="who has to do what once there is a verdict"
    )

    @model_validator(mode="after")
    def _planned(self) -> Self:
        if self.enrollment_ends is None and "time" not in self.goes_on_without:
            raise ValueError(
                "enrollment_ends is missing: give the day on which enrollment ends, "
                "or say under goes_on_without why the study goes on without time"
            )
        return self
