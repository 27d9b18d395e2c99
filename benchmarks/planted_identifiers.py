"""Identifiers planted in every place and shape, and how many of them a published version would hold.

`python benchmarks/planted_identifiers.py` writes planted_identifiers.md beside itself; it takes some minutes on one
core. Each is planted in an executed notebook, or in a parameter set, and goes through all that a run does with one:
harvest, page, manifest, release checks. It has escaped if nothing was found while a mark beside it stands in a file.
"""

import base64
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import machine
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from workbench.parameters.sets import ParameterSet, read_parameter_set
from workbench.present.blocks import BLOCK_TYPE, ChecksBlock, FigureBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.result import RESULT_TYPE, Check, Column, Fact, Metric, StudyResult, Table, Verdict
from workbench.protection.watch_list import WatchList
from workbench.refusal import Refused
from workbench.reports.harvest import HarvestError
from workbench.reports.release import Candidate
from workbench.reports.release.identifiers import CHECK, find_identifiers, holds_identifier
from workbench.runs.publication import prepare
from workbench.runs.studies import MODELS
from workbench.tables.source import Source

ROOT = Path(__file__).parents[1]
FINGERPRINT = dict.fromkeys(
    ("notebook", "parameters", "source", "package", "environment", "data", "seed"), 64 * "0"
)
MARK = "qzx"
"""Stands beside what is planted; it is in no file where nothing of the place is published."""

# Fictional people, numbers that are kept for fiction, addresses of example domains.
KINDS = {
    "phone": "(555) 010-0199",
    "phone, not listed": "+1 212-555-0147",
    "e-mail": "maria.lopez@example.org",
    "e-mail, not listed": "j.doe77@mail.example.com",
    "record number": "87654321",
    "record number, not listed": "MRN 40718223",
    "social security number": "078-05-1120",
    "full name": "Maria Lopez-Ortega",
    "date of birth": "born 12 March 1980",
    "pseudonym": "p7f3ac90b12de",
    "street address": "42 North Willow Street",
}
LISTED = ["Maria Lopez-Ortega", "maria.lopez@example.org", "(555) 010-0199", "87654321", "p7f3ac90b12de"]

SHAPES: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "zero-width signs": "\u200b".join,
    "soft hyphens": lambda text: text[:3] + "\u00ad" + text[3:],
    "fullwidth": lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in text),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0").replace("-", "\u2011"),
    "another hyphen": lambda text: text.replace("-", "\u2013").replace(" ", "\u2009"),
    "entities": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "entities, hexadecimal": lambda text: "".join(f"&#x{ord(c):x};" for c in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64, twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal, parted": lambda text: text.encode().hex(" "),
    "base64 of hexadecimal": lambda text: base64.b64encode(text.encode().hex().encode()).decode(),
    "percent signs": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent signs, twice": lambda text: "".join(f"%25{byte:02x}" for byte in text.encode()),
    "escapes of JSON": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "escapes of Python": lambda text: "".join(f"\\x{ord(c):02x}" for c in text),
    "escapes of CSS": lambda text: "".join(f"\\{ord(c):06x}" for c in text),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "UTF-16 in base64": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "parted by tags": lambda text: f"{text[:4]}<b>{text[4:]}</b>",
    "emphasized": lambda text: f"{text[:4]}**{text[4:]}**",
    "within JSON": lambda text: f'{{"row": ["{text}"]}}',
    "a key of JSON": lambda text: f'{{"{text}": 1}}',
    "within a link": lambda text: f"[see](#x?id={escape(text)})",
    "a file name": lambda text: f"/data/{text.replace(' ', '_')}.csv",
    "over two lines": lambda text: text.replace(" ", "\n", 1) if " " in text else text,
}
OF_KINDS: dict[str, dict[str, str]] = {
    "phone": {
        "dots": "555.010.0199",
        "spaces": "555 010 0199",
        "E.164": "+15550100199",
        "digits": "5550100199",
        "slash": "555/010-0199",
    },
    "full name": {
        "last name first": "Lopez-Ortega, Maria",
        "without hyphen": "Maria Lopez Ortega",
        "accents": "María López-Ortega",
        "over two cells": "Maria | Lopez-Ortega",
        "underscores": "maria_lopez_ortega",
    },
    "date of birth": {
        "of forms": "DOB: 03/12/1980",
        "of databases": "date_of_birth=1980-03-12",
        "in words": "Birthday: March 12, 1980",
        "in German order": "geb. 12.03.1980, born 12.03.1980",
    },
    "record number": {"parted": "8765-4321", "in words": "record no. 87654321", "as a key": "mrn_87654321"},
    "social security number": {"spaces": "078 05 1120", "in words": "SSN: 078051120"},
    "pseudonym": {"hyphen": "p-7f3ac90b12de", "in a path": "/patients/p7f3ac90b12de/notes"},
    "e-mail": {"link": "<maria.lopez@example.org>", "tagged": "Maria.Lopez@Example.ORG"},
}


