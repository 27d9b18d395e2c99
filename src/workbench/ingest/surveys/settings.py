"""What a source file says of a survey tool's export."""

from typing import Literal

from workbench.ingest.feed_settings import FeedSettings


class QualtricsFeed(FeedSettings):
    """A Qualtrics export: CSV with three header rows."""

    reads: Literal["qualtrics"]


class SurveyMonkeyFeed(FeedSettings):
    """A SurveyMonkey export: CSV with two header rows."""

    reads: Literal["survey_monkey"]
