"""The parameters of a segmentation."""

import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from workbench.parameters.base import Name, OneLine, Sentence, StudyParameters, no_repeats
from workbench.parameters.validation import Unfit
from workbench.refusal import Fault
from workbench.segments.families import CATEGORICAL_FAMILIES, Family, FeatureName

# Methods that tell people apart by words, and that leave missing values out of account instead of taking the average.
TAKE_CATEGORIES: tuple[str, ...] = ("latent_class", "rules")
TAKE_MISSING: tuple[str, ...] = ("latent_class", "rules")
Unsuited = Literal["minors", "elderly", "do_not_text", "not_arriving", "never_replied"]
Profiled = Literal["diagnosis_group", "treatment_phase", "therapy_type", "clinic_id"]


class Segmentation(StudyParameters):
    """What a segmentation asks, of whom, by which measures; set before the data are seen."""

    question: OneLine = Field(
        min_length=1, max_length=200, description="the question the groups are to answer, in plain words"
    )
    people_noun: OneLine = Field(
        default="patients",
        min_length=1,
        max_length=30,
        description="what the report calls the people, in the plural",
    )
    lookback_days: int = Field(
        default=365, ge=56, le=1826, description="days before as_of whose events make the features"
    )
    features: Annotated[tuple[Family, ...], AfterValidator(no_repeats)] = Field(
        default=("appointments", "engagement"),
        min_length=1,
        description="the families of features that make the groups",
    )
    measures: Literal["core", "all"] = Field(
        default="core",
        description="which measures of these families: core, or all, which adds gaps between appointments, how often "
        "and how soon texts are answered, bookings through them, the engagement score, and texts of the last 28 days",
    )
    leave_out: Annotated[tuple[FeatureName, ...], AfterValidator(no_repeats)] = Field(
        default=(), description="single features of these families that make no groups"
    )
    demographics_because: Sentence | None = Field(
        default=None,
        min_length=1,
        max_length=300,
        description="why age, sex and language may make the groups, if the family demographics is asked for; else null",
    )
    profile_by: Annotated[tuple[Profiled, ...], AfterValidator(no_repeats)] = Field(
        default=("diagnosis_group", "treatment_phase"),
        description="by what each group is described besides; these do not make the groups",
    )
    least_appointments: int = Field(
        default=4,
        ge=1,
        le=50,
        description="appointments that came due within the lookback, below which a person is too little known to group",
    )
    method: Literal["mixture", "k_means", "latent_class", "density", "rules"] = Field(
        default="mixture",
        description="how groups are made: by a Gaussian mixture of one shape, k_means, latent_class (categories and "
        "missing measures too), density (places where people stand close), or rules that clinicians wrote",
    )
    rules: Name | None = Field(
        default=None,
        description="for the method rules, the name of their file in params/rules, without .yaml; else null",
    )
    groups_from: int = Field(default=2, ge=2, le=12, description="the smallest number of groups tried")
    groups_to: int = Field(default=5, ge=2, le=12, description="the largest number of groups tried")
    resamples: int = Field(
        default=20, ge=5, le=500, description="bootstrap samples by which stability is measured"
    )
    continuum_draws: int = Field(
        default=39,
        ge=19,
        le=999,
        description="data sets without groups, drawn to see how much of the fit a continuum alone would give",
    )
    chance_of_false_groups: float = Field(
        default=0.05,
        gt=0,
        le=0.2,
        description="how often groups may be claimed where there is only a continuum",
    )
    required_stability: float = Field(
        default=0.75,
        ge=0.5,
        le=1,
        description="mean Jaccard similarity that every group must keep under resampling",
    )
    smallest_group: float = Field(
        default=0.05, gt=0, lt=0.5, description="share of the people that the smallest group must hold"
    )
    fewest_people: int = Field(
        default=300, ge=100, description="people below whom no groups are looked for, and more are waited for"
    )
    tree_depth: int = Field(default=3, ge=1, le=4, description="how many questions a rule may ask at most")
    consent_purpose: Literal["care", "marketing", "survey"] = Field(
        default="care", description="the purpose for which consent to texts is told of each group"
    )
    hold_out_days: int = Field(
        default=0,
        ge=0,
        le=182,
        description="days before as_of that are held out: groups are made of what lies before them, and what becomes "
        "of each group is counted in them; 0 for none, and no outcomes",
    )
    other_channel: Annotated[tuple[Unsuited, ...], AfterValidator(no_repeats)] = Field(
        default=("minors", "elderly", "not_arriving"),
        description="whom texts may not suit, looked for and told as groups: minors (where they are studied at all), "
        "elderly, do_not_text, not_arriving, never_replied",
    )
    elderly_from: int = Field(
        default=80, ge=50, le=89, description="age in years from which people are told of as elderly"
    )
    save_as: Name | None = Field(
        default=None,
        description="the name under which other studies find who is in which group; null where it is not kept",
    )
    refit_after_days: int = Field(
        default=91,
        ge=7,
        le=730,
        description="days after which kept groups are due to be found anew; until then people are scored alone",
    )
    who_must_act: Sentence = Field(
        min_length=1, max_length=300, description="who has to do what once there is a verdict"
    )

    @property
    def takes_missing(self) -> bool:
        """Whether values that nothing is known of stay missing; else everybody's average is taken for them."""
        return self.method in TAKE_MISSING

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        faults = [*self._range_faults(), *self._feature_faults()]
        if faults:
            raise Unfit(*faults)
        return self

    def _range_faults(self) -> Iterator[Fault]:
        if self.groups_to < self.groups_from:
            what = f"{self.groups_to} is below groups_from ({self.groups_from})."
            yield Fault("groups_to", what, "Give a number that is not smaller.")
        if (self.method == "rules") != (self.rules is not None):
            what = "rules names a file where the method is rules, and nothing where it is another."
            yield Fault("rules", what, "Set both, or neither.")
        if 1 / (self.continuum_draws + 1) > self.chance_of_false_groups:
            what = (
                f"{self.continuum_draws} draws cannot tell a chance as small as {self.chance_of_false_groups}."
            )
            mend = f"Draw at least {math.ceil(1 / self.chance_of_false_groups) - 1}."
            yield Fault("continuum_draws", what, mend)

    def _feature_faults(self) -> Iterator[Fault]:
        words = [family for family in self.features if family in CATEGORICAL_FAMILIES]
        if words and self.method not in TAKE_CATEGORIES:
            what = f"the method {self.method} cannot use words, which {' and '.join(words)} is told in."
            mend = f"Choose the method {' or '.join(TAKE_CATEGORIES)}, or leave {' and '.join(words)} out."
            yield Fault("features", what, mend)
        asked = "demographics" in self.features
        if asked and self.demographics_because is None:
            what = "groups made of age, sex and language are no more than these, and treat people by them."
            mend = "Say under demographics_because why they may make the groups, or leave demographics out."
            yield Fault("features", what, mend)
        if not asked and self.demographics_because is not None:
            what = "the family demographics is not asked for."
            yield Fault("demographics_because", what, "Write null, or name demographics under features.")

    @property
    def grouped_as_of(self) -> date:
        """The day before whose start everything lies that makes the groups: as_of less the days held out."""
        return self.as_of - timedelta(days=self.hold_out_days)

    def looking_from(self, day: date) -> Self:
        """The same measures of the same people as of another day: nothing held out, and no outcome or channel told."""
        return self.model_copy(update={"as_of": day, "hold_out_days": 0, "other_channel": ()})
