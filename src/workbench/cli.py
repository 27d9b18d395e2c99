"""The command line."""

import signal
import sys
import traceback
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, TextIO, cast

import click

from workbench.project import project_root, reports_folder
from workbench.refusal import Refused

if TYPE_CHECKING:
    from workbench.reports.store import Store
    from workbench.tables.cohort import Purpose

# Heavy parts of the workbench are imported inside the commands that need them, so that a refusal comes at once.

STOPPED = {signal.SIGINT: 130, signal.SIGTERM: 143}
FAILED = 1
NOTHING_COULD_RUN = 2


class Stopped(SystemExit):
    """The process was asked to end; carries the exit code.

    As an exit of the system it passes through an event loop, which would swallow another exception.
    """


def main() -> NoReturn:
    """Run the command line, with every end told by a sentence and an exit code."""
    for number in STOPPED:
        signal.signal(number, _stop)
    # A grammar of web addresses, more than a second to load, that jsonschema takes along and no notebook needs.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        code = commands(standalone_mode=False)
    except Refused as refused:
        for fault in refused.faults:
            click.echo(str(fault), err=True)
        code = NOTHING_COULD_RUN
    except click.ClickException as error:
        error.show()
        code = NOTHING_COULD_RUN
    except click.Abort:
        code = STOPPED[signal.SIGINT]
    except Stopped as stopped:
        click.echo("Stopped; every version that was there still stands.", err=True)
        code = stopped.code
    except Exception as error:  # noqa: BLE001 - a traceback may quote data; its place and kind do not
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        click.echo(f"The workbench itself failed ({told}); this is a fault to report.", err=True)
        code = FAILED
    # All is done and said: a signal that comes while the interpreter closes would only show how it does so.
    for number in STOPPED:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(code or 0)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    # What is under way is put away in order, whatever else is pressed meanwhile.
    for other in STOPPED:
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(STOPPED[signal.Signals(number)])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="workbench")
def commands() -> None:
    """Find out, honestly, what text messages do for the patients of a mental-healthcare provider."""


class _Simulate(click.Command):
    """A command whose help ends with the scenarios, by name and title."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the scenarios below the options."""
        from workbench.simulate.scenarios.catalog import SCENARIOS

        with formatter.section("Scenarios"):
            formatter.write_dl([(name, scenario.title) for name, scenario in SCENARIOS.items()])


def _list_scenarios(context: click.Context, parameter: click.Parameter, name: str) -> str:
    """List the scenarios and end, where `list` is asked for in place of one."""
    if name == "list":
        from workbench.simulate.scenarios.catalog import listing

        for line in listing():
            click.echo(line)
        context.exit()
    return name


@commands.command(cls=_Simulate)
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--patients", default=24_000, show_default=True, help="How many patients the provider has.")
@click.option("--seed", default=20_261_116, show_default=True, help="The same seed gives the same files.")
@click.option(
    "--scenario",
    default="default",
    show_default=True,
    is_eager=True,
    callback=_list_scenarios,
    metavar="NAME",
    help="The world to simulate, by name as below; list to list them.",
)
@click.option(
    "--separation",
    default=1.0,
    show_default=True,
    help="How far the planted types of patients lie apart: 0 (there are none) to 2.",
)
@click.option(
    "--as",
    "shapes",
    metavar="SHAPES",
    help="Write vendors' exports in place of tables: some of fhir,twilio,qualtrics,csv.",
)
def simulate(out: Path, patients: int, seed: int, scenario: str, separation: float, shapes: str | None) -> None:
    """Write a simulated provider's tables and their truth to the folder OUT."""
    from workbench.simulate.provider import simulate_blocks
    from workbench.simulate.settings import ProviderSettings
    from workbench.simulate.storage import write_blocks

    settings = ProviderSettings(patients=patients, seed=seed, scenario=scenario, separation=separation)
    if shapes is not None:
        from workbench.simulate.provider import simulate_provider
        from workbench.simulate.vendors.writing import chosen_shapes, place_of, write_vendors

        chosen = chosen_shapes([shape.strip() for shape in shapes.split(",")])
        place = place_of(out, project_root())
        write_vendors(simulate_provider(settings, report=click.echo), out, chosen, place, report=click.echo)
        click.echo(f"Simulated {patients:,} patients: {out}. To read them back, copy {out / 'source.yaml'}")
        click.echo("to params/sources under a name of its own, and run workbench ingest with that name.")
        return
    write_blocks(simulate_blocks(settings, report=click.echo), out, report=click.echo)
    click.echo(f"Simulated {patients:,} patients: {out}")


