"""The audit log only grows, and shows where it was meddled with."""

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from workbench.protection.account import account_name
from workbench.protection.audit import LOG, STORE_LOG, audit, entries, store_log
from workbench.refusal import Refused


def test_lines_are_added_in_order(tmp_path):
    for number in range(300):
        audit(tmp_path, "ingest", "clinic", rows=number)
    read = entries(tmp_path)
    assert [entry.details["rows"] for entry in read] == list(range(300))
    assert all(entry.who and entry.at for entry in read)
    assert stat.S_IMODE((tmp_path / "data" / LOG).stat().st_mode) == 0o600


def test_many_at_once_keep_the_chain_whole(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: audit(tmp_path, "ingest", "clinic", rows=number), range(80)))
    assert sorted(entry.details["rows"] for entry in entries(tmp_path)) == list(range(80))


@pytest.mark.parametrize("meddle", ["alter", "remove", "swap", "insert", "cut"])
def test_meddling_is_found(tmp_path, meddle):
    for number in range(5):
        audit(tmp_path, "ingest", "clinic", rows=number)
    path = tmp_path / "data" / LOG
    lines = path.read_bytes().splitlines(keepends=True)
    match meddle:
        case "alter":
            lines[2] = lines[2].replace(b'"rows": 2', b'"rows": 9')
        case "remove":
            del lines[2]
        case "swap":
            lines[1], lines[2] = lines[2], lines[1]
        case "insert":
            lines.insert(2, lines[2])
        case "cut":
            lines[4] = lines[4][:30]
    path.write_bytes(b"".join(lines))
    with pytest.raises(Refused, match="altered"):
        entries(tmp_path)


def test_a_log_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "data" / LOG).mkdir(parents=True)
    with pytest.raises(Refused, match="nothing was done"):
        audit(tmp_path, "pruned", "reports")


def test_no_log_has_no_entries(tmp_path):
    assert entries(tmp_path) == ()


def test_a_store_has_a_log_of_its_own_that_its_group_may_write(tmp_path):
    before = os.umask(0o002)
    try:
        store_log(tmp_path).add("approved", "ab_test/wording")
    finally:
        os.umask(before)
    (entry,) = store_log(tmp_path).entries()
    assert (entry.action, entry.who) == ("approved", account_name())
    assert stat.S_IMODE((tmp_path / STORE_LOG).stat().st_mode) == 0o664
    assert entries(tmp_path) == ()


def test_a_full_disk_leaves_no_half_line(tmp_path, monkeypatch):
    audit(tmp_path, "ingest", "clinic", rows=1)

    def full(number):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(Refused, match="nothing was done"):
            audit(tmp_path, "ingest", "clinic", rows=2)
    audit(tmp_path, "ingest", "clinic", rows=3)
    assert [entry.details["rows"] for entry in entries(tmp_path)] == [1, 3]


def test_a_log_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / STORE_LOG).mkdir()
    with pytest.raises(Refused, match="cannot be read"):
        store_log(tmp_path).entries()
