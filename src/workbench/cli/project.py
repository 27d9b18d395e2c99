"""Commands of the project itself: JupyterLab on its notebooks, a new kind of study."""

from typing import NoReturn

import click

from workbench.project import project_root


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Make the files of a new kind of study, NAME such as visits_by_phase, that pass every check."""
    from workbench.authoring.study_names import free_name

    root = project_root()
    study = free_name(name, root)
    from workbench.authoring.new_study import make_study

    make_study(study, root, click.echo)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def lab(options: tuple[str, ...]) -> NoReturn:
    """Open JupyterLab on the notebooks; OPTIONS are passed on to it."""
    from workbench.jupyter.lab import open_lab

    open_lab(project_root(), options)
