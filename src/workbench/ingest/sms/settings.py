"""What a source file says of an SMS platform's log."""

from typing import Literal

from workbench.ingest.feed_settings import FeedSettings


class TwilioFeed(FeedSettings):
    """Twilio's message log, as CSV or as bulk JSON lines."""

    reads: Literal["twilio"]