@commands.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> int:
    """Check sources or parameter sets, without running anything."""
    from workbench.runs.checking import check_paths

    return check_paths(paths, project_root(), click.echo)


@commands.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Look from this date, whatever the files say.")
@click.option("--force", is_flag=True, help="Run even where nothing changed.")
@click.option("--dry-run", is_flag=True, help="Say what would run and why, and run nothing.")
@click.option("--reports", type=click.Path(path_type=Path), help="The report store, if not reports/.")
def run(
    paths: tuple[Path, ...], as_of: datetime | None, force: bool, dry_run: bool, reports: Path | None
) -> int:
    """Run parameter sets, files or folders of them, and publish their reports."""
    from workbench.runs.runner import RunOptions, run_sets

    root = project_root()
    day: date | None = as_of.date() if as_of else None
    options = RunOptions(root, reports_folder(root, reports), day, force, dry_run)
    return run_sets(paths, options, _say, _progress)


@commands.group(name="reports")
@click.option("--reports", "folder", type=click.Path(path_type=Path), help="The report store, if not reports/.")
@click.pass_context
def reports_group(context: click.Context, folder: Path | None) -> None:
    """Look into the report store."""
    from workbench.reports.store import Store

    context.obj = Store(reports_folder(project_root(), folder))


@reports_group.command(name="list")
@click.pass_obj
def list_reports(store: "Store") -> None:
    """List every parameter set with its newest version and verdict."""
    from workbench.reports.listing import listing

    for line in listing(store):
        click.echo(line)


@reports_group.command()
@click.argument("version")
@click.pass_obj
def show(store: "Store", version: str) -> None:
    """Show a version: verdict, reasons, checks and where it comes from."""
    from workbench.reports.listing import description

    for line in description(store, version):
        click.echo(line)


@reports_group.command()
@click.pass_obj
def verify(store: "Store") -> int:
    """Hold every published file against its checksum."""
    faults = store.faults()
    for fault in faults:
        click.echo(str(fault), err=True)
    click.echo(
        f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}"
        if faults
        else "Every version is as it was published."
    )
    return 1 if faults else 0


@reports_group.command()
@click.pass_obj
def index(store: "Store") -> None:
    """Make the catalogue anew from the store."""
    from workbench.reports.catalogue_page import CATALOGUE_FILE, write_catalogue

    write_catalogue(store)
    click.echo(store.folder / CATALOGUE_FILE)


@commands.command()
@click.argument("source")
def ingest(source: str) -> int:
    """Make the canonical tables of SOURCE from its vendors' exports."""
    from workbench.ingest.ingesting import ingest as ingest_source
    from workbench.tables.source import DataAbsent

    try:
        account = ingest_source(source, project_root(), _under_way)
    except DataAbsent as absent:
        click.echo(str(absent), err=True)
        return NOTHING_COULD_RUN
    for line in account.lines():
        _say(line)
    return 0


@commands.command()
@click.argument("source")
@click.argument("records", type=click.File(encoding="utf-8"), default="-")
def forget(source: str, records: TextIO) -> None:
    """Erase people from SOURCE; RECORDS holds a record number on each line (from standard input by default)."""
    from workbench.ingest.forgetting import forget as forget_people

    done = forget_people(source, records.read().splitlines(), project_root())
    rows = ", ".join(f"{count:,} of {table}" for table, count in done.rows.items()) or "none"
    click.echo(f"Erased {done.people:,} {'person' if done.people == 1 else 'people'}; rows: {rows}.")
    click.echo(
        f"Other protected files changed: {done.files:,}; private folders of runs removed: {done.runs:,}."
    )


