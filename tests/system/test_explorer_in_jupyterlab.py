"""The explorers in a real JupyterLab, opened by `workbench lab` and driven by keyboard in a real browser."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
import yaml

from workbench.experiments.analysis import analyze, reconsidered
from workbench.experiments.counting.counts import count_experiment
from workbench.experiments.counting.people import declared_cohort as experiment_cohort
from workbench.experiments.parameters import ABTest
from workbench.experiments.verdict import decide
from workbench.no_show.at_risk.frame import load_appointments
from workbench.no_show.at_risk.risk_set import declared_cohort as no_show_cohort
from workbench.no_show.parameters import NoShow
from workbench.present import numbers
from workbench.present.fragments import DECISIONS
from workbench.tables.opening import open_source

ROOT = Path(__file__).parents[2]
# What takes long in a notebook's parameters cell, and what it is here: no segments, whose model compiles for long;
# fewer numbers of groups, draws and resamples than a study has.
LIGHTER = {
    "ab_test": {'segment_by = "diagnosis_group"': "segment_by = None"},
    "no_show": {},
    "segmentation": {
        "groups_to = 5": "groups_to = 3",
        "resamples = 20": "resamples = 5",
        "continuum_draws = 39": "continuum_draws = 19",
    },
}
# Generous, for a machine that is busy with something else; nothing is asserted about time.
PATIENCE = 90


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab on a project of its own."""

    root: Path
    port: int
    token: str

    def url(self, notebook):
        # A workspace of its own: JupyterLab would bring back notebooks opened before, as hidden tabs.
        workspace = f"lab/workspaces/{Path(notebook).stem}"
        return f"http://127.0.0.1:{self.port}/{workspace}/tree/notebooks/{notebook}?token={self.token}"


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A project with the notebooks, made lighter where they take long, and a small simulated provider."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "params", root / "params")
    (root / "notebooks").mkdir()
    for name, lighter in LIGHTER.items():
        _copy_lighter(name, lighter, root / "notebooks")
    subprocess.run(
        [sys.executable, "-m", "workbench", "simulate", "data/sample", "--patients", "3000", "--seed", "7"],
        cwd=root,
        env={**os.environ, "WORKBENCH_HOME": str(root)},
        check=True,
        capture_output=True,
    )
    return root


def _copy_lighter(name, lighter, folder):
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    for given, instead in lighter.items():
        assert given in cell.source
        cell.source = cell.source.replace(given, instead)
    nbformat.write(notebook, folder / f"{name}.ipynb")


