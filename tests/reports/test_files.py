"""A file is there whole or not at all."""

import os

import pytest

from workbench.reports.files import write_whole


def test_a_file_is_written_and_replaced_readable_for_all(tmp_path):
    path = tmp_path / "index.html"
    for content in (b"one", b"two"):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_write_that_breaks_off_leaves_the_old_content_alone(tmp_path, monkeypatch, step):
    path = tmp_path / "index.html"
    write_whole(path, b"old")

    def broken(*given, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, broken)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