@commands.command(name="hand-back")
@click.argument("source")
@click.argument("listed", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--for",
    "leads_to",
    required=True,
    type=click.Choice(["calls", "care", "marketing", "survey"]),
    help="What the list leads to: calls, or texts of a purpose; then those alone who may be texted are on it.",
)
def hand_back(source: str, listed: Path, out: Path, leads_to: str) -> None:
    """Write the protected list LISTED of people of SOURCE to OUT, with record numbers in place of pseudonyms."""
    from workbench.ingest.handing_back import hand_back as hand_back_list

    texts = None if leads_to == "calls" else cast("Purpose", leads_to)
    done = hand_back_list(source, listed, out, texts, project_root())
    unknown = f"; {done.unknown:,} of the listed are nobody's record number" if done.unknown else ""
    if done.not_texted:
        unknown += f"; {done.not_texted:,} may not be texted and were left out"
    click.echo(f"{out}: {done.rows:,} rows{unknown}. It names patients: give it to those alone who act on it.")


@commands.group()
def key() -> None:
    """The key of the crosswalk, which says whose pseudonym is whose."""


@key.command(name="new")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def new_key(file: Path | None) -> None:
    """Make a key in FILE (the usual place by default), of mode 600. Keep a copy: without it no crosswalk opens."""
    from workbench.protection.audit import audit
    from workbench.protection.key import key_file, make_key

    path = file or key_file()
    make_key(path)
    audit(project_root(), "key made", path.name)
    click.echo(f"{path}: keep a copy in a safe place; without it no crosswalk made with it can be opened.")


@commands.command()
def audit() -> None:
    """Show the audit log, having held it against its own hashes."""
    from workbench.protection.audit import entries

    for entry in entries(project_root()):
        details = ", ".join(f"{name} {told}" for name, told in entry.details.items() if told is not None)
        click.echo(f"{entry.at}  {entry.who}@{entry.host}  {entry.action}: {entry.about}  {details}".rstrip())


@commands.group()
def source() -> None:
    """Source files, which say where tables come from."""


@source.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", help="Write it to params/sources under this name; unless given, it is printed.")
def draft(file: Path, name: str | None) -> None:
    """Propose a source file that reads FILE, a vendor's export; it repeats no row."""
    from workbench.ingest.drafting.draft import draft_source, write_draft

    root = project_root()
    text = draft_source(file, name, root)
    click.echo(write_draft(text, name, root) if name else text, nl=bool(name))


@commands.command()
@click.argument("name")
def new(name: str) -> None:
    """Make the files of a new kind of study, NAME such as visits_by_phase, that pass every check."""
    from workbench.authoring.study_names import free_name

    root = project_root()
    study = free_name(name, root)
    from workbench.authoring.new_study import make_study

    make_study(study, root, click.echo)


@commands.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def lab(options: tuple[str, ...]) -> NoReturn:
    """Open JupyterLab on the notebooks; OPTIONS are passed on to it."""
    from workbench.jupyter.lab import open_lab

    open_lab(project_root(), options)


def _say(line: str) -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    click.echo(line)


def _under_way(line: str) -> None:
    """What is under way, on one line of a terminal that the next takes; in a log a line each."""
    terminal = sys.stderr.isatty()
    click.echo(f"\r\033[K{line}" if terminal else line, nl=not terminal, err=True)


def _progress(name: str) -> Callable[[int, int], None]:
    """Cells done, on one line of a terminal; where there is none, the start alone is told."""
    terminal = sys.stderr.isatty()
    if not terminal:
        click.echo(f"running      {name}", err=True)

    def told(done: int, cells: int) -> None:
        if terminal:
            click.echo(f"\r\033[Krunning      {name}: cell {done} of {cells}", nl=False, err=True)

    return told
