"""Where the command line begins and ends: every end is told by a sentence and an exit code."""

import signal
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from workbench.cli.assign import assign
from workbench.cli.data import audit, check, forget, hand_back, ingest, key, simulate, source
from workbench.cli.exit_codes import FAILED, NOTHING_COULD_RUN, STOPPED
from workbench.cli.oversight import model, review_list
from workbench.cli.project import lab, new
from workbench.cli.reports import reports
from workbench.cli.runs import run
from workbench.cli.segments import segments
from workbench.refusal import Refused


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="workbench")
def commands() -> None:
    """Find out, honestly, what text messages do for the patients of a mental-healthcare provider."""


for command in (
    *(simulate, ingest, check, run, reports, segments, assign, model, review_list, hand_back),
    *(forget, key, audit, source, new, lab),
):
    commands.add_command(command)


# The signals that ask for an end, and the one that asks again.
STOPS = (*STOPPED, signal.SIGALRM)
# Seconds after which a stop that was lost is raised again.
SOON = 0.01


class Stopped(SystemExit):
    """The process was asked to end; carries the exit code.

    As an exit of the system it passes through an event loop, which would swallow another exception.
    """


def main() -> NoReturn:
    """Run the command line, with every end told by a sentence and an exit code."""
    for number in STOPPED:
        signal.signal(number, _stop)
    sys.unraisablehook = _stop_once_more
    # A grammar of web addresses, more than a second to load, that jsonschema takes along and no notebook needs.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        code = commands(standalone_mode=False)
    except Refused as refused:
        for fault in refused.faults:
            click.echo(str(fault), err=True)
        code = NOTHING_COULD_RUN
    except click.ClickException as error:
        error.show()
        code = NOTHING_COULD_RUN
    except click.Abort:
        code = STOPPED[signal.SIGINT]
    except Stopped as stopped:
        click.echo("Stopped; every version that was there still stands.", err=True)
        code = stopped.code
    except Exception as error:  # noqa: BLE001 - a traceback may quote data; its place and kind do not
        click.echo(f"The workbench itself failed ({_place(error)}); this is a fault to report.", err=True)
        code = FAILED
    # All is done and said: a signal that comes while the interpreter closes would only show how it does so.
    _heed_no_more()
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(code or 0)


def _place(error: BaseException) -> str:
    kind, frames = type(error).__name__, traceback.extract_tb(error.__traceback__)
    return f"{kind} in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else kind


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    # What is under way is put away in order, whatever else is pressed meanwhile.
    _heed_no_more()
    raise Stopped(STOPPED[signal.Signals(number)])


def _heed_no_more() -> None:
    for number in STOPS:
        # Not SIG_IGN: of a signal that is on its way when it is set, Python shows a traceback.
        signal.signal(number, _go_on)


def _go_on(number: int, frame: FrameType | None) -> None:
    """A signal after the first."""


def _stop_once_more(lost: "sys.UnraisableHookArgs") -> None:
    """Raise a stop again that was raised where Python can raise nothing: while it put an object away.

    Not at once, for this still is such a place. Of anything else that is lost there, kind and place are told.
    """
    if not isinstance(lost.exc_value, Stopped):
        told = _place(lost.exc_value) if lost.exc_value else lost.exc_type.__name__
        click.echo(f"A fault was passed over while an object was put away ({told}).", err=True)
        return
    code = lost.exc_value.code

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        _heed_no_more()
        raise Stopped(code)

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SOON)
