"""The parameters of the plan of an experiment, by which people are later randomized too."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from workbench.experiments.parameters import SegmentColumn
from workbench.parameters.base import Name, OneLine, Sentence, StudyParameters, no_repeats
from workbench.tables.quality.texting import QUIET_FROM_HOUR, QUIET_UNTIL_HOUR

StratumColumn = Literal["clinic_id", "diagnosis_group", "treatment_phase", "therapy_type"]
ClusterColumn = Literal["clinic_id", "household_id"]
MessageKind = Literal["reminder", "medication", "re_engagement", "survey", "education"]

# What a holdout is called in the table of assignments.
HOLDOUT = "holdout"
# Shares are written with a few decimals: a third is .3333.
SHARES_WITHIN = 1e-3


class ExperimentPlan(StudyParameters):
    """What an experiment would ask, of whom, by which rule, and what is believed before it."""

    question: OneLine = Field(
        min_length=1, max_length=200, description="the question the experiment would answer, in plain words"
    )
    experiment: Name = Field(description="the experiment_id that the assignments will carry")
    arms: dict[OneLine, float] = Field(
        min_length=2,
        max_length=12,
        description="each arm's share of the people who are randomized; shares add up to 1",
    )
    control: OneLine = Field(min_length=1, description="the arm that the others are compared with")
    holdout: float = Field(
        default=0.0,
        ge=0,
        lt=0.5,
        description="share of the eligible who are kept out of all arms, and get none of the texts",
    )
    treatment_phases: Annotated[tuple[OneLine, ...], AfterValidator(no_repeats)] = Field(
        default=(), description="the phases of treatment whose people take part; empty for all"
    )
    consent_purpose: Literal["care", "marketing", "survey"] = Field(
        default="care", description="the purpose for which people must have agreed to texts"
    )
    stratify_by: Annotated[tuple[StratumColumn, ...], AfterValidator(no_repeats)] = Field(
        default=(), max_length=3, description="within which groups the arms are kept balanced"
    )
    cluster_by: ClusterColumn | None = Field(
        default=None, description="who is randomized together; null where each person is by themselves"
    )
    cluster_correlation: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="correlation of the outcome within a cluster; of no account without clusters",
    )
    overlap: Literal["tell", "keep_out"] = Field(
        default="keep_out",
        description="whether people of other running experiments are left out, or only told of",
    )
    overlap_days: int = Field(
        default=28, ge=1, le=365, description="for how many days after assignment another experiment is running"
    )
    ethics_reference: OneLine | None = Field(
        default=None,
        min_length=3,
        max_length=120,
        description="the number of the ethics board's or privacy officer's decision; nobody is randomized without",
    )
    send_from_hour: int = Field(
        default=9,
        ge=QUIET_UNTIL_HOUR,
        lt=QUIET_FROM_HOUR,
        description="first hour of the patient's day for texts",
    )
    send_until_hour: int = Field(
        default=20,
        gt=QUIET_UNTIL_HOUR,
        le=QUIET_FROM_HOUR,
        description="hour of the patient's day by which texts must have gone out",
    )
    message_kind: MessageKind = Field(
        default="re_engagement", description="the kind of text whose past tells the base rates"
    )
    lookback_days: int = Field(
        default=365, ge=28, le=1_095, description="days before as_of from which past texts are counted"
    )
    arrival_weeks: int = Field(
        default=12,
        ge=1,
        le=52,
        description="weeks before as_of over which arrivals of eligible people are counted",
    )
    most_per_week: int | None = Field(
        default=None, ge=1, description="most people who can be texted in a week; null for no limit"
    )
    base_rate: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="rate of the outcome under control, as a proportion; null takes it from past texts",
    )
    guardrail_rate: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="rate of opt-outs under control, as a proportion; null takes it from past texts",
    )
    expected_effect: float = Field(
        gt=-0.5,
        lt=0.5,
        description="design prior: mean of the difference in the outcome's rate, as a proportion",
    )
    effect_sd: float = Field(
        gt=0, lt=0.5, description="design prior: standard deviation of that difference, as a proportion"
    )
    expected_rise: float = Field(
        default=0.0,
        gt=-0.5,
        lt=0.5,
        description="design prior: mean of the rise in the guardrail's rate, as a proportion",
    )
    rise_sd: float = Field(
        default=0.0025,
        gt=0,
        lt=0.5,
        description="design prior: standard deviation of that rise, as a proportion",
    )
    sizes: Annotated[tuple[int, ...], AfterValidator(no_repeats)] = Field(
        default=(500, 1_000, 2_000, 5_000, 10_000, 20_000),
        min_length=1,
        max_length=12,
        description="people in each treated arm, for which the plan is computed",
    )
    target_assurance: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="assurance of adoption that makes the experiment worth its people, averaged over the design prior",
    )
    longest_days: int = Field(
        default=180, ge=7, le=1_095, description="days within which the planned look must come"
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
    guardrail_margin: float = Field(
        default=0.01,
        gt=0,
        lt=0.5,
        description="rise of the rate of opt-outs that is still tolerated, as a proportion",
    )
    log_ratio_sd: float = Field(
        default=0.35,
        ge=0.1,
        le=2,
        description="prior standard deviation of the log rate ratio with which the experiment will be analyzed",
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
    segment_by: SegmentColumn | None = Field(
        default="diagnosis_group", description="by what the effect would be told apart; null for no segments"
    )
    simulated_experiments: int = Field(
        default=10_000,
        ge=1_000,
        le=200_000,
        description="how many experiments are drawn for each probability",
    )
    who_must_act: Sentence = Field(
        min_length=1, max_length=300, description="who has to do what once the plan is there"
    )

    @model_validator(mode="after")
    def _arms_add_up(self) -> Self:
        if any(share <= 0 for share in self.arms.values()) or abs(sum(self.arms.values()) - 1) > SHARES_WITHIN:
            raise ValueError("arms have shares above 0 that add up to 1; a holdout is told by holdout")
        if self.control not in self.arms:
            raise ValueError(f'the control "{self.control}" is none of the arms')
        if HOLDOUT in self.arms:
            raise ValueError(f'no arm may be called "{HOLDOUT}"; its share is told by holdout')
        return self

    @model_validator(mode="after")
    def _hours(self) -> Self:
        if self.send_from_hour >= self.send_until_hour:
            raise ValueError("send_until_hour is not after send_from_hour")
        return self

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        if min(self.sizes) < 50 or max(self.sizes) > 5_000_000 or list(self.sizes) != sorted(self.sizes):
            raise ValueError("sizes lie between 50 and 5,000,000, the smallest first")
        return self

    @property
    def shares(self) -> dict[str, float]:
        """Each arm's share, scaled to add up to exactly 1."""
        total = sum(self.arms.values())
        return {arm: share / total for arm, share in self.arms.items()}

    @property
    def smallest_arm(self) -> float:
        """The share of the smallest treated arm."""
        return min(share for arm, share in self.shares.items() if arm != self.control)

    @property
    def treated_arms(self) -> int:
        """How many arms are compared with the control."""
        return len(self.arms) - 1
