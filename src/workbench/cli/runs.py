"""The command that runs parameter sets."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from workbench.cli.run_progress import as_json, in_words
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
@click.option("--json", is_flag=True, help="Tell what happens as JSON, one object a line, on standard output.")
def run(
    paths: tuple[Path, ...],
    as_of: datetime | None,
    force: bool,
    dry_run: bool,
    due: bool,
    jobs: int,
    cluster: str | None,
    reports: Path | None,
    json: bool,
) -> int:
    """Run parameter sets, files or folders of them, and publish their reports."""
    from workbench.runs.attempt import RunOptions
    from workbench.runs.runner import run_sets
    from workbench.settings import read_settings

    if cluster and jobs > 1:
        raise click.UsageError("Give --jobs or --cluster: a cluster has as many workers as were started.")
    root = project_root()
    day: date | None = as_of.date() if as_of else None
    moment = datetime.now(UTC) if due else None
    limits = read_settings(root).limits
    options = RunOptions(root, reports_folder(root, reports), day, force, dry_run, limits, due=moment)
    with as_json() if json else in_words() as tell:
        return run_sets(paths, options, tell, jobs, cluster)