@pytest.fixture(scope="session")
def lab(project, tmp_path_factory):
    home = tmp_path_factory.mktemp("jupyter")
    quiet = home / "config/lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        running = Lab(project, free.getsockname()[1], secrets.token_hex(16))
    environment = {
        **os.environ,
        "WORKBENCH_HOME": str(project),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_TOKEN": running.token,
    }
    options = [f"--ServerApp.port={running.port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
    command = [sys.executable, "-m", "workbench", "lab", "--no-browser", "--allow-root", *options]
    log = home / "log"
    with log.open("wb") as said:
        server = subprocess.Popen(command, cwd=project, env=environment, stdout=said, stderr=said)
    try:
        _await_server(running, server, log)
        yield running
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await_server(lab, server, log):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{lab.port}/api?token={lab.token}", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab does not answer: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@contextmanager
def explored(browser, lab, notebook):
    """A page with the notebook, all of its cells run, scrolled to its explorer; `said` collects console errors."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.said = []
    page.on("console", lambda message: page.said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(lab.url(notebook))
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    _scroll_to(page, explorer_in(page))
    yield page
    context.close()


@pytest.fixture(scope="module")
def page(browser, lab):
    with explored(browser, lab, "ab_test.ipynb") as page:
        yield page


def explorer_in(page):
    """The first explorer of the notebook."""
    return page.locator(".widget-vbox").first


def printed(explorer):
    """Where an explorer prints its parameters."""
    return explorer.locator(".widget-textarea textarea")


def _scroll_to(page, locator):
    """Scroll a notebook, which draws only the cells near its window, downward until something is there."""
    window = page.locator(".jp-WindowedPanel-outer").first
    window.hover()
    until = time.monotonic() + PATIENCE
    while locator.count() == 0:
        assert time.monotonic() < until, "what was looked for never came"
        page.mouse.wheel(0, 500)
        page.wait_for_timeout(150)
    locator.scroll_into_view_if_needed()


def parameters_of(project, notebook):
    """What the parameters cell of a notebook sets."""
    read = nbformat.read(project / "notebooks" / notebook, as_version=4)
    cell = next(cell for cell in read.cells if "parameters" in cell.metadata.get("tags", []))
    values = {}
    exec(cell.source, values)
    return values


@pytest.fixture(scope="module")
def analysis(project):
    """The same analysis, in this process."""
    settings = ABTest.from_cell(parameters_of(project, "ab_test.ipynb"))
    known = open_source("sample", project).known(settings.as_of, experiment_cohort(settings))
    return analyze(count_experiment(known, settings), settings)


def told(explorer):
    """The smallest effect of the primary metric and the acceptable loss, of the parameters that are printed."""
    values = yaml.safe_load(printed(explorer).input_value())
    (primary,) = (metric for metric in values["metrics"] if metric["role"] == "primary")
    return primary["smallest_effect"], values["acceptable_loss"]


def test_a_slider_moved_by_keyboard_moves_verdict_probabilities_and_parameters(page, analysis):
    from playwright.sync_api import expect

    explorer = explorer_in(page)
    handle = explorer.get_by_role("slider").first
    assert told(explorer) == (0.01, 0.002)
    handle.focus()
    for presses, smallest in ((1, 0.0105), (2, 0.0115), (36, 0.0295)):
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
        expect(printed(explorer)).to_have_value(re.compile(rf"smallest_effect: {smallest}\n"))
        assert told(explorer) == (smallest, 0.002)
        again = reconsidered(analysis, smallest, 0.002)
        rows = explorer.locator("table tbody tr")
        for at, effect in enumerate(again.effects):
            expect(rows.nth(at)).to_contain_text(effect.arm)
            for probability in (effect.matters, effect.equivalent):
                expect(rows.nth(at)).to_contain_text(numbers.probability(probability).replace(" %", "\u00a0%"))
        expect(explorer.locator(".pill")).to_have_text(DECISIONS[decide(again).decision].words)
        assert handle.evaluate("handle => handle === document.activeElement")


def test_tab_leads_from_slider_to_parameters_and_back_to_where_it_began(page):
    from playwright.sync_api import expect

    explorer = explorer_in(page)
    explorer.get_by_role("slider").last.focus()
    page.keyboard.press("ArrowRight")
    expect(printed(explorer)).to_have_value(re.compile("acceptable_loss: 0.0021"))
    assert told(explorer) == (0.0295, 0.0021)
    moved = printed(explorer).input_value()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == moved
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(printed(explorer)).to_have_value(re.compile(r"acceptable_loss: 0\.002\s*$"))
    assert told(explorer) == (0.01, 0.002)


def test_figure_and_table_of_the_same_stand_in_the_notebook_above_it(page):
    page.mouse.wheel(0, -900)
    page.get_by_text("What the rule would say at other smallest effects").last.wait_for()
    page.locator("figure svg[aria-label*='smallest effect that matters, 10']").first.wait_for(state="attached")


def test_the_page_says_nothing_of_errors(page):
    assert page.said == []


def printed_calls(calls, cost="4.0"):
    return f"calls_per_day: {calls}\ncall_cost: {cost}\nkept_slot_value: 100.0\ncall_keeps: 0.25"


def test_calls_and_cost_moved_by_keyboard_move_lists_worth_and_parameters(browser, lab, project):
    from playwright.sync_api import expect

    settings = NoShow.from_cell(parameters_of(project, "no_show.ipynb"))
    known = open_source("sample", project).known(settings.as_of, no_show_cohort(settings))
    test = load_appointments(known, settings).of("test")
    per_day = test.groupby("day").size()
    with explored(browser, lab, "no_show.ipynb") as page:
        explorer = explorer_in(page)
        expect(printed(explorer)).to_have_value(printed_calls(20))
        sliders, rows = explorer.get_by_role("slider"), explorer.locator("table tbody tr")
        sliders.first.focus()
        for presses, calls in ((1, 19), (4, 15), (10, 5)):
            for _ in range(presses):
                page.keyboard.press("ArrowLeft")
            expect(printed(explorer)).to_have_value(printed_calls(calls))
            made = int(per_day.clip(upper=calls).sum())
            expect(rows.first.locator("td").first).to_have_text(numbers.count(made))
            expect(rows.last.locator("td").first).to_have_text(numbers.count(len(test) - made))
        caught, missed = (int(row.locator("td").nth(1).inner_text().replace(",", "")) for row in rows.all())
        assert caught + missed == test["no_show"].sum()
        sliders.nth(1).focus()
        page.keyboard.press("ArrowRight")
        expect(printed(explorer)).to_have_value(printed_calls(5, "4.5"))
        worth = (25 * caught - 4.5 * made) / per_day.size
        expect(explorer).to_contain_text(f"{numbers.number(worth)} a day")
        expect(explorer).to_contain_text("A call then pays from a risk of 18\u00a0%")
        assert page.said == []


def printed_groups(groups, smallest="0.05"):
    return f"groups_from: {groups}\ngroups_to: {groups}\nsmallest_group: {smallest}"


def test_another_number_of_groups_chosen_by_keyboard_moves_tables_and_parameters(browser, lab):
    from playwright.sync_api import expect

    with explored(browser, lab, "segmentation.ipynb") as page:
        explorer = explorer_in(page)
        number = explorer.get_by_role("combobox")
        for key, groups, last in (("Home", 2, "Group B"), ("End", 3, "Group C")):
            number.focus()
            page.keyboard.press(key)
            expect(printed(explorer)).to_have_value(printed_groups(groups))
            profiles = explorer.locator("table", has_text="What the groups do").last
            expect(profiles.locator("thead th").last).to_have_text(last)
        explorer.get_by_role("slider").focus()
        page.keyboard.press("ArrowRight")
        expect(printed(explorer)).to_have_value(printed_groups(3, "0.055"))
        assert page.said == []
