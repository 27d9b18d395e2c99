"""The parameters of a no-show study."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from workbench.parameters.as_of import Day
from workbench.parameters.base import OneLine, Sentence, StudyParameters
from workbench.parameters.playbook import PLAYBOOK_FIELD, PlaybookQuestion

Subgroup = Literal[
    "lead",
    "age_band",
    "sex",
    "language",
    "ethnicity",
    "disability",
    "payer",
    "diagnosis_group",
    "treatment_phase",
    "clinic_id",
    "history",
]
# Columns of patients that a subgroup is, read where it is asked for.
OF_PATIENTS: tuple[Subgroup, ...] = ("sex", "language", "ethnicity", "disability", "payer")


class ReminderTrial(BaseModel):
    """A trial of reminders among the source's assignments: which experiment, and which arms are compared."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    experiment: str = Field(min_length=1, description="the experiment's name in the table of assignments")
    control: str = Field(min_length=1, description="its arm without the reminder that is studied")
    treated: str = Field(min_length=1, description="its arm with it")
    stratum: str | None = Field(
        default=None, description="the stratum whose patients alone get it in that arm; null for all"
    )
    first_days: int = Field(
        default=0, ge=0, le=365, description="days after the assignment whose appointments do not count yet"
    )


class Overbooking(BaseModel):
    """Extra bookings in full sessions, as they are simulated: the hard limit, the caps, and what minutes cost."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    limit: int = Field(default=2, ge=1, le=4, description="extra bookings of a session, at most")
    never: tuple[str, ...] = Field(
        default=("therapy",),
        description="types of appointments beside which nothing is booked, individual therapy among them",
    )
    longest_wait: float = Field(
        default=15.0,
        gt=0,
        le=240,
        description="mean minutes that those who come may wait, over all and by group",
    )
    longest_overtime: float = Field(
        default=15.0, gt=0, le=240, description="mean minutes that a session may run over"
    )
    largest_late: float = Field(
        default=0.2,
        gt=0,
        le=1,
        description="share of visits that may end after the session, over all and by group (overflow)",
    )
    waiting_minute: float = Field(
        default=0.5, ge=0, le=100, description="cost of a minute that one patient waits, of an idle minute"
    )
    overtime_minute: float = Field(
        default=1.5, ge=0, le=100, description="cost of a minute of overtime, of an idle minute"
    )
    visit_variation: float = Field(
        default=0.3,
        ge=0,
        le=2,
        description="assumed standard deviation of a visit's minutes, of the planned ones",
    )


def _no_repeats(given: tuple[Subgroup, ...]) -> tuple[Subgroup, ...]:
    if len(set(given)) < len(given):
        raise ValueError("one of them stands in it more than once")
    return given


class NoShow(StudyParameters):
    """What a no-show study asks: predicted when, trained and tested on what, and what would follow from it."""

    question: OneLine = Field(
        min_length=1, max_length=200, description="the question the study answers, in plain words"
    )
    playbook: PlaybookQuestion | None = Field(default=None, description=PLAYBOOK_FIELD)
    decide_days_before: int | None = Field(
        default=3,
        ge=1,
        le=60,
        description="moment of prediction: the midnight that begins the day this many days before the appointment, "
        "in the clinic's zone; null for the moment of booking",
    )
    test_from: Day = Field(
        description="first day of the appointments the model is tested on; all before it are for training"
    )
    calibration_days: int = Field(
        default=28,
        ge=7,
        le=365,
        description="days before test_from whose appointments calibrate the model, and train nothing",
    )
    training_days: int = Field(
        default=365, ge=7, le=3650, description="days before the calibration whose appointments train the model"
    )
    history_days: int = Field(
        default=730,
        ge=1,
        le=3650,
        description="days before the moment of prediction over which a patient's own past counts",
    )
    recording_lag_days: int = Field(
        default=7, ge=0, le=60, description="days after which an outcome has surely been recorded"
    )
    subgroups: Annotated[tuple[Subgroup, ...], AfterValidator(_no_repeats)] = Field(
        default=("lead", "history", "age_band", "sex", "diagnosis_group", "treatment_phase", "clinic_id"),
        description="by what the model's performance is told apart",
    )
    reminded_from_lead_days: int = Field(
        default=3, ge=0, le=60, description="lead in calendar days from which reminders are usually sent"
    )
    reminder_days_before: int = Field(
        default=2,
        ge=0,
        le=60,
        description="planned moment of the reminder: so many days before the appointment",
    )
    reminder_hour: int = Field(
        default=10,
        ge=0,
        le=23,
        description="planned moment of the reminder: this hour of the patient's clock, or the clinic's",
    )
    reminder_grace_hours: int = Field(
        default=3,
        ge=1,
        le=48,
        description="hours from the planned moment within which a reminder counts as sent",
    )
    reminder_outcome: Literal["missed", "empty"] = Field(
        default="missed",
        description="what a reminder is meant to avoid: a missed appointment, or an empty slot (missed, or called off "
        "too late for anybody else)",
    )
    propensity_within: tuple[float, float] = Field(
        default=(0.01, 0.99),
        description="appointments whose propensity of a reminder lies outside are trimmed; the effect is of the rest",
    )
    remind_share: float = Field(
        default=0.25,
        gt=0,
        lt=1,
        description="share of the eligible appointments that could be reminded, at most",
    )
    reminder_trial: ReminderTrial | None = Field(
        default=None,
        description="the randomized trial of reminders among the source's assignments; null for none",
    )
    calls_per_day: int = Field(
        default=20, ge=1, le=100_000, description="reminder calls the staff can make per day of appointments"
    )
    holdout_share: float = Field(
        default=0.05,
        ge=0,
        le=0.5,
        description="share of patients, drawn by lot, who are on no review list, so that the model can be watched",
    )
    ethics_reference: OneLine | None = Field(
        default=None,
        min_length=1,
        max_length=80,
        description="the number of the decision that allows the holdout, by those who answer for ethics; "
        "no review list is made without it, unless holdout_share is 0",
    )
    involvement: Sentence | None = Field(
        default=None,
        max_length=300,
        description="how patients and the public were involved, in one sentence; null where it is not reported",
    )
    call_cost: float = Field(default=4.0, gt=0, le=10_000, description="cost of one call")
    kept_slot_value: float = Field(
        default=100.0, gt=0, le=1_000_000, description="value of a slot that is used, in the unit of call_cost"
    )
    call_keeps: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="assumed share of no-shows that a call turns into a visit; an assumption, tested by no model",
    )
    threshold_within: tuple[float, float] | None = Field(
        default=None,
        description="lowest and highest plausible risk from which a call pays, over which net benefit is told; null "
        "for half and twice what call_cost, kept_slot_value and call_keeps give",
    )
    overbooking: Overbooking | None = Field(
        default=None,
        description="whether extra bookings in full sessions are simulated, and within what; null for off",
    )
    largest_miscalibration: float = Field(
        default=0.25,
        gt=0,
        le=2,
        description="largest calibration intercept, up or down, at which the model may be used (log odds)",
    )
    slope_within: tuple[float, float] = Field(
        default=(0.75, 1.33), description="calibration slopes within which the model may be used"
    )
    fewest_no_shows: int = Field(
        default=200, ge=20, le=1_000_000, description="no-shows that the test must hold before anything is said"
    )
    required_maturity: float = Field(
        default=0.9, gt=0, le=1, description="share of past appointments whose outcome must be recorded"
    )
    posterior: Literal["laplace", "nuts"] = Field(
        default="laplace",
        description="how the posterior of the model with pooled clinics is found for the test; nuts samples, which "
        "takes many minutes",
    )
    transport_source: OneLine | None = Field(
        default=None,
        description="another source, whose appointments train a model that is then tried on this one; null for none",
    )
    who_must_act: Sentence = Field(
        min_length=1, max_length=300, description="who has to do what once there is a verdict"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        low, high = self.slope_within
        if not 0 < low < 1 < high:
            raise ValueError(
                "slope_within must hold two numbers, the first between 0 and 1, the second above 1"
            )
        if not 0 < self.propensity_within[0] < self.propensity_within[1] < 1:
            raise ValueError("propensity_within must hold two numbers between 0 and 1, the smaller first")
        if self.threshold >= 1:
            raise ValueError(
                "call_cost is not below kept_slot_value times call_keeps, so that no call would ever pay"
            )
        lowest, highest = self.plausible_thresholds
        if not 0 < lowest <= self.threshold <= highest < 1:
            raise ValueError(
                "threshold_within must hold two risks between 0 and 1, and what call_cost, kept_slot_value and "
                "call_keeps give must lie within them"
            )
        if self.test_from >= self.as_of - timedelta(days=self.recording_lag_days):
            raise ValueError("test_from leaves no day whose outcomes are recorded by as_of")
        if self.calibration_days <= self.recording_lag_days:
            raise ValueError(
                "calibration_days must exceed recording_lag_days: the outcomes of the last days before test_from "
                "were not recorded by then"
            )
        if self.transport_source == self.source:
            raise ValueError("transport_source must be another source than source")
        if "time" in self.goes_on_without:
            raise ValueError(
                "a no-show study cannot go on without time: it needs bookings and appointments in order"
            )
        return self

    @property
    def other_sources(self) -> tuple[str, ...]:
        """The source that a model is taken from, where there is one."""
        return () if self.transport_source is None else (self.transport_source,)

    @property
    def threshold(self) -> float:
        """The risk above which a call pays: risk times call_keeps times kept_slot_value exceeds call_cost."""
        return self.call_cost / (self.call_keeps * self.kept_slot_value)

    @property
    def plausible_thresholds(self) -> tuple[float, float]:
        """The lowest and highest plausible risk from which a call pays."""
        if self.threshold_within is not None:
            return self.threshold_within
        return self.threshold / 2, min(2 * self.threshold, (1 + self.threshold) / 2)
