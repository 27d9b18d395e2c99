"""The account is the operating system's, whatever the environment says."""

import os
import pwd

from workbench.protection.account import account_name


def test_the_environment_does_not_change_it(monkeypatch):
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody_else")
    assert account_name() == pwd.getpwuid(os.getuid()).pw_name != "somebody_else"


def test_an_account_without_a_name_is_told_by_its_number(monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 2_000_000_123)
    assert account_name() == "uid 2000000123"
