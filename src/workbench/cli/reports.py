"""Commands that look into the report store."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.exit_codes import FAILED
from workbench.project import project_root, reports_folder

if TYPE_CHECKING:
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
@click.argument("before")
@click.argument("after")
@click.option("--page", type=click.Path(path_type=Path), help="Write it as a page, too; a new file FILE.html.")
@click.option("--exit-code", is_flag=True, help="End with 1 where the versions differ.")
@click.pass_obj
def diff(store: "Store", before: str, after: str, page: Path | None, exit_code: bool) -> int:
    """Show what changed between two versions of a study."""
    from workbench.reports.differences.asked import difference_asked, write_page

    asked = difference_asked(store, before, after)
    if page is not None:
        write_page(asked, page)
    for line in asked.lines():
        click.echo(line)
    return FAILED if exit_code and not asked.difference.is_same else 0


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
