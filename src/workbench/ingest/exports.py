"""The files of a source's feeds: which they are, since when they are known, and their readers."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.ingest.accounts import FileTold
from workbench.ingest.feed_settings import FeedSettings
from workbench.ingest.reading import Export, Reading
from workbench.ingest.settings import IngestSettings
from workbench.project import external_data_folder
from workbench.refusal import Fault, Refused
from workbench.tables.source import DataAbsent

Reader = Callable[[Export, Any], Reading]


def reader_of(feed: FeedSettings) -> Reader:
    """The reader of a feed's format, imported when it is needed."""
    match getattr(feed, "reads", None):
        case "fhir":
            from workbench.ingest.fhir.reader import read_fhir  # noqa: PLC0415

            return read_fhir
        case "twilio":
            from workbench.ingest.sms.reader import read_twilio  # noqa: PLC0415

            return read_twilio
        case "qualtrics":
            from workbench.ingest.surveys.qualtrics import read_qualtrics  # noqa: PLC0415

            return read_qualtrics
        case "survey_monkey":
            from workbench.ingest.surveys.survey_monkey import read_survey_monkey  # noqa: PLC0415

            return read_survey_monkey
        case "table":
            from workbench.ingest.mapped.reader import read_mapped  # noqa: PLC0415

            return read_mapped
    raise ValueError("a feed of a format that is declared has a reader")


def exports_folder(settings: IngestSettings, title: str, root: Path) -> Path:
    """The folder in which the exports lie.

    Raises:
        DataAbsent: it is not here.
    """
    base = external_data_folder() if settings.within == "WORKBENCH_DATA" else root
    if base is None:
        raise DataAbsent(f'The exports of "{title}" are not here: set WORKBENCH_DATA to their folder.')
    folder = base / settings.exports
    if not folder.is_dir():
        told = settings.exports if settings.within == "project" else f"{settings.within}/{settings.exports}"
        raise DataAbsent(f'The exports of "{title}" are not here: there is no folder {told}.')
    return folder


def files_of(feed: FeedSettings, folder: Path) -> tuple[Path, ...]:
    """The files of a feed, in the order of their names.

    Raises:
        Refused: there is none.
    """
    if Path(feed.files).is_absolute() or ".." in Path(feed.files).parts:
        what = "its files must lie in the exports' folder, without a leading / and without .."
        raise Refused(Fault(f"feed {feed.name}", what, "Move them there."))
    files = tuple(sorted(path for path in folder.glob(feed.files) if path.is_file()))
    if not files:
        what = f"no file in the exports' folder is called {feed.files}."
        raise Refused(Fault(f"feed {feed.name}", what, "Bring the export, or correct the pattern."))
    return files


def exported_at(feed: FeedSettings, files: tuple[Path, ...]) -> datetime:
    """When the feed was exported: what its settings say, else when its newest file was written."""
    if feed.exported_at is not None:
        at = feed.exported_at
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime.fromtimestamp(int(max(path.stat().st_mtime for path in files)), UTC)


def told_of(path: Path, folder: Path) -> FileTold:
    """A file's name, size and checksum."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileTold(path.relative_to(folder).as_posix(), path.stat().st_size, digest)
