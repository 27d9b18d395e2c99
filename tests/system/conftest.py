"""The project's own notebooks and parameter sets, on a provider small enough to wait for, and one browser for all."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

OWN = Path(__file__).resolve().parents[2]
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; Playwright can be started only once in a process."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is not installed; in CI pages and explorers must be tried in a browser")
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def real_project(project: Any, tmp_path: Path) -> Any:
    """A project with the notebooks and parameter sets of this one, and a provider of 6,000 patients."""
    from workbench.simulate.provider import simulate_provider
    from workbench.simulate.settings import ProviderSettings
    from workbench.simulate.storage import write_provider

    for folder in ("notebooks", "params"):
        shutil.rmtree(project.root / folder)
        shutil.copytree(OWN / folder, project.root / folder)
    shutil.rmtree(project.data)
    write_provider(simulate_provider(ProviderSettings(patients=6_000, seed=5)), project.data)
    return project


@pytest.fixture(scope="session")
def kernels_of() -> Callable[[int], set[int]]:
    """The processes of the kernels that a process started, also after it has gone."""

    def find(process: int) -> set[int]:
        named = f"JPY_PARENT_PID={process}".encode()
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if named in (folder / "environ").read_bytes().split(b"\0"):
                    found.add(int(folder.name))
            except OSError:
                continue
        return found

    return find
