"""The parameters of a segment review."""

from pydantic import Field

from workbench.parameters.base import Name, OneLine, Sentence, StudyParameters


class SegmentReview(StudyParameters):
    """What a team goes through each week: whose groups, and how far back."""

    question: OneLine = Field(
        min_length=1, max_length=200, description="the question the review answers, in plain words"
    )
    people_noun: OneLine = Field(
        default="patients",
        min_length=1,
        max_length=30,
        description="what the report calls the people, in the plural",
    )
    segmentation: Name = Field(
        description="the segmentation that is followed: the name under which it is kept, and that of its parameter set "
        "in params/segmentation"
    )
    version: str | None = Field(
        default=None,
        pattern=r"^\d{8}-[0-9a-f]{8}$",
        description="the kept version that is followed; null for the newest one from a week before as_of, or earlier",
    )
    weeks: int = Field(
        default=4, ge=1, le=12, description="weeks looked back on, or as many as there are since the version"
    )
    movement_draws: int = Field(
        default=199,
        ge=39,
        le=999,
        description="later days drawn as if nobody had changed, to tell moves from noise",
    )
    chance_of_false_movement: float = Field(
        default=0.05, ge=0.01, le=0.2, description="how often movement may be claimed where nobody has changed"
    )
    who_must_act: Sentence = Field(
        min_length=1, max_length=300, description="who has to do what once there is an alarm"
    )
