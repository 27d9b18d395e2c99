"""A small simulated provider, and projects of the tests' own that keep their data and reports to themselves."""

import copy
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import nbformat
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from workbench.cli import main
from workbench.cli.entry import STOPS
from workbench.present.result import RESULT_TYPE
from workbench.reports.manifest import MANIFEST_FILE, Manifest, version_name
from workbench.reports.store import NOTEBOOK_FILE, REPORT_FILE, RESULTS_FILE, Store, checksum

HERE = Path(__file__).resolve().parents[1]
# Where tests run side by side, each file's stay in one process; so do those of these rooms, which share Spark and a
# PostgreSQL server, simulated providers, and an analysis of one.
TOGETHER = ("tests/engines/", "tests/no_show/", "tests/simulate/scenarios/")
SAMPLE_REPORTS = "tests/notebooks/test_sample_reports.py"

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
    "segment_by": "diagnosis_group",
    "who_must_act": "The campaign lead waits.",
}
SOURCE = {"title": "Simulated provider", "location": "data/sample", "simulated": True}
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
# A cell that leaves a trace wherever a kernel runs it.
TRACE = "open('data/trace', 'a').write('x')"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """All that was said."""
        return self.out + self.err


@dataclass(frozen=True)
class Project:
    """A project of a test's own: its sources, parameter sets, notebook, data and reports."""

    root: Path

    @property
    def store(self) -> Store:
        return Store(self.root / "reports")

    @property
    def data(self) -> Path:
        return self.root / "data" / "sample"

    def write_set(self, name: str = "wording", text: str = "", **changes: Any) -> Path:
        """A valid parameter set with some keys changed, and lines of text after it; None removes a key."""
        values = {key: value for key, value in (PARAMETERS | changes).items() if value is not None}
        path = self.root / "params" / "ab_test" / f"{name}.yaml"
        path.write_text(yaml.safe_dump(values, sort_keys=False) + text, encoding="utf-8")
        return path

    def write_source(self, name: str = "sample", **values: Any) -> Path:
        path = self.root / "params" / "sources" / f"{name}.yaml"
        path.write_text(yaml.safe_dump(SOURCE | values, sort_keys=False), encoding="utf-8")
        return path

    def write_notebook(self, *code: str) -> Path:
        """A notebook in the place of the study's own, which starts no model."""
        named = "\n".join(f"{key} = {value!r}" for key, value in PARAMETERS.items())
        cells = [new_code_cell(named, metadata={"tags": ["parameters"]}), new_markdown_cell("## What it did")]
        notebook = new_notebook(cells=[*cells, *(new_code_cell(text) for text in code)])
        path = self.root / "notebooks" / "ab_test.ipynb"
        nbformat.write(notebook, path)
        return path

    def a_patient(self) -> str:
        """The pseudonym of somebody in the data."""
        import pyarrow.parquet as pq

        return pq.read_table(self.data / "patients.parquet", columns=["patient_id"])["patient_id"][0].as_py()

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
        return {**kept, "WORKBENCH_HOME": str(self.root), **more}

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """A command begun in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "workbench", *words],
            cwd=self.root,
            env=self.environment(**more),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def command(self, *words: str, **more: str) -> Ended:
        """A command run to its end in a process of its own."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=120)
        return Ended(process.returncode, out, err)

    def versions(self) -> list[str]:
        """The names of the versions of the parameter set, the oldest first."""
        return [version.manifest.version for version in self.store.versions("ab_test", "wording")]

    def states(self) -> list[str]:
        """The states of all runs, the oldest first."""
        return [record.state for record in self.store.records()]

    def nothing_ran(self) -> bool:
        """Whether no kernel started: no trace of a cell, and no private folder of a run."""
        return not (self.root / "data" / "trace").exists() and not (self.root / "data" / "runs").exists()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where tests run side by side, those that share what is slow to make stay in one process."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            # A sample report is made of the notebook that was executed in the same process.
            if file == SAMPLE_REPORTS:
                return f"notebooks/{nodeid.rpartition('[')[2].rstrip(']')}.ipynb"
            return next((room for room in TOGETHER if file.startswith(room)), file)

    return Together(config, log)


@pytest.fixture(scope="session")
def provider_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of a provider of 1,000 patients."""
    from workbench.simulate.provider import simulate_provider
    from workbench.simulate.settings import ProviderSettings
    from workbench.simulate.storage import write_provider

    folder = tmp_path_factory.mktemp("provider") / "sample"
    write_provider(simulate_provider(ProviderSettings(patients=1_000, seed=3)), folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, provider_folder: Path) -> Project:
    """A project with the small provider's tables, one parameter set and a notebook that only publishes."""
    root = tmp_path / "project"
    for folder in ("notebooks", "params/ab_test", "params/sources"):
        (root / folder).mkdir(parents=True)
    (root / "data").mkdir(mode=0o700)
    # Links, so that a test may replace a table without touching the others' copies.
    (root / "data" / "sample").mkdir()
    for file in provider_folder.iterdir():
        os.link(file, root / "data" / "sample" / file.name)
    shutil.copy(HERE / "requirements.lock", root)
    made = Project(root)
    made.write_source()
    made.write_set()
    made.write_notebook(TRACE, PUBLISH)
    return made


