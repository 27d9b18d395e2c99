"""The command that runs parameter sets."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from workbench.cli.terminal import cell_progress, say
from workbench.project import project_root, reports_folder


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Look from this date, whatever the files say.")
@click.option("--force", is_flag=True, help="Run even where nothing changed.")
@click.option("--due", is_flag=True, help="Run only what is due by its schedule and was not run since.")
@click.option("--dry-run", is_flag=True, help="Say what would run and why, and run nothing.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, help="How many sets run at once, 1 unless given."
)
@click.option("--cluster", metavar="ADDRESS", help="Run the sets on the workers of this Dask scheduler.")
@click.option("--reports", type=click.Path(path_type=Path), help="The report store, if not reports/.")
def run(
    paths: tuple[Path, ...],
    as_of: datetime | None,
    force: bool,
    dry_run: bool,
    due: bool,
    jobs: int,
    cluster: str | None,
    reports: Path | None,
) -> int:
    """Run parameter sets, files or folders of them, and publish their reports."""
    from workbench.runs.attempt import RunOptions
    from workbench.runs.runner import run_sets

    if cluster and jobs > 1:
        raise click.UsageError("Give --jobs or --cluster: a cluster has as many workers as were started.")
    root = project_root()
    day: date | None = as_of.date() if as_of else None
    moment = datetime.now(UTC) if due else None
    options = RunOptions(root, reports_folder(root, reports), day, force, dry_run, due=moment)
    return run_sets(paths, options, say, cell_progress, jobs, cluster)
