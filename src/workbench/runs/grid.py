"""A grid's report: each combination is made and examined as if it were published, then all of them are compared."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from workbench.parameters.sets import ParameterSet
from workbench.present.blocks import BLOCK_TYPE
from workbench.present.comparison import Comparison, Outcome, compare
from workbench.present.result import RESULT_TYPE, StudyResult
from workbench.protection.watch_list import WatchList
from workbench.reports.manifest import Member
from workbench.reports.store import RESULTS_FILE, Version
from workbench.runs.publication import Prepared, prepare
from workbench.tables.source import Source

_TOLD = """## What was compared

One study, run on the same data once for each combination of the settings below; everything else stayed as it was.
**This is a sensitivity analysis**: it says how much the answer depends on choices, and takes no decision. With many
answers from one data set, one that looks good will turn up by chance."""
_CODE = "# Made by the run, from the results of the combinations that the manifest lists."


def prepare_all(
    chosen: ParameterSet,
    executed: Sequence[NotebookNode],
    source: Source,
    fingerprint: dict[str, str],
    watch_list: WatchList,
    timings: dict[str, float],
    previous: Version | None,
    root: Path,
) -> Prepared:
    """The version of a parameter set: of its one notebook, or the comparison of those of its combinations.

    The arguments are those of `prepare`, with a notebook for each combination. What keeps any combination back keeps
    back the whole.
    """
    if not chosen.combinations:
        return prepare(chosen, executed[0], source, fingerprint, watch_list, timings, previous, root)
    made = [
        prepare(one, notebook, source, fingerprint, watch_list, timings, None, root)
        for one, notebook in zip(chosen.singly(), executed, strict=True)
    ]
    comparison = compare(
        [
            Outcome(
                {name: _shown(value) for name, value in combination.values.items()},
                StudyResult.model_validate_json(one.files[RESULTS_FILE]),
            )
            for combination, one in zip(chosen.combinations, made, strict=True)
        ]
    )
    members = tuple(
        Member(
            combination=number,
            values={name: one.manifest.parameters[name] for name in combination.values},
            parameters=one.manifest.parameters,
            results=one.manifest.files[RESULTS_FILE],
        )
        for number, (combination, one) in enumerate(zip(chosen.combinations, made, strict=True), 1)
    )
    whole = prepare(
        chosen, _notebook(comparison), source, fingerprint, watch_list, timings, previous, root, members
    )
    of_members = [
        replace(finding, where=f"combination {number}, {finding.where}")
        for number, one in enumerate(made, 1)
        for finding in one.findings
    ]
    return replace(whole, findings=(*of_members, *whole.findings))


def _shown(value: object) -> str:
    """A value as a reader sees it: text as it is, nothing as "none", everything else as it is written in a file."""
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _notebook(comparison: Comparison) -> NotebookNode:
    shown = [{BLOCK_TYPE: block.model_dump(mode="json")} for block in comparison.blocks]
    outputs = [new_output("display_data", data=data) for data in shown]
    result = new_output("display_data", data={RESULT_TYPE: comparison.result.as_json()})
    return new_notebook(
        cells=[
            new_markdown_cell(_TOLD),
            new_code_cell(_CODE, outputs=outputs, execution_count=1),
            new_code_cell(_CODE, outputs=[result], execution_count=2),
        ]
    )
