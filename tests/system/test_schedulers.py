"""The ready files for schedulers, tried: the lines they hold run what is due, and once."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.parameters.schedule import cron_values

FILES = Path(__file__).parents[2] / "docs" / "operations" / "schedulers"


@pytest.fixture
def server(project, result, publishing):
    """A project with one set that is due, as a scheduler finds it: the command in its .venv, the store beside it."""
    project.write_notebook(publishing(result))
    project.write_set(schedule={"cron": "0 0 1 1 *", "time_zone": "America/New_York"})
    command = project.root / ".venv" / "bin" / "workbench"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m workbench "$@"\n')
    command.chmod(0o755)
    return project


def placed(name: str, project) -> str:
    """A file with the places of the project and of its store written into it, as its reader is told to do."""
    text = (FILES / name).read_text(encoding="utf-8")
    return text.replace("/srv/workbench", str(project.root)).replace("/srv/reports", str(project.store.folder))


def called(
    words: list[str], given: dict[str, str], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    return subprocess.run(words, env=kept | given, cwd=folder, capture_output=True, text=True, check=False)


def test_cron_s_line(server):
    lines = [
        line for line in placed("workbench.cron", server).splitlines() if line and not line.startswith("#")
    ]
    given = dict(line.split("=", 1) for line in lines[:-1])
    fields = lines[-1].split(" ", 6)
    assert cron_values(" ".join(fields[:5]))
    assert fields[5] == "workbench"
    for told in ("published", "Nothing is due."):
        done = called([given["SHELL"], "-c", fields[6]], given)
        assert done.returncode == 0, done.stderr
        assert done.stdout + done.stderr == ""
        assert told in (server.data.parent / "workbench.log").read_text(encoding="utf-8")
    assert server.states() == ["published"]


def test_systemd_s_units(server, tmp_path):
    for name in ("workbench.service", "workbench.timer"):
        (tmp_path / name).write_text(placed(name, server), encoding="utf-8")
    service = (tmp_path / "workbench.service").read_text(encoding="utf-8")
    given = dict(re.findall(r"^Environment=(\w+)=(.*)$", service, re.MULTILINE))
    (line,) = re.findall(r"^ExecStart=(.*)$", service, re.MULTILINE)
    done = called(
        line.split(" "), given, Path(re.findall(r"^WorkingDirectory=(.*)$", service, re.MULTILINE)[0])
    )
    assert done.returncode == 0, done.stderr
    assert server.states() == ["published"]
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: the units ran, and were not verified")
    units = [str(tmp_path / name) for name in ("workbench.service", "workbench.timer")]
    verified = called(["systemd-analyze", "verify", "--man=no", *units], {})
    assert (verified.returncode, verified.stderr) == (0, "")


def test_airflow_s_task(server):
    """Without Airflow: what its task is given, called as its operator calls it."""
    tree = ast.parse(placed("workbench_dag.py", server))
    named = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    (task,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "BashOperator"
    ]
    words = {keyword.arg: keyword.value for keyword in task.keywords}
    given = {
        ast.literal_eval(key): named[value.id]
        for key, value in zip(words["env"].keys, words["env"].values, strict=True)
    }
    done = called(["bash", "-c", ast.literal_eval(words["bash_command"])], given, Path(named[words["cwd"].id]))
    assert done.returncode == 0, done.stderr
    assert server.states() == ["published"]
