"""A version's files, made in memory and examined before any of them leaves."""

import json
from datetime import date

import nbformat
import pytest

from workbench.parameters.sets import read_parameter_set
from workbench.present.blocks import BLOCK_TYPE, ProseBlock, TableBlock
from workbench.present.result import RESULT_TYPE, Column, StudyResult, Table
from workbench.protection.watch_list import WatchList
from workbench.reports.harvest import HarvestError
from workbench.reports.manifest import MANIFEST_FILE, digest_of
from workbench.reports.store import NOTEBOOK_FILE, REPORT_FILE, RESULTS_FILE, Version, checksum
from workbench.runs.fingerprint import fingerprint
from workbench.runs.publication import prepare
from workbench.runs.studies import MODELS
from workbench.tables.opening import open_source
from workbench.tables.source import read_source, source_path


@pytest.fixture
def prepared(project, executed_notebook):
    """A version prepared from these outputs, with these identifiers to be kept back."""

    def make(*shown, identifiers=("p4711abc",), previous=None, **changes):
        chosen = read_parameter_set(project.write_set(**changes), project.root, MODELS, date(2026, 11, 25))
        source = read_source(source_path("sample", project.root), project.root)
        parts = fingerprint(chosen, open_source("sample", project.root), project.root)
        executed = executed_notebook(*shown)
        return prepare(
            chosen,
            executed,
            source,
            parts,
            WatchList.of(identifiers),
            {"execution": 1.234},
            previous,
            project.root,
        )

    return make


def test_a_version_has_four_files_and_a_checksum_of_each_other(prepared, result):
    made = prepared({RESULT_TYPE: result})
    assert made.findings == ()
    assert set(made.files) == {REPORT_FILE, NOTEBOOK_FILE, RESULTS_FILE, MANIFEST_FILE}
    manifest = json.loads(made.files[MANIFEST_FILE])
    assert manifest["files"] == {
        name: checksum(content) for name, content in made.files.items() if name != MANIFEST_FILE
    }
    assert made.manifest.version.endswith(digest_of(made.manifest.fingerprint)[:8])


def test_the_manifest_tells_the_parameters_and_until_when_the_report_is_valid(prepared, result):
    manifest = prepared({RESULT_TYPE: result}, valid_days=7).manifest
    assert (manifest.study, manifest.name, manifest.seed, manifest.simulated) == ("ab_test", "wording", 1, True)
    assert manifest.valid_until == date(2026, 11, 23)
    assert manifest.parameters["experiment"] == "motivational_wording"
    assert manifest.parameter_file == "params/ab_test/wording.yaml"
    assert manifest.timings == {"execution": 1.23}


def test_the_result_bears_the_set_s_name_in_every_file(prepared, result):
    made = prepared({RESULT_TYPE: result})
    assert json.loads(made.files[RESULTS_FILE])["name"] == "wording"
    notebook = nbformat.reads(made.files[NOTEBOOK_FILE].decode(), as_version=4)
    (shown,) = [output.data[RESULT_TYPE] for cell in notebook.cells for output in cell.get("outputs", [])]
    assert shown["name"] == "wording"


def test_what_was_not_meant_to_be_seen_is_dropped_and_counted(prepared, result):
    made = prepared({RESULT_TYPE: result}, {"text/plain": "p4711abc", "text/html": "<b>p4711abc</b>"})
    assert made.findings == ()
    assert made.manifest.dropped == {"display": 1}
    assert not any(b"p4711abc" in content for content in made.files.values())


def test_an_identifier_keeps_the_version_back_and_is_not_repeated(prepared, result):
    result["verdict"]["reasons"] = ["Patient p4711abc did not answer."]
    made = prepared({RESULT_TYPE: result})
    assert made.findings
    assert "p4711abc" not in "".join(map(str, made.findings))


def test_the_page_tells_what_changed_since_the_last_version(prepared, result, project, published):
    first = prepared({RESULT_TYPE: result})
    assert b"<b>First version</b>There is none before it to compare it with." in first.files[REPORT_FILE]
    published(project.store, decision="invalid")
    made = prepared({RESULT_TYPE: result}, previous=project.store.latest("ab_test", "wording"))
    assert made.findings == ()
    page = made.files[REPORT_FILE].decode()
    assert "<h2>Since the last version (as of 16 Nov 2026)</h2>" in page
    assert "“Keep collecting” now; “Not valid: do not use” before." in page


@pytest.mark.parametrize("results", [0, 2])
def test_a_notebook_shows_one_result(prepared, result, results):
    with pytest.raises(HarvestError, match="exactly one"):
        prepared(*[{RESULT_TYPE: result}] * results)


def test_a_group_to_which_few_came_is_shown_as_in_the_last_version(prepared, result, tmp_path):
    def with_groups(people, events):
        columns = [("segment", "label"), ("people", "people"), ("events", "events")]
        table = Table(
            id="segments",
            caption="Segments",
            columns=[Column(name=name, title=name, kind=kind) for name, kind in columns],
            rows=[["A", people, events], ["B", 400 + people, 90]],
            groups="attributes",
        )
        return {**result, "tables": [*result["tables"], table.model_dump(mode="json")]}, table

    before, table = with_groups(300, 60)
    first = prepared({RESULT_TYPE: before}, {BLOCK_TYPE: TableBlock(table=table).model_dump(mode="json")})
    assert first.findings == ()
    last = Version(tmp_path, first.manifest, StudyResult.model_validate_json(first.files[RESULTS_FILE]))
    now, table = with_groups(304, 61)
    said = ProseBlock(text="A has 304 people.").model_dump(mode="json")
    shown = {BLOCK_TYPE: TableBlock(table=table).model_dump(mode="json")}
    second = prepared({RESULT_TYPE: now}, shown, {BLOCK_TYPE: said}, previous=last)
    assert second.findings == ()
    assert json.loads(second.files[RESULTS_FILE])["tables"][-1]["rows"] == [["A", 300, 60], ["B", 700, 90]]
    assert b"304" not in second.files[RESULTS_FILE] + second.files[NOTEBOOK_FILE]
    assert b"As in the last version" in second.files[REPORT_FILE]
    assert b"A sentence is left out here" in second.files[REPORT_FILE]
