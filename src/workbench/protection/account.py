"""Who is at work: the account of the operating system that this process belongs to."""

import os
import pwd


def account_name() -> str:
    """The name of the process's real user, whatever the environment says; `uid 1000` where it has none."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"
