"""What every feed of a source file says, whatever it reads."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class FeedSettings(BaseModel):
    """One vendor's export: which files, and since when they are known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="what accounts call the feed, such as ehr")
    files: str = Field(
        min_length=1, description="its files: a pattern such as fhir/*.ndjson*, relative to the exports' folder"
    )
    exported_at: datetime | None = Field(
        default=None,
        description="when it was exported; where it is not given, the moment its newest file was written",
    )

    @property
    def knows_no_show(self) -> bool:
        """Whether appointments that nobody came to are among what it tells of."""
        return True
