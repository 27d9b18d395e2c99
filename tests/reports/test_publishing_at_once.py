"""Several runners on one store: whoever publishes when, `latest` never goes back and the catalogue lacks nothing."""

import os
import re
import subprocess
import sys

import pytest

from workbench.reports import catalogue_page
from workbench.reports.catalogue_page import CATALOGUE_FILE, catalogue_entries, write_catalogue
from workbench.reports.locking import UnderWay, one_at_a_time
from workbench.reports.store import LATEST, Store
from workbench.reports.version import version_folders

RUNNERS = 3
# Publishes every nth of the versions laid out, in its own order, as a run does at its end.
RUNNER = """
import sys
from pathlib import Path
from workbench.reports.catalogue_page import write_catalogue
from workbench.reports.store import Store
store, runner = Store(Path(sys.argv[1])), sys.argv[2]
sys.stdin.readline()
for at, folder in enumerate(map(Path, sys.argv[3:])):
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    store.publish("ab_test", "wording", folder.name, files, f"{runner}-{at}")
    store.point_every_latest()
    write_catalogue(store)
"""


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "reports")


def test_latest_never_goes_back_and_the_catalogue_lacks_nothing(store, tmp_path, published):
    laid_out = Store(tmp_path / "laid_out")
    for second in range(12):
        published(laid_out, second=second)
    folders = [str(folder) for folder in version_folders(laid_out.set_folder("ab_test", "wording"))]
    runners = [
        subprocess.Popen(
            [sys.executable, "-c", RUNNER, str(store.folder), str(nth), *folders[nth::RUNNERS]],
            stdin=subprocess.PIPE,
            text=True,
        )
        for nth in range(RUNNERS)
    ]
    for runner in runners:
        runner.stdin.write("go\n")
        runner.stdin.flush()
    link, seen = store.set_folder("ab_test", "wording") / LATEST, [""]
    while any(runner.poll() is None for runner in runners):
        if link.is_symlink():
            seen.append(os.readlink(link))
            assert seen[-2] <= seen[-1]
    for runner in runners:
        runner.communicate()
    assert [runner.returncode for runner in runners] == [0] * RUNNERS
    assert len(store.versions("ab_test", "wording")) == 12
    assert os.readlink(link) == os.path.basename(folders[-1])
    page = (store.folder / CATALOGUE_FILE).read_text(encoding="utf-8")
    assert set(re.findall(r"ab_test/wording/(\S+?)/report", page)) == {
        os.path.basename(each) for each in folders
    }
    assert store.faults() == []


def test_which_version_is_the_newest_is_asked_while_nobody_else_points(store, published, monkeypatch):
    held = []
    real = Store.latest

    def latest(self, study, name):
        try:
            with one_at_a_time(self.folder / ".locks" / f"{study}-{name}-{LATEST}.lock"):
                held.append(False)
        except UnderWay:
            held.append(True)
        return real(self, study, name)

    monkeypatch.setattr(Store, "latest", latest)
    published(store)
    assert held == [True]


def test_the_store_is_read_for_the_catalogue_while_nobody_else_writes_it(store, published, monkeypatch):
    published(store)
    held = []

    real = catalogue_page._read

    def read(given):
        try:
            with one_at_a_time(given.folder / ".locks" / "catalogue.lock"):
                held.append(False)
        except UnderWay:
            held.append(True)
        return real(given)

    monkeypatch.setattr(catalogue_page, "_read", read)
    write_catalogue(store)
    assert held == [True]


def test_the_catalogue_is_made_from_the_versions_alone(store, published):
    """Neither records nor locks nor links are needed."""
    published(store, second=1)
    published(store, second=2)
    entry = catalogue_entries(store)
    for folder in (store.records_folder, store.folder / ".locks", store.folder / ".incoming"):
        if folder.is_dir():
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
    (store.set_folder("ab_test", "wording") / LATEST).unlink()
    write_catalogue(store)
    assert catalogue_entries(store) == entry
