"""Commands about data: simulated, ingested, checked, handed back, erased."""

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from workbench.cli.exit_codes import NOTHING_COULD_RUN
from workbench.cli.terminal import say, under_way
from workbench.project import project_root, reports_folder
from workbench.refusal import Fault, Refused

if TYPE_CHECKING:
    from workbench.ingest.handing_back import LeadsTo

# Heavy parts of the workbench are imported inside the commands that need them, so that a refusal comes at once.


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


@click.command(cls=_Simulate)
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


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> int:
    """Check sources or parameter sets, without running anything."""
    from workbench.runs.checking import check_paths

    return check_paths(paths, project_root(), click.echo)


@click.command()
@click.argument("source")
def ingest(source: str) -> int:
    """Make the canonical tables of SOURCE from its vendors' exports."""
    from workbench.ingest.ingesting import ingest as ingest_source
    from workbench.tables.source import DataAbsent

    try:
        account = ingest_source(source, project_root(), under_way)
    except DataAbsent as absent:
        click.echo(str(absent), err=True)
        return NOTHING_COULD_RUN
    for line in account.lines():
        say(line)
    return 0


@click.command()
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


@click.command(name="hand-back")
@click.argument("listed", metavar="LIST", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--for",
    "leads_to",
    required=True,
    type=click.Choice(["calls", "care", "marketing", "survey"]),
    help="What the list leads to: calls, or texts of a purpose; then those alone who may be texted are on it.",
)
@click.option("--to", required=True, metavar="NAME", help="The person who gets the list and answers for it.")
@click.option(
    "--study",
    help="The approved version, or parameter set, that an experiment's or a segment's list comes from.",
)
@click.option("--reports", "folder", type=click.Path(path_type=Path), help="The report store, if not reports/.")
def hand_back(listed: Path, leads_to: "LeadsTo", to: str, study: str | None, folder: Path | None) -> int:
    """Write the protected LIST with record numbers in place of pseudonyms, for a named person, until it expires.

    It needs the key of the crosswalk, and an approved model or study. Everybody on it is looked at again.
    """
    from datetime import UTC, datetime

    from workbench.ingest.handing_back import Asked
    from workbench.ingest.handing_back import hand_back as hand_back_list
    from workbench.ingest.listed_people import read_list
    from workbench.present.handed_back import handed_back_in_words
    from workbench.reports.approved_basis import approved_basis
    from workbench.reports.store import Store
    from workbench.settings import read_settings
    from workbench.tables.source import DataAbsent

    root = project_root()
    found = read_list(listed, root)
    rests_on = approved_basis(found, study, Store(reports_folder(root, folder)))
    asked = Asked(found, rests_on, leads_to, to)
    try:
        done = hand_back_list(asked, read_settings(root).hand_back, root, datetime.now(UTC))
    except DataAbsent as absent:
        click.echo(str(absent), err=True)
        return NOTHING_COULD_RUN
    for line in handed_back_in_words(done):
        click.echo(line)
    click.echo(f"{done.path.relative_to(root)}: it names patients. Give it to that person alone.")
    click.echo(
        f"It may be used until {done.expires_at:%Y-%m-%d %H:%M} UTC; workbench reports prune removes it then."
    )
    return 0


@click.group()
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


@click.command()
@click.option("--reports", type=click.Path(path_type=Path), help="The report store, if not reports/.")
def audit(reports: Path | None) -> None:
    """Show the audit logs of the project and of the report store, having held them against their own hashes."""
    from workbench.protection.audit import project_log, store_log

    root = project_root()
    faults: list[Fault] = []
    for log in (project_log(root), store_log(reports_folder(root, reports))):
        try:
            entries = log.entries()
        except Refused as refused:
            # Those who approve reports may not look into the project's data; the other log is shown all the same.
            faults += refused.faults
            continue
        for entry in entries:
            details = ", ".join(f"{name} {told}" for name, told in entry.details.items() if told is not None)
            told = (
                f"{log.label}  {entry.at}  {entry.who}@{entry.host}  {entry.action}: {entry.about}  {details}"
            )
            click.echo(told.rstrip())
    if faults:
        raise Refused(*faults)


@click.group()
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
