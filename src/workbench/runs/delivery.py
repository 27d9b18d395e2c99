"""Delivering a notification: to a command's standard input, or to a web address. It takes seconds, or is given up."""

import json
import subprocess
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from workbench.reports.records import Way
from workbench.settings import Notification

SECONDS = 10.0


class Undelivered(Exception):
    """A notification that did not arrive: why, in a few words that repeat neither address nor answer."""


def deliver(content: Mapping[str, str], way: Way, settings: Notification, root: Path) -> None:
    """Deliver a notification as JSON.

    Args:
        content: what is told.
        way: by a command or by a webhook.
        settings: which command, which address.
        root: the folder in which a command runs.

    Raises:
        Undelivered: it did not arrive within seconds.
    """
    text = json.dumps(content)
    if way == "command":
        _run(settings.command, text, root)
    else:
        _post(settings.webhook or "", text)


def _run(command: tuple[str, ...], text: str, root: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - the settings name the program
            command,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=root,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Undelivered(f"it did not end within {SECONDS:g} seconds") from None
    except OSError as error:
        raise Undelivered(f"it cannot be started: {error.strerror}") from None
    if done.returncode:
        raise Undelivered(f"it ended with code {done.returncode}")


def _post(address: str, text: str) -> None:
    try:
        headers = {"Content-Type": "application/json"}
        request = Request(address, data=text.encode(), headers=headers, method="POST")  # noqa: S310 - http alone
        with build_opener(_NoRedirect).open(request, timeout=SECONDS):
            return
    except HTTPError as error:
        error.close()
        raise Undelivered(f"it was answered with {error.code}") from None
    except TimeoutError:
        raise Undelivered(f"it was not answered within {SECONDS:g} seconds") from None
    except URLError as error:
        reason = error.reason.strerror if isinstance(error.reason, OSError) else None
        raise Undelivered(f"it cannot be reached: {reason or 'no connection'}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise Undelivered(f"it cannot be reached: {type(error).__name__}") from None


class _NoRedirect(HTTPRedirectHandler):
    """Elsewhere, the notification would be asked for and not posted: it has not arrived."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> NoReturn:
        raise HTTPError(req.full_url, code, msg, headers, fp)
