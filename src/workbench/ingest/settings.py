"""What a source file says under `ingest`: where the vendors' exports lie, and how each is read."""

from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from workbench.ingest.fhir.settings import FhirFeed
from workbench.ingest.mapped.settings import MappedFeed
from workbench.ingest.sms.settings import TwilioFeed
from workbench.ingest.surveys.settings import QualtricsFeed, SurveyMonkeyFeed
from workbench.parameters.reading import KeyPath, read_yaml
from workbench.parameters.validation import validated
from workbench.refusal import Fault, Refused

Feed = Annotated[
    FhirFeed | TwilioFeed | QualtricsFeed | SurveyMonkeyFeed | MappedFeed, Field(discriminator="reads")
]


class Part2(BaseModel):
    """What counts as a record of substance use treatment under 42 CFR Part 2."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    diagnosis_groups: tuple[str, ...] = Field(default=(), description="diagnosis groups of substance use")
    clinics: tuple[str, ...] = Field(default=(), description="clinics that are Part 2 programs")
    instruments: tuple[str, ...] = Field(
        default=(), description="survey instruments that tell of substance use"
    )


class IngestSettings(BaseModel):
    """Where exports lie and how each is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    exports: str = Field(min_length=1, description="the folder of the exports, relative to `within`")
    within: Literal["project", "WORKBENCH_DATA"] = "project"
    feeds: tuple[Feed, ...] = Field(min_length=1)
    part2: Part2 | None = Field(
        default=None,
        description="records of substance use, kept out of the tables unless a consent basis is recorded",
    )

    @field_validator("feeds")
    @classmethod
    def _named_once(cls, feeds: tuple[Feed, ...]) -> tuple[Feed, ...]:
        names = [feed.name for feed in feeds]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two feeds are called {', '.join(twice)}; give each a name of its own")
        return feeds

    @field_validator("exports")
    @classmethod
    def _below(cls, exports: str) -> str:
        if PurePosixPath(exports).is_absolute() or ".." in PurePosixPath(exports).parts:
            raise ValueError("it must be a folder below, without a leading / and without ..")
        return exports


def read_ingest_settings(path: Path, root: Path) -> IngestSettings:
    """What a source file says under `ingest`; `path` is absolute.

    Raises:
        Refused: it says nothing there, or something that is not allowed, with every fault and its line.
    """
    label = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    document = read_yaml(path, label=label)
    given = document.values.get("ingest")
    if not isinstance(given, dict):
        what = "it says nothing under ingest, so that there is nothing to ingest."
        raise Refused(Fault(label, what, "Its tables are read where they are; or add the key ingest."))

    def where(key: KeyPath) -> str:
        return document.where(("ingest", *key))

    settings = validated(IngestSettings, given, where)
    _require_no_show_told(settings, document.values.get("not_recorded"), label)
    return settings


def _require_no_show_told(settings: IngestSettings, not_recorded: object, label: str) -> None:
    """Refuse visits in the place of appointments where the source does not say that it knows no no-show."""
    told = isinstance(not_recorded, dict) and not_recorded.get("no_show")
    blind = [feed.name for feed in settings.feeds if not feed.knows_no_show]
    if blind and not told:
        what = f"feed {blind[0]} tells of visits that took place, and knows no no-show."
        raise Refused(Fault(label, what, "Say so, in a sentence, under not_recorded as no_show."))