@dataclass
class Run:
    """What a run is made of, to plant in."""

    result: StudyResult
    blocks: list[Any]
    cells: list[NotebookNode]
    outputs: list[NotebookNode]
    notebook_metadata: dict[str, Any]
    cell_metadata: dict[str, Any]
    source: str
    parameters: dict[str, Any]
    attachments: dict[str, Any]

    def executed(self) -> NotebookNode:
        typed = [new_output("display_data", data={BLOCK_TYPE: b.model_dump(mode="json")}) for b in self.blocks]
        typed.append(new_output("display_data", data={RESULT_TYPE: self.result.as_json()}))
        code = new_code_cell(self.source, outputs=[*self.outputs, *typed], metadata=self.cell_metadata)
        cells = [new_markdown_cell("# Wording\n\n## What it did"), *self.cells, code]
        if self.attachments:
            cells[0]["attachments"] = self.attachments
        return new_notebook(cells=cells, metadata=self.notebook_metadata)


def clean_run() -> Run:
    table = Table(
        id="arms",
        caption="Arms",
        columns=[
            Column(name="arm", title="Arm", kind="label"),
            Column(name="people", title="People", kind="people"),
            Column(name="about", title="About", kind="text"),
        ],
        rows=[["generic", 2111, "as before"], ["motivational", 2104, "new"]],
        groups="arm",
    )
    result = StudyResult(
        study="ab_test",
        as_of="2026-11-23",
        verdict=Verdict(decision="adopt", headline="Send it.", reasons=["More bookings."], facts=[]),
        metrics=[Metric(name="rate", of={"arm": "generic"}, value=0.067, unit="probability", n=2111)],
        checks=[Check(name="Sample ratio", passed=True, detail="p = 0.61")],
        tables=[table],
    )
    return Run(result, [TableBlock(table=table)], [], [], {}, {}, "people = 6_061", {}, {})


def figure(text: str = "0.05", **changes: Any) -> FigureBlock:
    svg = f'<svg viewBox="0 0 9 9" role="img" aria-label="Two intervals."><text>{text}</text></svg>'
    parts: dict[str, Any] = {"title": "It works", "alt": "Two intervals.", "caption": "", "source": ["arms"]}
    return FigureBlock(**({"id": "effect", **parts, "wide": svg, "narrow": svg} | changes))


def in_table(run: Run, **changes: Any) -> None:
    table = run.result.tables[0].model_copy(update=changes)
    run.result = run.result.model_copy(update={"tables": [table]})
    run.blocks[0] = TableBlock(table=table)


def in_verdict(run: Run, **changes: Any) -> None:
    run.result = run.result.model_copy(update={"verdict": run.result.verdict.model_copy(update=changes)})


def in_svg(run: Run, inside: str) -> None:
    svg = f'<svg viewBox="0 0 9 9" role="img" aria-label="Two.">{inside}<text>1</text></svg>'
    run.blocks.append(figure(wide=svg, narrow=svg))


def shown(run: Run, block: Any) -> None:
    run.blocks.append(block)


def put_out(run: Run, kind: str, **parts: Any) -> None:
    run.outputs.append(new_output(kind, **parts))


def written(run: Run, text: str) -> None:
    run.cells.append(new_markdown_cell(text))


def column(title: str) -> list[Column]:
    columns = clean_run().result.tables[0].columns
    return [columns[0], columns[1], Column(name="about", title=title, kind="text")]


