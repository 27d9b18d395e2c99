from dataclasses import replace

from nbformat.v4 import new_output

from workbench.present.disclosure import CMS
from workbench.present.result import RESULT_TYPE
from workbench.reports.release import WatchList, examination, examine


def test_a_clean_candidate_gives_no_finding(examined):
    assert examined.findings(examined.candidate()) == ()


def test_a_check_that_raises_is_a_finding_and_tells_nothing(examined, monkeypatch):
    def broken(_):
        raise RuntimeError("Maria Lopez-Ortega")

    monkeypatch.setattr(examination.honesty, "find_dishonesty", broken)
    (finding,) = examined.findings(examined.candidate())
    assert finding.check == "honesty"
    assert "RuntimeError" in finding.advice
    assert "Maria" not in str(finding)


def test_ragged_rows_are_a_finding_and_no_traceback(examined):
    study = examined.candidate().result
    ragged = study.tables[0].model_copy(update={"rows": [["generic", 2111]]})
    candidate = examined.candidate(study=study.model_copy(update={"tables": [ragged]}))
    assert "small cells" in {finding.check for finding in examined.findings(candidate)}


def test_a_stray_output_is_found(examined):
    candidate = examined.candidate()
    candidate.notebook.cells[1].outputs.append(new_output("stream", text="done"))
    assert [finding.check for finding in examined.findings(candidate)] == ["only what was meant"]


def test_a_result_that_is_not_the_one_displayed_is_found(examined):
    candidate = examined.candidate()
    other = candidate.result.model_copy(update={"name": "other"})
    assert [finding.check for finding in examined.findings(replace(candidate, result=other))] == [
        "only what was meant"
    ]


def test_widget_state_is_found(examined):
    candidate = examined.candidate()
    candidate.notebook.metadata["widgets"] = {}
    assert [finding.check for finding in examined.findings(candidate)] == ["only what was meant"]


def test_an_empty_watch_list_finds_nothing(examined):
    assert examine(examined.candidate(), WatchList.of([]), CMS) == ()


def test_the_result_type_is_the_published_one(examined):
    assert RESULT_TYPE in examined.candidate().notebook.cells[1].outputs[-1].data
