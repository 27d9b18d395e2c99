"""The project's settings: defaults where there is no file, every fault at once where there is one."""

import pytest

from workbench.refusal import Refused
from workbench.settings import SETTINGS_FILE, Settings, read_settings


def test_without_a_file_the_defaults_hold(tmp_path):
    assert read_settings(tmp_path) == Settings()


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("approvers: [mreyes]\nlimits:\n  run_minutes: 30\n")
    settings = read_settings(tmp_path)
    assert settings.approvers == ("mreyes",)
    assert (settings.limits.run_minutes, settings.limits.retries) == (30, Settings().limits.retries)
    assert settings.keep == Settings().keep


def test_every_fault_is_told_at_its_place(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text(
        "limits:\n  run_minuts: 30\nkeep:\n  versions: 0\nnotification:\n  webhook: ftp://there\n"
    )
    with pytest.raises(Refused) as refused:
        read_settings(tmp_path)
    told = [str(fault) for fault in refused.value.faults]
    assert len(told) == 3
    assert any("workbench.yaml line 2" in fault and "run_minutes" in fault for fault in told)
    assert any("workbench.yaml line 4, key keep.versions" in fault for fault in told)
    assert any("workbench.yaml line 6, key notification.webhook" in fault for fault in told)
