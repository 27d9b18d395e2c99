"""The project's own settings, in workbench.yaml at its root: limits of runs, approvers, notification, what is kept."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from workbench.parameters.base import no_repeats
from workbench.parameters.reading import read_yaml
from workbench.parameters.validation import validated

SETTINGS_FILE = "workbench.yaml"


class _Group(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Limits(_Group):
    """How long a run may take, and how often it is tried."""

    run_minutes: int = Field(
        default=240, ge=1, le=10_080, description="Minutes after which a run is ended as failed."
    )
    cell_minutes: int | None = Field(
        default=None,
        ge=1,
        le=10_080,
        description="Minutes after which a single cell ends its run; null where the run's limit is enough.",
    )
    retries: int = Field(
        default=1,
        ge=0,
        le=5,
        description="How often a run is tried again after a fault of infrastructure: a lost connection, a kernel "
        "that does not start.",
    )


def _web_address(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ValueError("it is no address that begins with https:// or http://")
    return text


class Notification(_Group):
    """Who is told of failures, and of the first success after them."""

    command: tuple[str, ...] = Field(
        default=(),
        description="A program and its words, given the notification as JSON on standard input; none unless given.",
        examples=[["/usr/local/bin/page-the-team"]],
    )
    webhook: Annotated[str, AfterValidator(_web_address)] | None = Field(
        default=None, max_length=2_000, description="An address to which the notification is posted as JSON."
    )


class Keeping(_Group):
    """What `workbench reports prune` keeps."""

    versions: int = Field(
        default=52,
        ge=1,
        le=10_000,
        description="How many versions of a parameter set are kept, beside those approved by a person.",
    )
    record_days: int = Field(
        default=400, ge=1, le=36_500, description="For how many days records of runs are kept."
    )
    private_days: int = Field(
        default=14,
        ge=1,
        le=3_650,
        description="For how many days private folders of runs that did not publish are kept.",
    )


class HandBack(_Group):
    """What `workbench hand-back` holds to."""

    most_texts: int = Field(
        default=3,
        ge=1,
        le=100,
        description="The ceiling: how many texts a person may get within over_days, those of the list among them.",
    )
    over_days: int = Field(default=7, ge=1, le=90, description="Over how many days texts are counted.")
    valid_days: int = Field(
        default=7,
        ge=1,
        le=31,
        description="For how many days a list that was handed back may be used; then it is removed.",
    )


class Settings(_Group):
    """The project's settings; where there is no file, the defaults."""

    approvers: Annotated[tuple[str, ...], AfterValidator(no_repeats)] = Field(
        default=(),
        description="The accounts, by their names in the operating system, that may approve or reject reports.",
        examples=[["mreyes"]],
    )
    limits: Limits = Field(
        default_factory=Limits, description="How long a run may take, and how often it is tried."
    )
    notification: Notification = Field(
        default_factory=Notification,
        description="Who is told of failures, and of the first success after them.",
    )
    keep: Keeping = Field(default_factory=Keeping, description="What `workbench reports prune` keeps.")
    hand_back: HandBack = Field(
        default_factory=HandBack,
        description="What `workbench hand-back` holds to: the ceiling, and the expiry.",
    )


def read_settings(root: Path) -> Settings:
    """The settings of a project.

    Args:
        root: the project's root.

    Raises:
        Refused: with every fault in the file.
    """
    path = root / SETTINGS_FILE
    if not path.exists():
        return Settings()
    document = read_yaml(path, label=SETTINGS_FILE)
    return validated(Settings, document.values, document.where)
