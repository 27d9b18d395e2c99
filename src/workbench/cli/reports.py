"""Commands that look into the report store."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.exit_codes import FAILED
from workbench.project import project_root, reports_folder

if TYPE_CHECKING:
    from workbench.reports.approval import Decide
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
@click.argument("version")
@click.option("--remark", default="", help="One line for the record.")
@click.pass_obj
def approve(store: "Store", version: str, remark: str) -> None:
    """Publish a version that waits; for those whom workbench.yaml names as approvers, and who did not run it."""
    from workbench.reports import approval

    _decide(approval.approve, store, version, remark)


@reports.command()
@click.argument("version")
@click.option("--remark", required=True, help="Why, in one line.")
@click.pass_obj
def reject(store: "Store", version: str, remark: str) -> None:
    """Remove a version that waits; a record of it stays."""
    from workbench.reports import approval

    _decide(approval.reject, store, version, remark)


@reports.command()
@click.argument("version")
@click.option("--remark", required=True, help="Why, in one line.")
@click.pass_obj
def withdraw(store: "Store", version: str, remark: str) -> None:
    """Take back a published version: its files stay, and it is no longer the latest nor in the catalogue."""
    from workbench.reports import approval

    _decide(approval.withdraw, store, version, remark)


def _decide(decide: "Decide", store: "Store", version: str, remark: str) -> None:
    from workbench.reports.catalogue_page import write_catalogue
    from workbench.settings import read_settings

    decided = decide(store, version, remark, read_settings(project_root()))
    write_catalogue(store)
    click.echo(f"{decided.reviews[-1].decision:<12} {decided}")


@reports.command()
@click.pass_obj
def verify(store: "Store") -> int:
    """Hold every version, review, link and model against what it should be, the audit log against its own hashes."""
    from workbench.reports.model_verification import kept_faults, model_faults

    faults = [*store.faults(), *model_faults(store), *kept_faults(store, project_root())]
    for fault in faults:
        click.echo(str(fault), err=True)
    click.echo(
        f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}"
        if faults
        else "Every version is as it was published."
    )
    return 1 if faults else 0


@reports.command()
@click.argument("version")
@click.pass_obj
def reproduce(store: "Store", version: str) -> int:
    """Run a version again from its manifest, publish nothing, and say whether its results come out the same."""
    from workbench.cli import run_progress
    from workbench.runs.events import CellBegan, Started
    from workbench.runs.reproduction import in_words
    from workbench.runs.reproduction import reproduce as make_again
    from workbench.settings import read_settings

    found, root = store.find(version), project_root()
    with run_progress.in_words() as tell:
        tell(Started(str(found), 1, 1))
        made = make_again(
            found,
            root,
            read_settings(root).limits,
            lambda cell, cells: tell(CellBegan(str(found), cell, cells)),
        )
    for line in in_words(made):
        click.echo(line)
    return 0 if made.agrees else 1


@reports.command()
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@click.pass_obj
def prune(store: "Store", dry_run: bool) -> None:
    """Remove old versions, records of runs and private folders, by what workbench.yaml says is kept."""
    from datetime import UTC, datetime

    from workbench.reports.catalogue_page import write_catalogue
    from workbench.reports.retention import Pruning, in_words, megabytes
    from workbench.settings import read_settings

    root = project_root()
    pruning = Pruning(store, root, read_settings(root).keep, datetime.now(UTC), dry_run, click.echo)
    removals = []
    for removal in pruning.removals():
        removals.append(removal)
        click.echo(f"{removal.kind:<14} {removal.what}  {megabytes(removal.size)}")
    if not dry_run and store.folder.is_dir():
        write_catalogue(store)
    click.echo(in_words(removals, dry_run))


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
