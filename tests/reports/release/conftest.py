"""A candidate as a run makes one, to plant faults in."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import matplotlib
import pytest
from matplotlib import pyplot as plt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from workbench.present.blocks import BLOCK_TYPE, FigureBlock, TableBlock
from workbench.present.disclosure import CMS, Profile
from workbench.present.result import RESULT_TYPE, Check, Column, Metric, StudyResult, Table, Verdict
from workbench.reports.release import Candidate, Finding, WatchList, examine

matplotlib.use("svg")

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
LISTED = [
    "Maria Lopez-Ortega",
    "Seán O'Brien",
    "maria.lopez@example.org",
    "(555) 010-0199",
    "87654321",
    "p-7f3ac90b12de",
]


def drawn_svg() -> str:
    """A figure as matplotlib writes it, with text kept as text, clip paths, markers and an embedded picture."""
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "fixed"}):
        figure, axes = plt.subplots()
        axes.errorbar([0.031, 0.009], [1, 2], xerr=[0.013, 0.0131], fmt="o", label="Difference")
        axes.imshow([[0.1, 0.7], [0.3, 0.4]], extent=(0, 0.01, 1, 2), aspect="auto")
        axes.axvspan(-0.005, 0.005, alpha=0.2)
        axes.set_title("More bookings")
        axes.legend()
        written = io.StringIO()
        no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(written, format="svg", metadata=no_metadata)
        plt.close(figure)
    svg = written.getvalue()
    return svg[svg.index("<svg") :].replace(
        "<svg", '<svg role="img" aria-label="Interval plot of two arms."', 1
    )


DRAWN = drawn_svg()
SMALL = (
    '<svg role="img" aria-label="Two intervals."><path d="M 5550100199 212-555-0147"/><text>0.05</text></svg>'
)

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">
<title>Wording, A/B analysis, 23 Nov 2026</title>
<style>:root{{--ink:#1b2326}}@media(max-width:40rem){{nav{{display:none}}}}</style></head>
<body><header><p>A/B analysis</p><h1>Does <em>motivational</em> wording bring patients back?</h1></header>
<nav aria-label="In this report"><ol><li><a href="#verdict">Verdict</a></li>
<li><a href="#prov">Provenance</a></li></ol></nav>
<main><section id="verdict" aria-label="Verdict"><p class="headline">Send the motivational text.</p></section>
<h2 id="effect">What it did</h2><p>31 (18 to 44) more bookings per 1,000 patients; $1.10 a booking.</p>
<figure><p>The text works</p>{svg}<figcaption>Line: 95 % credible interval.</figcaption></figure>
<table><caption>Arms</caption><thead>
<tr><th scope="col">Arm</th><th scope="col">People</th><th scope="col">Bookings</th></tr></thead>
<tbody><tr><th scope="row">generic</th><td>2,111</td><td>141</td></tr>
<tr><th scope="row">motivational</th><td>2,104</td><td>206</td></tr></tbody></table>
<h2 id="prov">Provenance</h2><dl><dt>Version</dt><dd>20261123T060000Z-12345678</dd><dt>Data</dt>
<dd>sha256
1234567890abcdef5550100199aabbccddeeff00112233445566778899aabbcc</dd>
<dt>Python</dt><dd>3.13.2, numpy 2.3.555</dd></dl>
<p><a href="results.json">Numbers</a> <a href="../../../index.html">All reports</a></p></main>
<footer><p>Adults are known by birth year as of 2026-11-23.</p></footer></body></html>
"""


def arms() -> Table:
    """Whole arms, large enough to be shown."""
    return Table(
        id="arms",
        caption="Arms",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="people", title="People", kind="people"),
            Column(name="events", title="Bookings", kind="events"),
        ],
        rows=[["generic", 2111, 141], ["motivational", 2104, 206]],
        groups="arm",
    )


def segments(*rows: list[Any]) -> Table:
    """Groups described by attributes: segment, people, bookings."""
    return Table(
        id="by_segment",
        caption="Segments",
        columns=[
            Column(name="segment", title="Segment", kind="label"),
            Column(name="people", title="People", kind="people"),
            Column(name="events", title="Bookings", kind="events"),
        ],
        rows=[list(row) for row in rows],
        groups="attributes",
    )


def result(**changes: Any) -> StudyResult:
    """A result of two arms, with any of its parts changed."""
    parts: dict[str, Any] = {
        "study": "ab_test",
        "name": "wording",
        "as_of": "2026-11-23",
        "verdict": Verdict(decision="adopt", headline="Send it.", reasons=["More bookings."]),
        "metrics": [Metric(name="rate", of={"arm": "generic"}, value=0.067, unit="probability", n=2111)],
        "checks": [Check(name="Sample ratio", passed=True, detail="p = 0.61")],
        "tables": [arms()],
    }
    return StudyResult(**(parts | changes))


def notebook_of(study: StudyResult, *, source: str = "people = 6_061  # who completed 14 days") -> Any:
    """A cleaned notebook that shows a figure, the result's tables and the result."""
    figure = FigureBlock(
        id="effect",
        title="The text works",
        alt="Two intervals.",
        caption="",
        source=[study.tables[0].id],
        wide=SMALL,
        narrow=SMALL,
    )
    blocks = [figure, *(TableBlock(table=table) for table in study.tables)]
    outputs = [new_output("display_data", data={BLOCK_TYPE: block.model_dump(mode="json")}) for block in blocks]
    outputs.append(new_output("display_data", data={RESULT_TYPE: study.as_json()}))
    cells = [
        new_markdown_cell("# Wording\n\n## What it did", id="12345678"),
        new_code_cell(source, outputs=outputs, id="55501001"),
    ]
    return new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


@dataclass(frozen=True)
class Examined:
    """Makes candidates that pass, and examines them."""

    watch_list: WatchList
    profile: Profile = CMS

    def candidate(self, *, study: StudyResult | None = None, **changes: Any) -> Candidate:
        study = study or result()
        whole = Candidate(
            html=PAGE.format(policy=POLICY, svg=DRAWN),
            notebook=notebook_of(study),
            result=study,
            manifest={
                "fingerprint": {"code": "5550100199" + "a" * 54, "seed": 5550100199},
                "started": "2026-11-23T06:00:00.123456+00:00",
                "packages": {"numpy": "2.3.5", "python": "3.13.2"},
                "seconds": 72.1,
            },
            file_names=("report.html", "results.json", "manifest.json", "notebook.ipynb"),
        )
        return replace(whole, **changes)

    def findings(self, candidate: Candidate) -> tuple[Finding, ...]:
        return examine(candidate, self.watch_list, self.profile)

    def page(self, old: str, new: str) -> tuple[Finding, ...]:
        """What is found where one place of the page is changed."""
        clean = self.candidate()
        assert old in clean.html
        return self.findings(replace(clean, html=clean.html.replace(old, new, 1)))


@pytest.fixture(scope="session")
def examined() -> Examined:
    return Examined(WatchList.of(LISTED))


@pytest.fixture
def checks_of() -> Callable[[tuple[Finding, ...]], set[str]]:
    return lambda findings: {finding.check for finding in findings}
