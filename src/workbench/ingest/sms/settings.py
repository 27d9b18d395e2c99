"""What a source file says of an SMS platform's log."""

from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field, field_validator

from workbench.ingest.contact_points import COUNTRY_CODE, NORTH_AMERICA
from workbench.ingest.feed_settings import FeedSettings
from workbench.ingest.sms.templates import Kind
from workbench.parameters.schedule import TimeZone


class TwilioFeed(FeedSettings):
    """Twilio's message log, as CSV or as bulk JSON lines."""

    reads: Literal["twilio"]
    templates: str = Field(
        default="params/sources/templates.yaml",
        min_length=1,
        description="the registry of the texts that are sent, relative to the project's root",
    )
    reply_words: str = Field(
        default="params/sources/reply_words.yaml",
        min_length=1,
        description="the words by which replies are understood, relative to the project's root",
    )
    own_numbers: tuple[str, ...] = Field(
        default=(),
        description="the provider's own numbers and short codes; messages of others are left out. Unless given, the "
        "log's own direction tells who wrote",
    )
    phone_country: str = Field(
        default=NORTH_AMERICA,
        pattern=f"^{COUNTRY_CODE}$",
        description="the code of the country whose phone numbers stand without one",
    )
    time_zone: TimeZone | None = Field(
        default=None,
        description="the zone of times that are written without one; such a log is refused without it",
    )
    kind_of_unmatched: Kind | None = Field(
        default=None,
        description="the kind under which texts that no template matches are kept; unless given, they are left out",
    )

    @field_validator("templates", "reply_words")
    @classmethod
    def _below(cls, path: str) -> str:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise ValueError("it must be a file below, without a leading / and without ..")
        return path
