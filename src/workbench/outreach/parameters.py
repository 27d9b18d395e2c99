"""The parameters of a data quality study: what is asked, and from where on something is told."""

from typing import Literal

from pydantic import Field

from workbench.parameters.base import OneLine, Sentence, StudyParameters
from workbench.tables.quality.days import LARGEST_DRIFT, MOST_MISSING, USUAL_ROWS


class DataQuality(StudyParameters):
    """What is asked of the tables, and from where on something is told; set before the data are seen."""

    minors: Literal["include"] = Field(
        default="include", description="Everybody's rows are looked at, those of minors too."
    )
    question: OneLine = Field(
        min_length=1, max_length=200, description="the question the study answers, in plain words"
    )
    most_missing: float = Field(
        default=MOST_MISSING,
        ge=0,
        lt=1,
        description="share of a column's values that may be missing before it is told",
    )
    largest_drift: float = Field(
        default=LARGEST_DRIFT,
        gt=0,
        lt=1,
        description="by how much a month's missing share may differ from that of the months before",
    )
    usual_rows: int = Field(
        default=USUAL_ROWS,
        ge=5,
        le=100_000,
        description="rows that the same weekday must usually have for a day without any to count as a gap",
    )
    stale_after_days: int = Field(
        default=14,
        ge=1,
        le=365,
        description="days before as_of by which the newest row may lie before the data count as out of date",
    )
    months_shown: int = Field(
        default=12, ge=3, le=12, description="how many months of missing shares are shown, the newest last"
    )
    who_must_act: Sentence = Field(
        min_length=1, max_length=300, description="who sees to it that what was found is mended"
    )
