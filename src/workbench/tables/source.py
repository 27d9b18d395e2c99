"""Source files: where the canonical tables of a provider come from (`params/sources/<name>.yaml`)."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from workbench.parameters.reading import read_yaml
from workbench.parameters.schedule import TimeZone
from workbench.parameters.validation import Unfit, validated
from workbench.project import external_data_folder
from workbench.refusal import Fault, Refused, nearest
from workbench.tables.engines.address import READ_FILES, EngineAddress
from workbench.tables.generation import current_generation
from workbench.tables.schema import TABLES

# What stands beside the sources and describes none: the texts that are sent, and the words of replies.
REGISTRIES = ("reply_words", "templates")
# Codes of strptime that tell a date or a time of day.
CLOCK_CODES = "YymdbBjHIMSpaA"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FromColumn(_Strict):
    """A canonical column that is a foreign one, its values renamed where `values` is given."""

    column: str = Field(description="the foreign column's name")
    values: dict[str, str] | None = Field(
        default=None, description="foreign value: canonical value; a value that is not named is a fault"
    )


class Constant(_Strict):
    """A canonical column with the same value in every row."""

    constant: str | int | float | bool


class RowNumber(_Strict):
    """A canonical key made from the row's number, for files whose rows are people without a key."""

    row_number: str = Field(description="what to put before the number", pattern=r"^[a-z][a-z-]*$")


class LocalTime(_Strict):
    """A moment from what a clock on the wall showed, or from a date (its midnight), in a time zone.

    A zone or offset written in the file is passed over: exports often say "Z" of times that were local.
    """

    local_time: str = Field(description="the foreign column, such as 2016-04-29T18:38:08")
    time_zone: TimeZone = Field(description="the zone of the clock")
    format: str | None = Field(
        default=None,
        description="how it is written, in the codes of strptime, such as %m/%d/%Y %I:%M %p; "
        "unless given, as 2016-04-29T18:38:08 or as a date",
    )
    plus_days: int = Field(default=0, description="days later, such as 1 for the end of a date")

    @field_validator("format")
    @classmethod
    def _known_codes(cls, format: str | None) -> str | None:
        left = re.sub(f"%-?[{CLOCK_CODES}]|%%", "", format or "")
        if "%" in left or "'" in left or (format is not None and left == format):
            raise ValueError(f"it may use % with one of {', '.join(CLOCK_CODES)} alone, and no zone")
        return format


class Moment(_Strict):
    """A moment from a date and time that names its offset from UTC, as vendors' interfaces write it."""

    moment: str = Field(
        description="the foreign column, such as 2016-04-29T18:38:08-03:00 (RFC 3339) or "
        "Fri, 29 Apr 2016 18:38:08 -0300 (RFC 2822)"
    )


class BirthYear(_Strict):
    """A birth year from an age in whole years, a year early or late at most; ages over 89 count as 90."""

    age: str = Field(description="the foreign column that holds the age")
    in_year: int = Field(ge=1900, le=2200, description="the year in which people had that age")


ColumnMapping = Annotated[
    FromColumn | Constant | RowNumber | LocalTime | Moment | BirthYear, Field(union_mode="smart")
]


class Rows(_Strict):
    """Rows of a foreign file that fulfil one condition, and what is said of them."""

    reason: str = Field(min_length=1, max_length=160, description="what the rows are, as reports print it")
    column: str | None = Field(default=None, description="the foreign column the condition is about")
    below: float | None = Field(default=None, description="its number is smaller")
    above: float | None = Field(default=None, description="its number is larger")
    contains: str | None = Field(default=None, description="its text contains this")
    one_of: tuple[str, ...] | None = Field(default=None, description="its text is one of these")
    missing: Literal[True] | None = Field(default=None, description="it is empty")
    day_before: str | None = Field(default=None, description="its day lies before that of this column")
    repeats_but_for: tuple[str, ...] | None = Field(
        default=None, description="the row repeats an earlier one in all columns but these"
    )

    @model_validator(mode="after")
    def _one_condition(self) -> "Rows":
        about = [self.below, self.above, self.contains, self.one_of, self.missing, self.day_before]
        given = sum(condition is not None for condition in about)
        if self.repeats_but_for is not None:
            if given or self.column is not None:
                raise ValueError("repeats_but_for stands alone, without column and other conditions")
        elif self.column is None or given != 1:
            words = "below, above, contains, one_of, missing, day_before"
            raise ValueError(f"give column with one of {words}; or repeats_but_for")
        return self


class TableMapping(_Strict):
    """One canonical table made from one foreign file."""

    file: str = Field(
        description="path of the CSV (plain, .gz or zipped) or Parquet file, relative to the location"
    )
    keep: dict[str, str | int] = Field(
        default={}, description="foreign column: the one value whose rows are kept"
    )
    drop: tuple[Rows, ...] = Field(default=(), description="rows left out, one after the other, each counted")
    told: tuple[Rows, ...] = Field(
        default=(), description="rows that are kept, but counted since a reader should know"
    )
    one_per: str | None = Field(
        default=None, description="foreign column: of the rows with one value, the first is kept"
    )
    columns: dict[str, ColumnMapping]


class NotRecorded(_Strict):
    """What a source does not record, each told by a sentence that reports print."""

    consent: str | None = None
    age: str | None = None
    time: str | None = None
    hour: str | None = None
    no_show: str | None = None

    def named(self) -> dict[str, str]:
        """Only what is not recorded."""
        return {name: text for name, text in self if text is not None}