@pytest.fixture
def workbench(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """The command line, in this process: called with words, it says how it ended."""
    for name in ("WORKBENCH_REPORTS", "WORKBENCH_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKBENCH_HOME", str(project.root))
    monkeypatch.chdir(project.root)
    before = {number: signal.getsignal(number) for number in STOPS}
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["workbench", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capfd.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def keep_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Keep segments of people under the name groups, in a project of their own."""
    root = tmp_path / "project"
    for name in ("notebooks", "params"):
        (root / name).mkdir(parents=True)
    monkeypatch.setenv("WORKBENCH_HOME", str(root))

    def made(
        version: str, people: dict[str, str], made_at: str = "2026-03-02T01:00:00+00:00", **manifest: Any
    ) -> Path:
        folder = root / "data" / "segments" / "groups" / version
        folder.mkdir(parents=True)
        members = pa.table({"patient_id": list(people), "segment": list(people.values())})
        pq.write_table(members, folder / "members.parquet")
        content = (folder / "members.parquet").read_bytes()
        told = {
            "schema": 2,
            "as_of": date.fromisoformat(version[:8]).isoformat(),
            "made_at": made_at,
            "files": {"members.parquet": hashlib.sha256(content).hexdigest()},
            **manifest,
        }
        (folder / "manifest.json").write_text(json.dumps(told))
        return folder

    return made


@pytest.fixture
def published() -> Callable[..., Path]:
    """Publishes a version made of few words, or lets it wait: `published(store, "ab_test", second=3)`; its folder.

    What is given beside goes into the verdict; `of_result` and `of_manifest` take the place of other values.
    """

    def publish(
        store: Store,
        study: str = "ab_test",
        name: str = "wording",
        second: int = 0,
        waits: bool = False,
        run_by: str = "runner",
        of_result: dict[str, Any] | None = None,
        of_manifest: dict[str, Any] | None = None,
        **verdict: Any,
    ) -> Path:
        fingerprint = {"data": "d" * 64, "seed": f"{second:064d}"}
        moment = datetime(2026, 11, 23, 6, 0, second, tzinfo=UTC)
        result = RESULT | {"study": study, "name": name, "verdict": RESULT["verdict"] | verdict}
        result |= of_result or {}
        files = {
            REPORT_FILE: b"<title>A report</title>",
            NOTEBOOK_FILE: b"{}",
            RESULTS_FILE: json.dumps(result).encode(),
        }
        manifest = Manifest(
            study=study,
            study_title="A/B analysis",
            name=name,
            version=version_name(moment, fingerprint),
            title="Motivational wording",
            audience=("clinical_leads",),
            owner="Outreach analytics",
            as_of=date(2026, 11, 16),
            data_until=None,
            valid_until=date(2026, 12, 14),
            published_at=moment,
            run_by=run_by,
            release="reviewed" if waits else "automatic",
            parameter_file=f"params/{study}/{name}.yaml",
            parameters={},
            fingerprint=fingerprint,
            seed=1,
            source="sample",
            simulated=True,
            git_commit=None,
            git_clean=None,
            python="3.13.0",
            packages={},
            dropped={},
            timings={},
            files={file: checksum(content) for file, content in files.items()},
        )
        manifest = manifest.model_copy(update=of_manifest or {})
        contents = {**files, MANIFEST_FILE: manifest.as_bytes()}
        bring = store.let_wait if waits else store.publish
        return bring(study, name, manifest.version, contents, f"20261123T0600{second:02d}Z-abcdef")

    return publish


@pytest.fixture
def result() -> dict[str, Any]:
    """The smallest result that passes the release checks, as plain values."""
    return copy.deepcopy(RESULT)


@pytest.fixture(scope="session")
def publishing() -> Callable[[dict[str, Any]], str]:
    """The code of a cell that publishes a result."""

    def code(result: dict[str, Any]) -> str:
        return PUBLISH.replace(repr(RESULT), repr(result))

    return code


@pytest.fixture(scope="session")
def wording_analysis() -> Callable[..., Any]:
    """Makes the analysis of an experiment on wording, in three arms of equal size, from its counts alone."""
    from workbench.experiments.analysis import analyze
    from workbench.experiments.counting.given import GivenArm, given_counts
    from workbench.experiments.parameters import ABTest

    def made(events: tuple[int, ...] = (240, 330, 250), people: int = 4000, as_of: str = "2026-11-16") -> Any:
        """Three arms of equal size whose planned look is over on that day."""
        settings = ABTest.from_cell(
            {
                "title": "Wording",
                "audience": ["analysts"],
                "owner": "Outreach",
                "as_of": as_of,
                "source": "sample",
                "seed": 1,
                "question": "Does it help?",
                "experiment": "wording",
                "control": "generic",
                "enrollment_ends": "2026-09-28",
                "who_must_act": "The lead acts.",
                "segment_by": None,
            },
            today=date(2026, 11, 23),
        )
        names = ("generic", "warm", "short")
        arms = {
            name: GivenArm(people, people, {"bookings": n, "opt-outs": 20})
            for name, n in zip(names, events, strict=True)
        }
        return analyze(given_counts(settings, arms), settings)

    return made
