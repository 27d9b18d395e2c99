"""What a report's page weighs and takes to make, beside nbconvert's page of the same executed notebook.

`python benchmarks/report_pages.py` runs the notebooks of the sample reports, and writes report_pages.md beside itself;
it takes some minutes.
"""

import re
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import machine
import nbformat
from nbconvert import HTMLExporter

from workbench.present.fragments import fragment, markdown, verdict_card
from workbench.reports.harvest import harvest
from workbench.reports.manifest import MANIFEST_FILE, Manifest
from workbench.reports.page import Page, render_report
from workbench.runs import provenance
from workbench.runs.bounds import Bounds
from workbench.runs.execution import execute
from workbench.runs.studies import STUDIES

ROOT = Path(__file__).parents[1]
ROUNDS = 30


@dataclass(frozen=True)
class Weight:
    """A page in bytes, its scripts and addresses elsewhere, and the milliseconds of making it once warm."""

    size: int
    scripts: int
    addresses: int
    milliseconds: float


@dataclass(frozen=True)
class Compared:
    """The two pages of one notebook; `frame` is what ours weighs beyond the verdict, words, tables and figures."""

    study: str
    ours: Weight
    frame: int
    nbconvert: Weight


def compared(study: str) -> Compared:
    sample = ROOT / "docs" / "samples" / study
    manifest = Manifest.model_validate_json((sample / MANIFEST_FILE).read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        notebook = STUDIES[study].notebook(ROOT)
        executed = execute(
            notebook, manifest.parameters, Path(folder), ROOT, lambda cell, cells: None, Bounds()
        )
    page = _page(manifest, executed)
    exporter = HTMLExporter(exclude_input=True, embed_images=True)
    ours = _weight(lambda: render_report(page))
    parts = [part for section in page.sections for part in section.parts]
    shown = [markdown(part) if isinstance(part, str) else fragment(part) for part in parts]
    content = sum(len(each.encode()) for each in (verdict_card(page.result.verdict), *shown))
    theirs = _weight(lambda: exporter.from_notebook_node(executed)[0])
    return Compared(study, ours, ours.size - content, theirs)


def _page(manifest: Manifest, executed: nbformat.NotebookNode) -> Page:
    taken = harvest(executed)
    return Page(
        title=manifest.title,
        eyebrow=manifest.study_title,
        as_of=manifest.as_of,
        data_until=None,
        valid_until=manifest.valid_until,
        audience=manifest.audience,
        owner=manifest.owner,
        version=manifest.version,
        result=taken.result,
        sections=taken.sections,
        provenance=provenance.told(manifest),
    )


def _weight(make: Callable[[], str]) -> Weight:
    page = make()
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        make()
        seconds.append(time.perf_counter() - begun)
    return Weight(
        size=len(page.encode()),
        scripts=len(re.findall(r"<script\b", page)),
        addresses=len(re.findall(r"(?:src|href)=[\"']https?://", page)),
        milliseconds=1000 * statistics.median(seconds),
    )


def _row(each: Compared) -> str:
    ours, theirs = each.ours, each.nbconvert
    cells = (
        each.study,
        f"{ours.size / 1000:.0f}",
        f"{each.frame / 1000:.1f}",
        f"{ours.milliseconds:.0f}",
        f"{ours.scripts}, {ours.addresses}",
        f"{theirs.size / 1000:.0f}",
        f"{theirs.milliseconds:.0f}",
        f"{theirs.scripts}, {theirs.addresses}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    rows = []
    for folder in sorted((ROOT / "docs" / "samples").iterdir()):
        rows.append(_row(compared(folder.name)))
        print(rows[-1])
    Path(__file__).with_suffix(".md").write_text(
        f"""# A report's page, and nbconvert's of the same notebook

The notebooks of the [sample reports](../docs/samples) are executed, and a page is made of each in two ways: by the
workbench, and by nbconvert's HTMLExporter without code and with images embedded. KB are 1,000 bytes; *frame* is what
the page weighs beyond its verdict, words, tables and figures: style, contents, provenance. Milliseconds are the median
of {ROUNDS} renders once warm. {machine.told()}

| study | page, KB | frame, KB | ms | scripts, addresses | nbconvert, KB | ms | scripts, addresses |
|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

nbconvert's page also shows what was not meant to be seen (prints, warnings, tracebacks), has no content policy, and is
titled by its file's name.
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