class Source(_Strict):
    """A source of data: where it lies, and how its files become canonical tables.

    Without `tables`, the location holds canonical tables, one Parquet file each, or an engine holds them.
    """

    title: str = Field(min_length=1, max_length=120)
    description: str = ""
    location: str | None = Field(
        default=None, description="folder, relative to the project's root, or to WORKBENCH_DATA"
    )
    within: Literal["project", "WORKBENCH_DATA"] = "project"
    simulated: bool = Field(default=False, description="whether the data are made up, which reports say")
    made_by: str = Field(default="", description="the command that makes the data, where there is one")
    engine: EngineAddress | None = Field(default=None, description="the engine that holds canonical tables")
    tables: dict[str, TableMapping] | None = None
    ingest: dict[str, Any] | None = Field(
        default=None,
        description="vendors' exports from which `workbench ingest` makes the tables in the location",
    )
    not_recorded: NotRecorded = NotRecorded()
    _name: str = PrivateAttr(default="")

    @property
    def name(self) -> str:
        """The name of its file, by which parameter sets name it; empty for a source without one."""
        return self._name

    @field_validator("engine", mode="before")
    @classmethod
    def _is_a_group(cls, given: object) -> object:
        # What was given is not repeated: it may be a URL with a password in it.
        if given is not None and not isinstance(given, dict | EngineAddress):
            raise Unfit(Fault("", "it is no group of keys.", "Write engine: {url: …}."))
        return given

    @model_validator(mode="after")
    def _one_place(self) -> "Source":
        faults = []
        if self.engine is None:
            if self.location is None:
                mend = "Write the folder of the files, or an engine that holds canonical tables."
                faults.append(Fault("location", "this key is missing.", mend))
        else:
            if self.tables is not None:
                mend = "Make views of the canonical tables' names in the engine, and remove this key."
                faults.append(Fault("tables", "an engine's tables are read as they are.", mend))
            if self.location is not None and self.engine.kind not in READ_FILES:
                faults.append(Fault("location", f"{self.engine.kind} reads no files.", "Remove this key."))
            if self.location is not None and self.engine.schema_name is not None:
                what = "tables are read from the files of location, or from a schema of the engine."
                faults.append(Fault("engine", what, "Remove one of the two keys."))
        if faults:
            raise Unfit(*faults)
        return self

    @model_validator(mode="after")
    def _canonical(self) -> "Source":
        if self.ingest is not None and (self.tables or self.engine or self.within != "project"):
            raise ValueError(
                "a source that is ingested has its tables in a location of the project, and maps files under ingest"
            )
        for name, mapping in (self.tables or {}).items():
            if name not in TABLES:
                raise ValueError(f'"{name}" is no canonical table.{nearest(name, TABLES)}')
            for column in mapping.columns:
                if column not in TABLES[name].columns:
                    hint = nearest(column, TABLES[name].columns)
                    raise ValueError(f'"{column}" is no column of the canonical table {name}.{hint}')
        return self


class DataAbsent(Exception):
    """The data of a source are not on this machine, which is no fault of the parameter set."""


def source_path(name: str, root: Path) -> Path:
    """The file of a source, by name.

    Raises:
        Refused: where there is none, with the nearest name there is.
    """
    folder = root / "params" / "sources"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = [file.stem for file in source_files(folder)]
        raise Refused(
            Fault(
                f"source {name}",
                f"there is no file params/sources/{name}.yaml.{nearest(name, known)}",
                f"Known sources: {', '.join(known) or 'none'}.",
            )
        )
    return path


def source_files(folder: Path) -> list[Path]:
    """The source files in a folder, in the order of their names."""
    return sorted(path for path in folder.glob("*.yaml") if path.stem not in REGISTRIES)


def read_source(path: Path, root: Path) -> Source:
    """Read and validate a source file; `path` is absolute."""
    where = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    document = read_yaml(path, label=where)
    source = validated(Source, document.values, document.where)
    source._name = path.stem
    return source


def ingested_location(source: Source, root: Path) -> Path:
    """Where `workbench ingest` keeps the generations of a source's tables."""
    if source.location is None:
        raise ValueError("a source that is ingested has a location")
    return root / source.location


def source_folder(source: Source, root: Path) -> Path:
    """The folder that holds the source's files.

    Raises:
        DataAbsent: WORKBENCH_DATA is not set, or the folder is not there.
    """
    if source.within == "WORKBENCH_DATA":
        base = external_data_folder()
        if base is None:
            raise DataAbsent(f'The data of "{source.title}" are not here: set WORKBENCH_DATA to their folder.')
    else:
        base = root
    if source.location is None:
        raise ValueError("tables that stand in an engine have no folder")
    folder = base / source.location
    if source.ingest is not None:
        current = current_generation(folder)
        if current is None:
            hint = source.made_by or "workbench ingest, with the name of the source"
            raise DataAbsent(f'The data of "{source.title}" are not here. Make them by: {hint}')
        return current
    if not folder.is_dir():
        told = source.location if source.within == "project" else f"{source.within}/{source.location}"
        hint = f" Make them by: {source.made_by}" if source.made_by else ""
        raise DataAbsent(f'The data of "{source.title}" are not here: there is no folder {told}.{hint}')
    return folder
