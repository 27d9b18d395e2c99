"""What a source file says of any other table."""

from typing import Literal

from workbench.ingest.feed_settings import FeedSettings


class MappedFeed(FeedSettings):
    """CSV, zipped CSV or Parquet files that a mapping makes into canonical tables."""

    reads: Literal["table"]