PLACES: dict[str, Callable[[Run, str], Any]] = {
    "markdown": lambda run, text: written(run, f"As {text} said."),
    "heading": lambda run, text: written(run, f"## On {text}"),
    "title of the notebook": lambda run, text: written(run, f"# On {text}"),
    "link's target": lambda run, text: written(run, f"[see](<#{text}>)"),
    "link's title": lambda run, text: written(run, f'[see](#verdict "{text}")'),
    "picture's alternative text": lambda run, text: written(
        run, f"![{text}](data:image/png;base64,iVBORw0KGgo=)"
    ),
    "list": lambda run, text: written(run, f"- one\n- {text}"),
    "quotation": lambda run, text: written(run, f"> {text}"),
    "code in markdown": lambda run, text: written(run, f"```\n{text}\n```"),
    "table in markdown": lambda run, text: written(run, f"| a | b |\n|---|---|\n| {text} | 2 |"),
    "comment in markdown": lambda run, text: written(run, f"<!-- {text} -->"),
    "style in markdown": lambda run, text: written(run, f"<style>p::before{{content:'{text}'}}</style>"),
    "cell's source, comment": lambda run, text: setattr(run, "source", f"x = 1  # {text}"),
    "cell's source, string": lambda run, text: setattr(run, "source", f"who = {text!r}"),
    "cell's tag": lambda run, text: run.cell_metadata.update(tags=[f"{text}"]),
    "cell's metadata": lambda run, text: run.cell_metadata.update(note={f"{text}": 1}),
    "notebook's metadata": lambda run, text: run.notebook_metadata.update(authors=[{"name": text}]),
    "attachment": lambda run, text: run.attachments.update({f"{text}.png": {"image/png": "iVBORw0KGgo="}}),
    "print": lambda run, text: put_out(run, "stream", name="stdout", text=text),
    "warning or log": lambda run, text: put_out(run, "stream", name="stderr", text=f"UserWarning: {text}"),
    "traceback": lambda run, text: put_out(run, "error", ename="KeyError", evalue=text, traceback=[text]),
    "data frame": lambda run, text: put_out(
        run, "execute_result", data={"text/html": f"<td>{text}</td>"}, execution_count=1
    ),
    "widget state": lambda run, text: run.notebook_metadata.update(widgets={"state": {"a": {"value": text}}}),
    "prose": lambda run, text: shown(run, ProseBlock(text=f"As {text} said.")),
    "term": lambda run, text: shown(run, TermsBlock(terms=[Fact(label=text, text="one")])),
    "term's text": lambda run, text: shown(run, TermsBlock(terms=[Fact(label="Who", text=text)])),
    "check shown": lambda run, text: shown(
        run, ChecksBlock(checks=[Check(name="Ratio", passed=True, detail=text)])
    ),
    "row's label": lambda run, text: in_table(
        run, rows=[[f"{text}", 2111, "as before"], ["motivational", 2104, "new"]]
    ),
    "cell of text": lambda run, text: in_table(
        run, rows=[["generic", 2111, text], ["motivational", 2104, "new"]]
    ),
    "caption of a table": lambda run, text: in_table(run, caption=text),
    "title of a column": lambda run, text: in_table(run, columns=column(text)),
    "note of a table": lambda run, text: in_table(run, note=text),
    "headline": lambda run, text: in_verdict(run, headline=f"Send it to {text}."),
    "reason": lambda run, text: in_verdict(run, reasons=[text]),
    "fact": lambda run, text: in_verdict(run, facts=[Fact(label="Who must act", text=text)]),
    "check of the result": lambda run, text: setattr(
        run, "result", run.result.model_copy(update={"checks": [Check(name=text, passed=True, detail="")]})
    ),
    "what a metric is of": lambda run, text: setattr(
        run,
        "result",
        run.result.model_copy(
            update={"metrics": [Metric(name="rate", of={"arm": text}, value=0.1, unit="x", n=2111)]}
        ),
    ),
    "unit of a metric": lambda run, text: setattr(
        run,
        "result",
        run.result.model_copy(update={"metrics": [Metric(name="rate", of={}, value=0.1, unit=text)]}),
    ),
    "figure's title": lambda run, text: shown(run, figure(title=text)),
    "figure's alternative text": lambda run, text: shown(run, figure(alt=text)),
    "figure's caption": lambda run, text: shown(run, figure(caption=text)),
    "text in a figure": lambda run, text: shown(run, figure(escape(text, quote=False))),
    "title in a figure": lambda run, text: in_svg(run, f"<title>{escape(text)}</title>"),
    "description in a figure": lambda run, text: in_svg(run, f"<desc>{escape(text)}</desc>"),
    "attribute in a figure": lambda run, text: in_svg(run, f'<g aria-label="{escape(text)}"></g>'),
    "class in a figure": lambda run, text: in_svg(run, f'<g class="{escape(text)}"></g>'),
    "comment in a figure": lambda run, text: in_svg(run, f"<!-- {text} -->"),
    "metadata in a figure": lambda run, text: in_svg(run, f"<metadata>{escape(text)}</metadata>"),
    "report's title": lambda run, text: run.parameters.update(title=text),
    "report's owner": lambda run, text: run.parameters.update(owner=text),
    "report's question": lambda run, text: run.parameters.update(question=text),
}
SHAPED_IN = ("prose", "cell's source, string", "text in a figure")
ENDS = ("found", "kept back", "dropped", "published")
KINDS_IN = ("cell of text", "title of the notebook")


def ended(run: Run, chosen: ParameterSet, listed: WatchList) -> str:
    """How a run ended: found, kept back for another reason, dropped, or published: the mark stands in a file."""
    parameters = chosen.parameters.model_copy(update=run.parameters)
    source = Source(title="Sample", location="data/sample")
    try:
        made = prepare(
            replace(chosen, parameters=parameters),
            run.executed(),
            source,
            FINGERPRINT,
            listed,
            {"execution": 1.0},
            None,
            ROOT,
        )
    except (HarvestError, Refused):
        return "kept back"
    if any(finding.check == CHECK for finding in made.findings):
        return "found"
    if made.findings:
        return "kept back"
    return "published" if any(MARK.encode() in content for content in made.files.values()) else "dropped"


