"""Commands that look into the report store."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.project import project_root, reports_folder

if TYPE_CHECKING:
    from workbench.reports.export import Format
    from workbench.reports.store import Store


@click.group()
@click.option("--reports", "folder", type=click.Path(path_type=Path), help="The report store, if not reports/.")
@click.pass_context
def reports(context: click.Context, folder: Path | None) -> None:
    """Look into the report store."""
    from workbench.reports.store import Store

    context.obj = Store(reports_folder(project_root(), folder))


@reports.command(name="list")
@click.pass_obj
def list_reports(store: "Store") -> None:
    """List every parameter set with its newest version and verdict."""
    from workbench.reports.listing import listing

    for line in listing(store):
        click.echo(line)


@reports.command()
@click.argument("version")
@click.pass_obj
def show(store: "Store", version: str) -> None:
    """Show a version: verdict, reasons, checks and where it comes from."""
    from workbench.reports.listing import description

    for line in description(store, version):
        click.echo(line)


@reports.command()
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


@reports.command()
@click.pass_obj
def index(store: "Store") -> None:
    """Make the catalogue anew from the store."""
    from workbench.reports.catalogue_page import CATALOGUE_FILE, write_catalogue

    write_catalogue(store)
    click.echo(store.folder / CATALOGUE_FILE)


@reports.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "chosen",
    type=click.Choice(["csv", "parquet", "both"]),
    default="csv",
    show_default=True,
    help="The format of the files.",
)
@click.pass_obj
def export(store: "Store", out: Path, chosen: "Format") -> None:
    """Write the released numbers of all versions to the folder OUT, as tidy tables for dashboards."""
    from workbench.reports.export import export as export_tables

    for table, rows in export_tables(store, out, chosen).items():
        click.echo(f"{table:<9} {rows:>9,} {'row' if rows == 1 else 'rows'}")
    click.echo(out)
