"""The parameters of an A/B analysis."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from workbench.experiments.estimand import IntercurrentEvents
from workbench.experiments.metrics import USUAL_METRICS, DeclaredMetric, Metric, fit_for_a_verdict
from workbench.experiments.structure import Covariate, Factors
from workbench.parameters.as_of import Day
from workbench.parameters.base import OneLine, Sentence, StudyParameters
from workbench.parameters.playbook import PLAYBOOK_FIELD, PlaybookQuestion
from workbench.parameters.validation import Unfit
from workbench.refusal import Fault
from workbench.tables.kept_groups import KeptSegments

# E-values that adoption takes, by rule. Where nothing else is ever asked, the error of the whole experiment is 1 / e.
_USUAL_EVIDENCE = {"hybrid": 100.0, "anytime": 20.0, "planned": 100.0}

_HEAVY_DEGREES = 3.0

SegmentColumn = Literal["diagnosis_group", "treatment_phase", "therapy_type", "clinic_id", "stratum"]


class InterimLook(BaseModel):
    """A look before the planned one: its day, and the share of the planned people whose windows have closed by then."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    day: Day = Field(description="the day of the look")
    share: float = Field(gt=0, lt=1, description="share of planned_people whose windows have closed by then")


class ABTest(StudyParameters):
    """What an A/B analysis asks, of whom, by which rule; set before the data are seen."""

    question: OneLine = Field(
        min_length=1, max_length=200, description="the question the experiment answers, in plain words"
    )
    playbook: PlaybookQuestion | None = Field(default=None, description=PLAYBOOK_FIELD)
    experiment: OneLine = Field(min_length=1, description="the experiment_id in the table of assignments")
    campaign: OneLine | None = Field(
        default=None,
        description="the campaign_id of the experiment's texts; null where it is the experiment's own id",
    )
    control: OneLine = Field(min_length=1, description="the arm that the others are compared with")
    metrics: Annotated[tuple[DeclaredMetric, ...], AfterValidator(fit_for_a_verdict)] = Field(
        default=USUAL_METRICS,
        min_length=1,
        max_length=12,
        description="what is measured: one metric is primary, guardrails must not get worse, others are described",
    )
    intercurrent_events: IntercurrentEvents = Field(
        default=IntercurrentEvents(),
        description="how events between assignment and outcome are handled: counted as assigned, or as no outcome",
    )
    people_noun: OneLine = Field(
        default="patients",
        min_length=1,
        max_length=30,
        description="what the report calls the people, in the plural",
    )
    recording_lag_days: int = Field(
        default=1, ge=0, le=60, description="days after which an outcome has surely been recorded"
    )
    enrollment_ends: Day | None = Field(
        default=None,
        description="first day on which nobody is enrolled any more; the one planned look comes when the last "
        "window has closed; null only where the source records no time",
    )
    acceptable_loss: float = Field(
        default=0.002,
        gt=0,
        lt=0.5,
        description="largest expected loss at which an arm may be adopted, as a proportion",
    )
    consent_purpose: Literal["care", "marketing", "survey"] = Field(
        default="care", description="the purpose for which consent was needed at assignment"
    )
    segment_by: SegmentColumn | KeptSegments | None = Field(
        default="diagnosis_group",
        description="by what the effect is told apart: a column, or kept segments by name and version that were found "
        "before the first assignment; null for no segments",
    )
    factors: Factors | None = Field(
        default=None,
        description="which part of the message: for every arm the level of each factor, such as tone and length; null "
        "where arms are not told apart by factor",
    )
    covariate: Covariate | None = Field(
        default=None,
        description="what people did before they were assigned, by which the difference is told with less noise beside "
        "the unadjusted one; null for none",
    )
    cure_model: bool = Field(
        default=True,
        description="whether a second model, in which some people never have the event, is held against the forecast "
        "of open windows",
    )
    log_ratio_sd: float = Field(
        default=0.35,
        ge=0.1,
        le=2,
        description="prior standard deviation of the log rate ratio between an arm and control",
    )
    prior_tails: Literal["normal", "heavy"] = Field(
        default="normal",
        description="tails of that prior: normal, or heavy (Student t), which let an effect stand that is surprisingly "
        "large",
    )
    adopt_probability: float = Field(
        default=0.96,
        gt=0.5,
        lt=1,
        description="probability of being better that adoption takes at the planned look",
    )
    rule: Literal["hybrid", "anytime", "planned"] = Field(
        default="hybrid",
        description="what adoption takes. hybrid: before the planned look evidence that is valid at every look, at "
        "it, once, the probability of being better; anytime: such evidence alone, at any look; planned: the "
        "probability, at the looks declared here and the planned one",
    )
    adopt_evidence: float | None = Field(
        default=None,
        ge=10,
        description="e-value that adoption takes where evidence valid at every look counts; null for 100, and 20 where "
        "the rule is anytime",
    )
    harm_evidence: float = Field(
        default=20.0, ge=5, description="e-value at which an arm is stopped for harm before the planned look"
    )
    planned_people: int | None = Field(
        default=None,
        ge=2,
        description="people whose windows will have closed at the planned look; only where the rule is planned",
    )
    interim_looks: tuple[InterimLook, ...] = Field(
        default=(),
        max_length=20,
        description="looks before the planned one at which an arm may be adopted; only where the rule is planned",
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

    @model_validator(mode="after")
    def _structure_fits(self) -> Self:
        if self.factors is not None and self.control not in self.factors:
            what = f'the control "{self.control}" is missing.'
            raise Unfit(Fault("factors", what, "Give the level of every factor in every arm."))
        if self.covariate is not None and "time" in self.goes_on_without:
            what = "without time nothing is known to lie before the assignment."
            raise Unfit(Fault("covariate", what, "Write null."))
        return self

    @model_validator(mode="after")
    def _looks_fit_the_rule(self) -> Self:
        planned = self.rule == "planned"
        if planned != (self.planned_people is not None) or (self.interim_looks and not planned):
            raise ValueError(
                "planned_people must be given where rule is planned, and neither it nor interim_looks elsewhere"
            )
        looks = [(look.day, look.share) for look in self.interim_looks]
        if any(before[0] >= after[0] or before[1] >= after[1] for before, after in pairwise(looks)):
            raise ValueError("interim_looks must rise in day and in share")
        return self

    @property
    def primary(self) -> Metric:
        """The metric that the verdict is about."""
        return next(metric for metric in self.metrics if metric.role == "primary")

    @property
    def log_ratio_degrees(self) -> float | None:
        """Degrees of freedom of the prior of log rate ratios; None where it is normal."""
        return _HEAVY_DEGREES if self.prior_tails == "heavy" else None

    @property
    def needed_evidence(self) -> float:
        """The e-value that adoption takes of one arm."""
        return _USUAL_EVIDENCE[self.rule] if self.adopt_evidence is None else self.adopt_evidence

    @property
    def guardrails(self) -> tuple[Metric, ...]:
        """The metrics that must not get worse."""
        return tuple(metric for metric in self.metrics if metric.role == "guardrail")

    @property
    def secondary(self) -> tuple[Metric, ...]:
        """The metrics that are described alone."""
        return tuple(metric for metric in self.metrics if metric.role == "secondary")

    @property
    def decided_after_days(self) -> int:
        """Days from a person's assignment to the end of the longest window that the verdict rests on."""
        return max(metric.window_days for metric in self.metrics if metric.role != "secondary")

    @property
    def texted_by(self) -> str:
        """The campaign_id of the experiment's texts."""
        return self.campaign or self.experiment