def planted() -> Iterator[tuple[str, str, str, str]]:
    """Kind, place, shape and text of everything planted."""
    for kind, text in KINDS.items():
        for place in PLACES:
            yield kind, place, "as it is", text
        for shape, write in SHAPES.items():
            for place in SHAPED_IN:
                yield kind, place, shape, write(text)
    for kind, texts in OF_KINDS.items():
        for shape, text in texts.items():
            for place in KINDS_IN:
                yield kind, place, shape, text


def main() -> None:
    chosen = read_parameter_set(
        ROOT / "params/ab_test/motivational_wording.yaml", ROOT, MODELS, date(2026, 11, 23)
    )
    listed = WatchList.of(LISTED)
    ends: Counter[tuple[str, str]] = Counter()
    escaped = []
    for kind, place, shape, text in planted():
        run = clean_run()
        PLACES[place](run, f"{MARK} {text}")
        end = ended(run, chosen, listed)
        ends[kind, end] += 1
        if end == "published":
            escaped.append(f"{kind}, {shape}, in: {place}")
            print("published:", escaped[-1], file=sys.stderr, flush=True)
    Path(__file__).with_suffix(".md").write_text(told(ends, escaped, *alarms(listed)), encoding="utf-8")


def clean_texts() -> Iterator[str]:
    """Texts that name nobody: every string of the published samples, and every sentence of the docs."""
    for file in sorted((ROOT / "docs/samples").rglob("*.json")):
        yield from strings(json.loads(file.read_text(encoding="utf-8")))
    for file in sorted((ROOT / "docs/samples").rglob("*.ipynb")):
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            yield from strings(cell)
    for file in sorted((ROOT / "docs").rglob("*.md")):
        yield from file.read_text(encoding="utf-8").split("\n\n")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def alarms(listed: WatchList) -> tuple[int, int, int, int]:
    """Whole samples and how many are kept back; clean texts and how many are taken for an identifier."""
    folders = sorted(path.parent for path in (ROOT / "docs/samples").glob("*/results.json"))
    kept = 0
    for folder in folders:
        candidate = Candidate(
            html=(folder / "report.html").read_text(encoding="utf-8"),
            notebook=nbformat.read(folder / "notebook.ipynb", as_version=4),
            result=StudyResult.model_validate_json((folder / "results.json").read_text(encoding="utf-8")),
            manifest=json.loads((folder / "manifest.json").read_text(encoding="utf-8")),
            file_names=("report.html", "notebook.ipynb", "results.json", "manifest.json"),
        )
        kept += bool(list(find_identifiers(candidate, listed)))
    texts = sorted(set(clean_texts()))
    taken = [text for text in texts if holds_identifier(text, listed)]
    for text in taken:
        print("taken for an identifier:", text[:700].replace("\n", " "), file=sys.stderr)
    return len(folders), kept, len(texts), len(taken)


def told(
    ends: Counter[tuple[str, str]], escaped: list[str], folders: int, kept: int, texts: int, taken: int
) -> str:
    total, published = sum(ends.values()), sum(n for (_, end), n in ends.items() if end == "published")
    rows = "\n".join(
        f"| {kind} | {sum(ends[kind, end] for end in ENDS)} | {' | '.join(str(ends[kind, end]) for end in ENDS)} |"
        for kind in KINDS
    )
    through = "\n\nPublished: " + "; ".join(escaped) + "." if escaped else ""
    return f"""# Planted identifiers

{total:,} identifiers, all made up, each planted by itself in an executed notebook or a parameter set:
{len(KINDS)} kinds as they are in {len(PLACES)} places, in {len(SHAPES)} disguises in {len(SHAPED_IN)} places,
and as they are otherwise written. Each goes through harvest, page, manifest and release checks as in a run.
{machine.told()}

| kind | planted | {" | ".join(ENDS)} |
|---|---|{"---|" * len(ENDS)}
{rows}

**{published} of {total:,} were published.** *Found* is by the check for identifiers; *kept back* by another check, or
because no page is made of such a notebook; *dropped* is what no published file holds: prints, warnings, tracebacks,
data frames, widget state, attachments, metadata.{through}

False alarms: {kept} of {folders} sample reports, and {taken} of {texts:,} texts that name nobody (every string of the
samples' results, manifests and notebooks, every paragraph of the docs; the docs show a made-up phone number, an
account at a host, and a whole number of ten digits).

Full name, record number and pseudonym are found because they stand on the watch list, whatever their shape. A name that
stands on no list has no shape, and nothing here says that it would be found.
"""


if __name__ == "__main__":
    main()
