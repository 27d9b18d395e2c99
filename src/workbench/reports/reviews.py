"""Reviews: what people decided about versions, one small file each, beside the version and bound to its manifest.

A review is `<study>/<name>/.reviews/<version>.<id>.json` in the store, written once. The store is then made to follow
it; see `workbench.reports.approval`.
"""

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from workbench.parameters.allowed import NAME_PATTERN
from workbench.reports.files import sync_folder, write_whole
from workbench.reports.manifest import VERSION_PATTERN

REVIEWS = ".reviews"

# A version that a newer one overtook while it waited is superseded, which nobody has to decide.
ReviewDecision = Literal["approved", "rejected", "withdrawn", "superseded"]


class Review(BaseModel):
    """What was decided about a version: `by` is an account, `manifest_sha256` says which version was looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    id: str = Field(pattern=r"^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}$")
    study: str = Field(pattern=NAME_PATTERN)
    name: str = Field(pattern=NAME_PATTERN)
    version: str = Field(pattern=VERSION_PATTERN)
    decision: ReviewDecision
    by: str
    at: AwareDatetime
    remark: str = ""
    manifest_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def about(self) -> str:
        """The version's name in the store."""
        return f"{self.study}/{self.name}/{self.version}"


def write_review(set_folder: Path, review: Review) -> None:
    """Write a review into the folder of its parameter set, whole and for good."""
    folder = set_folder / REVIEWS
    folder.mkdir(parents=True, exist_ok=True)
    content = review.model_dump_json(by_alias=True, indent=2) + "\n"
    write_whole(folder / f"{review.version}.{review.id}.json", content.encode())
    sync_folder(folder)


def read_reviews(set_folder: Path) -> tuple[Review, ...]:
    """The reviews of a parameter set's versions, the oldest first; what is none is told by `broken_reviews`."""
    found = (_read(path) for path in (set_folder / REVIEWS).glob("*.json"))
    return tuple(sorted((review for review in found if review), key=lambda review: (review.at, review.id)))


def broken_reviews(set_folder: Path) -> list[Path]:
    """Files among the reviews that are none, or another version's."""
    return sorted(path for path in (set_folder / REVIEWS).glob("*.json") if _read(path) is None)


def _read(path: Path) -> Review | None:
    try:
        review = Review.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        return None
    named = path.name == f"{review.version}.{review.id}.json"
    return review if named and (review.study, review.name) == path.parts[-4:-2] else None
