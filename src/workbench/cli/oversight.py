"""Commands by which people oversee no-show models: made, approved, and used for the daily review list."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.exit_codes import FAILED, NOTHING_COULD_RUN
from workbench.cli.terminal import say, under_way
from workbench.project import project_root, reports_folder
from workbench.refusal import Fault, Refused

if TYPE_CHECKING:
    from workbench.no_show.parameters import NoShow
    from workbench.reports.store import Store

_REPORTS = click.option(
    "--reports", "folder", type=click.Path(path_type=Path), help="The report store, if not reports/."
)
_PARAMS = click.argument("params", type=click.Path(path_type=Path, dir_okay=False))


@click.group()
@_REPORTS
@click.pass_context
def model(context: click.Context, folder: Path | None) -> None:
    """No-show models: make one, decide whether it may be used, list them."""
    context.obj = _store(folder)


@model.command()
@_PARAMS
@click.pass_obj
def make(store: "Store", params: Path) -> int:
    """Train the model of the no-show study PARAMS, and keep it in the private folder, where it waits for approval."""
    from workbench.no_show.oversight.making import make_model
    from workbench.protection.account import account_name
    from workbench.reports.model_keeping import keep_and_propose
    from workbench.tables.source import DataAbsent

    root = project_root()
    name, settings = _no_show(params, root)
    try:
        made = make_model(settings, root, under_way)
    except DataAbsent as absent:
        click.echo(str(absent), err=True)
        return NOTHING_COULD_RUN
    card = keep_and_propose(store, made, name, (account_name(), datetime.now(UTC)), root)
    say(f"model {card.hash}")
    click.echo(f"{card.kind} by {card.study}/{card.name}: {card.verdict}. It waits for one of the approvers.")
    return 0


@model.command()
@click.argument("hash")
@click.option("--remark", required=True, help="What you looked at, in one line.")
@click.pass_obj
def approve(store: "Store", hash: str, remark: str) -> None:
    """Let the model of this HASH be used; for those whom workbench.yaml names as approvers, and who did not make it."""
    from workbench.reports.model_approval import approve_model
    from workbench.settings import read_settings

    decided = approve_model(store, hash, remark, read_settings(project_root()))
    click.echo(f"approved     model {decided.card.hash}")


@model.command()
@click.argument("hash")
@click.option("--remark", required=True, help="Why, in one line.")
@click.pass_obj
def withdraw(store: "Store", hash: str, remark: str) -> None:
    """Let the model of this HASH be used no more; no list that rests on it is handed back from then on."""
    from workbench.reports.model_approval import withdraw_model
    from workbench.settings import read_settings

    decided = withdraw_model(store, hash, remark, read_settings(project_root()))
    click.echo(f"withdrawn    model {decided.card.hash}")


@model.command(name="list")
@click.pass_obj
def list_models(store: "Store") -> None:
    """List the models, with their verdicts and what was decided about them."""
    from workbench.reports.model_keeping import listing

    for line in listing(store):
        click.echo(line)


@model.command()
@_PARAMS
@click.option("--model", "hash", help="The hash of a model; the newest approved one of PARAMS unless given.")
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="The false-alarm rate, over all looks together; the same at every look.",
)
@click.pass_obj
def watch(store: "Store", params: Path, hash: str | None, alpha: float) -> int:
    """Look whether a model is still calibrated, by the outcomes of those whom its lists held out; 1 where it is not."""
    from workbench.no_show.oversight.watched import watched
    from workbench.present.disclosure import PROFILES
    from workbench.present.no_show.watching import watched_in_words
    from workbench.reports.model_approval import find_model, newest_approved
    from workbench.tables.opening import open_source
    from workbench.tables.source import DataAbsent

    root = project_root()
    name, settings = _no_show(params, root)
    chosen = find_model(store, hash) if hash else newest_approved(store, "no_show", name)
    try:
        tables = open_source(settings.source, root)
    except DataAbsent as absent:
        click.echo(str(absent), err=True)
        return NOTHING_COULD_RUN
    told = watched_in_words(
        watched(tables, chosen.card.hash, settings, root), alpha, PROFILES[settings.disclosure]
    )
    click.echo(f"model {chosen.card.hash}")
    for line in told.lines:
        click.echo(line)
    return FAILED if told.alarmed else 0


@click.command(name="review-list")
@_PARAMS
@click.option(
    "--day",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the appointments are predicted, by decide_days_before.",
)
@click.option("--model", "hash", help="The hash of an approved model; the newest of PARAMS unless given.")
@_REPORTS
def review_list(params: Path, day: datetime, hash: str | None, folder: Path | None) -> int:
    """Write the protected list of whom to look at and call by the no-show study PARAMS, by an approved model."""
    from workbench.no_show.oversight.making import make_list
    from workbench.present.disclosure import PROFILES, told_count
    from workbench.reports.model_approval import approved_model, newest_approved
    from workbench.tables.source import DataAbsent

    root, store = project_root(), _store(folder)
    name, settings = _no_show(params, root)
    chosen = approved_model(store, hash) if hash else newest_approved(store, "no_show", name)
    try:
        made, written = make_list(settings, chosen.card.hash, day.date(), datetime.now(UTC).date(), root)
    except DataAbsent as absent:
        click.echo(str(absent), err=True)
        return NOTHING_COULD_RUN
    profile = PROFILES[settings.disclosure]
    on_it = told_count(len(made.rows), made.booked, made.patients, profile)
    held_out = told_count(len(made.holdout), made.booked, made.holdout["patient_id"].nunique(), profile)
    click.echo(f"Appointments on the list: {on_it}; held out by lot, and not to be acted on: {held_out}.")
    click.echo(f"By model {chosen.card.hash}.")
    click.echo(f"{written.relative_to(root)}: it names people by pseudonym. Those who call get its list by")
    click.echo("workbench hand-back.")
    return 0


def _store(folder: Path | None) -> "Store":
    from workbench.reports.store import Store

    return Store(reports_folder(project_root(), folder))


def _no_show(params: Path, root: Path) -> tuple[str, "NoShow"]:
    """The name of a parameter set, and its parameters."""
    from workbench.no_show.parameters import NoShow
    from workbench.parameters.sets import read_parameter_set
    from workbench.runs.studies import MODELS

    chosen = read_parameter_set(params, root, MODELS, datetime.now(UTC).date())
    if not isinstance(chosen.parameters, NoShow):
        what = (
            f"it is a parameter set of the study {chosen.study}; models and their lists are those of no_show."
        )
        raise Refused(Fault(chosen.path.as_posix(), what, "Name a file of params/no_show/."))
    if chosen.combinations:
        mend = "Remove the grid."
        raise Refused(Fault(chosen.where("grid"), "a model is of one set of parameters, not of several.", mend))
    return chosen.name, chosen.parameters
