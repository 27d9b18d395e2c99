"""What a source file says of a FHIR feed."""

from typing import Literal

from workbench.ingest.feed_settings import FeedSettings


class FhirFeed(FeedSettings):
    """A FHIR R4 bulk export: NDJSON, one resource a line, plain or as .gz."""

    reads: Literal["fhir"]
