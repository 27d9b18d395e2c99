"""Commands about kept segments: list them, show one, put everybody into its groups as of a day."""

from datetime import UTC, datetime

import click

from workbench.cli.exit_codes import NOTHING_COULD_RUN
from workbench.project import project_root

_NAME = click.argument("name")
_VERSION = click.option("--version", help="The version; the newest unless given.")


@click.group()
def segments() -> None:
    """Segments that a segmentation has kept: list them, show one, score everybody with one."""


@segments.command(name="list")
def list_segments() -> None:
    """List the kept segments and their versions."""
    from workbench.present.segment_review.kept import listed_in_words
    from workbench.tables.kept_segments import kept_names, kept_versions

    root = project_root()
    kept = {name: kept_versions(name, root) for name in kept_names(root)}
    for line in listed_in_words(kept):
        click.echo(line)


@segments.command()
@_NAME
@_VERSION
def show(name: str, version: str | None) -> None:
    """Show what the segments NAME are made of, and how they follow the version before. Nobody is named."""
    from workbench.present.disclosure import PROFILES
    from workbench.present.segment_review.kept import shown_in_words
    from workbench.segments.weekly.definition import Definition
    from workbench.segments.weekly.review import refit_due
    from workbench.tables.kept_segments import find_kept

    kept = find_kept(name, project_root(), version)
    definition = Definition.read(kept)
    profile = PROFILES[definition.frozen(kept.where).settings.disclosure]
    due = refit_due(definition, datetime.now(UTC).date())
    for line in shown_in_words(kept, definition, due, profile):
        click.echo(line)


@segments.command()
@_NAME
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day as of which people are scored; today unless given.",
)
@_VERSION
def assign(name: str, as_of: datetime | None, version: str | None) -> int:
    """Score everybody in care with the frozen segments NAME, and write the protected file. Nothing is fitted anew."""
    from workbench.present.disclosure import PROFILES
    from workbench.present.segment_review.kept import assigned_in_words
    from workbench.segments.weekly.assigned import assign_groups, write_assigned
    from workbench.segments.weekly.definition import Definition
    from workbench.tables.kept_segments import find_kept
    from workbench.tables.opening import open_source
    from workbench.tables.source import DataAbsent

    root = project_root()
    day = as_of.date() if as_of else datetime.now(UTC).date()
    kept = find_kept(name, root, version, None if version else day)
    settings = Definition.read(kept).frozen(kept.where).settings
    try:
        tables = open_source(settings.source, root)
    except DataAbsent as absent:
        click.echo(str(absent), err=True)
        return NOTHING_COULD_RUN
    made = assign_groups(kept, tables, day)
    folder = write_assigned(made, root)
    for line in assigned_in_words(made, PROFILES[settings.disclosure]):
        click.echo(line)
    click.echo(f"{folder.relative_to(root)}: it names people by pseudonym: guard it.")
    return 0
