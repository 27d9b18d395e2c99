"""What the words around the project say is so: links lead somewhere, commands exist, tables name what the code has."""

import re
import shlex
from pathlib import Path
from typing import get_args

import click
import pytest

from workbench.cli.entry import commands
from workbench.ingest.settings import read_ingest_settings
from workbench.parameters.playbook import PlaybookQuestion
from workbench.present.fragments import DECISIONS
from workbench.reports.records import State
from workbench.reports.tidy import SCHEMAS
from workbench.tables.schema import TABLES
from workbench.tables.source import read_source

ROOT = Path(__file__).parents[1]
GENERATED = {"data", "node_modules"}
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part in GENERATED for part in page.relative_to(ROOT).parts)
)
FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(<?(?P<target>[^)>\s]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(?P<text>.+?)\s*#*$", re.MULTILINE)
MAKE = re.compile(r"(?<![\w./-])(?<!model )make +(?P<target>[a-z]+)")
WORKBENCH = re.compile(r"(?:^|(?<=[\s/`]))workbench +(?P<words>[^|;&\n]+)", re.MULTILINE)
# Options that every command has, and are not among its parameters.
ALWAYS = {"-h", "--help"}


def pages(*folders: str) -> list:
    chosen = [page for page in PAGES if not folders or page.relative_to(ROOT).as_posix().startswith(folders)]
    return [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in chosen]


def read(page: Path | str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def code(text: str) -> list[str]:
    """The fenced blocks and code spans of a page: only there a command is meant as one."""
    fences = [COMMENT.sub("", match["text"]).replace("\\\n", " ") for match in FENCE.finditer(text)]
    return fences + CODE.findall(FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """What the headings of a page are linked by: lower case, hyphens for spaces, no punctuation."""
    plain = [heading["text"].lower() for heading in HEADING.finditer(FENCE.sub("", text))]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    below = read(page).partition(f"{heading}\n")[2]
    lines = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert lines, f"no table below {heading}"
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[0].splitlines()][2:]


def test_pages_are_found() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/README.md"} <= {
        page.relative_to(ROOT).as_posix() for page in PAGES
    }


@pytest.mark.parametrize("page", pages())
def test_relative_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for match in LINK.finditer(FENCE.sub("", read(page))):
        target, _, anchor = match["target"].partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        there = page.parent / target if target else page
        found = there.exists()
        if found and anchor and there.suffix == ".md":
            found = anchor in anchors(read(there))
        if not found:
            broken.append(match["target"])
    assert broken == []


@pytest.mark.parametrize("page", pages())
def test_links_stay_within_the_project(page: Path) -> None:
    outside = [
        match["target"]
        for match in LINK.finditer(FENCE.sub("", read(page)))
        if "://" not in match["target"]
        and not (page.parent / match["target"].partition("#")[0]).resolve().is_relative_to(ROOT)
    ]
    assert outside == []


@pytest.mark.parametrize("page", pages())
def test_make_commands_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = {match["target"] for text in code(read(page)) for match in MAKE.finditer(text)}
    assert named <= targets


@pytest.mark.parametrize("page", pages())
def test_workbench_commands_and_their_options_exist(page: Path) -> None:
    faults = [
        fault
        for text in code(read(page))
        for match in WORKBENCH.finditer(text)
        for fault in command_faults(match["words"])
    ]
    assert faults == []


SCHEDULERS = sorted((ROOT / "docs/operations/schedulers").iterdir())


@pytest.mark.parametrize(
    "file", [pytest.param(file, id=file.name) for file in SCHEDULERS if file.suffix != ".timer"]
)
def test_what_schedulers_call_exists(file: Path) -> None:
    (words,) = re.findall(r"bin/workbench +([\w -]*\w)", read(file))
    assert words == "run params --due"
    assert command_faults(words) == []


def command_faults(words: str) -> list[str]:
    """What the command line does not know of a command as a page writes it."""
    here: click.Command = commands
    known = set(ALWAYS)
    faults = []
    for word in shlex.split(words):
        known |= {option for parameter in here.params for option in parameter.opts}
        if word.startswith("-"):
            if word.partition("=")[0] not in known and not here.context_settings.get("ignore_unknown_options"):
                faults.append(f"{here.name} {word}")
        elif isinstance(here, click.Group) and re.fullmatch(r"[a-z]+(-[a-z]+)*", word):
            found = here.get_command(click.Context(here), word)
            if found is None:
                return [*faults, word]
            here = found
    return faults


@pytest.mark.parametrize(
    ("words", "faults"),
    [
        ("run params/ --as-of 2026-11-16 --force", []),
        ("reports --reports /srv/reports list", []),
        ("lab --no-browser", []),
        ("run --cores 4", ["run --cores"]),
        ("rnu params/", ["rnu"]),
        ("reports bless x", ["bless"]),
    ],
)
def test_unknown_commands_and_options_are_seen(words: str, faults: list[str]) -> None:
    assert command_faults(words) == faults


def test_every_make_command_of_the_listing_is_told_in_the_guide_for_contributors() -> None:
    listed = set(re.findall(r"^([a-z]+):.*## ", read("Makefile"), re.MULTILINE))
    told = {match["target"] for text in code(read("CONTRIBUTING.md")) for match in MAKE.finditer(text)}
    assert listed <= told


def test_every_state_of_a_run_is_explained() -> None:
    told = [state.strip("`") for state, *_ in rows("docs/operations/README.md", "## States")]
    assert sorted(told) == sorted(get_args(State))


def test_every_verdict_is_explained() -> None:
    told = {words.strip("*") for words, *_ in rows("README.md", "### How to read a report")}
    assert told == {look.words for decision, look in DECISIONS.items() if decision != "describe"}


def test_every_question_of_the_playbook_is_told() -> None:
    for page, heading in (
        ("docs/methods/playbook.md", "## What goes in"),
        ("docs/operations/parameters.md", ""),
    ):
        told = set(CODE.findall(read(page).partition(heading)[2] if heading else read(page)))
        assert set(get_args(PlaybookQuestion)) <= told


@pytest.mark.parametrize("table", sorted(SCHEMAS))
def test_the_tables_of_an_export_are_told_with_their_columns(table: str) -> None:
    told = [
        column
        for columns, *_ in rows("docs/operations/export.md", f"## {table}.csv, {table}.parquet")
        for column in CODE.findall(columns)
    ]
    assert told == SCHEMAS[table].names


def test_the_canonical_tables_are_told_with_their_columns() -> None:
    told = {}
    for table, _, always, optional in rows("docs/operations/sources.md", "## The canonical tables"):
        told[table.strip("`")] = (set(CODE.findall(always)), set(CODE.findall(optional)))
    declared = {
        name: (
            {column.name for column in schema.columns.values() if not column.nullable},
            {column.name for column in schema.columns.values() if column.nullable},
        )
        for name, schema in TABLES.items()
    }
    assert told == declared


@pytest.mark.parametrize("page", ["sources.md", "ingest.md", "ingest-surveys.md"])
def test_examples_of_sources_are_valid(tmp_path: Path, page: str) -> None:
    fences = FENCE.finditer(read(f"docs/operations/{page}"))
    examples = [
        match["text"] for match in fences if match["kind"] == "yaml" and match["text"].startswith("title:")
    ]
    assert examples
    for number, text in enumerate(examples):
        path = tmp_path / f"example_{number}.yaml"
        path.write_text(text, encoding="utf-8")
        if read_source(path, tmp_path).ingest is not None:
            assert read_ingest_settings(path, tmp_path).feeds


def test_pictures_are_small() -> None:
    heavy = [
        picture.name for picture in (ROOT / "docs" / "images").glob("*.png") if picture.stat().st_size > 250_000
    ]
    assert heavy == []
