"""A project of its own whose runs are short: a small simulated provider, and a notebook that publishes at once."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_notebook

from workbench.present.result import RESULT_TYPE
from workbench.reports.store import Store
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.storage import write_provider

ROOT = Path(__file__).parents[2]
SETS = ("wording", "timing", "length")
PARAMETERS: dict[str, Any] = {
    "title": "Motivational wording",
    "question": "Does motivational wording bring lapsed patients back?",
    "audience": ["clinical_leads"],
    "owner": "Outreach analytics",
    "release": "automatic",
    "as_of": "2026-11-16",
    "source": "sample",
    "seed": 1,
    "experiment": "motivational_wording",
    "control": "generic",
    "enrollment_ends": "2026-09-28",
    "segment_by": None,
    "who_must_act": "The campaign lead waits.",
}
RESULT = {
    "schema": 1,
    "study": "ab_test",
    "name": "",
    "as_of": "2026-11-16",
    "data_until": None,
    "verdict": {
        "decision": "keep_collecting",
        "headline": "It is too early to say.",
        "reasons": ["Too few people were enrolled."],
        "facts": [],
    },
    "metrics": [],
    "checks": [],
    "tables": [],
}
PUBLISH = f"""
from IPython.display import display
display({{"{RESULT_TYPE}": {RESULT!r}, "text/plain": "a result"}}, raw=True)
"""


@dataclass(frozen=True)
class SmallProject:
    """A project and its report store, which may lie elsewhere."""

    root: Path
    reports: Path

    @property
    def store(self) -> Store:
        return Store(self.reports)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command in a process of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
        return subprocess.Popen(
            [sys.executable, "-m", "workbench", *words],
            cwd=self.root,
            env={**kept, "WORKBENCH_HOME": str(self.root), "WORKBENCH_REPORTS": str(self.reports)},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def small_project(root: Path) -> SmallProject:
    """Make the project."""
    for folder in ("notebooks", "params/ab_test", "params/sources"):
        (root / folder).mkdir(parents=True)
    (root / "data").mkdir(mode=0o700)
    write_provider(simulate_provider(ProviderSettings(patients=1_000, seed=3)), root / "data" / "sample")
    shutil.copy(ROOT / "requirements.lock", root)
    source = {"title": "Simulated provider", "location": "data/sample", "simulated": True}
    (root / "params" / "sources" / "sample.yaml").write_text(yaml.safe_dump(source), encoding="utf-8")
    for name in SETS:
        path = root / "params" / "ab_test" / f"{name}.yaml"
        path.write_text(yaml.safe_dump(PARAMETERS, sort_keys=False), encoding="utf-8")
    named = "\n".join(f"{key} = {value!r}" for key, value in PARAMETERS.items())
    cells = [new_code_cell(named, metadata={"tags": ["parameters"]}), new_code_cell(PUBLISH)]
    nbformat.write(new_notebook(cells=cells), root / "notebooks" / "ab_test.ipynb")
    return SmallProject(root, root / "reports")
