"""The command that randomizes."""

from datetime import UTC, datetime
from pathlib import Path

import click

from workbench.cli.exit_codes import NOTHING_COULD_RUN
from workbench.project import project_root
from workbench.refusal import Fault, Refused


@click.command()
@click.argument("params", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Draw as of this date, whatever the file says."
)
@click.option("--dry-run", is_flag=True, help="Say what would be drawn, and write nothing.")
def assign(params: Path, as_of: datetime | None, dry_run: bool) -> int:
    """Randomize the eligible people by the experiment plan PARAMS, once, and write the protected list."""
    from workbench.experiments.planning.parameters import ExperimentPlan
    from workbench.experiments.randomization.randomizing import randomize
    from workbench.experiments.randomization.record import SENDING_FILE
    from workbench.parameters.sets import read_parameter_set
    from workbench.present.experiment_plan.drawn import drawn_in_words
    from workbench.tables.source import DataAbsent

    root, today = project_root(), datetime.now(UTC).date()
    models = {"experiment_plan": ExperimentPlan}
    chosen = read_parameter_set(params, root, models, today, as_of.date() if as_of else None)
    plan = chosen.parameters
    if not isinstance(plan, ExperimentPlan) or chosen.combinations:
        raise Refused(Fault(chosen.where("grid"), "a draw is of one plan, not of several.", "Remove the grid."))
    try:
        done = randomize(plan, root, today, write=not dry_run)
    except DataAbsent as absent:
        click.echo(str(absent), err=True)
        return NOTHING_COULD_RUN
    for line in drawn_in_words(done, plan):
        click.echo(line)
    if done.folder is None:
        click.echo("Nothing was written: a dry run.")
    else:
        click.echo(f"Drawn: {done.folder.relative_to(root)}. It names people by pseudonym: guard it.")
        click.echo(f"Those who send get its {SENDING_FILE} by `workbench hand-back`.")
    return 0
