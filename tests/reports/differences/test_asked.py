"""Any two versions compared, for a terminal and as a page."""

import pytest

from workbench.refusal import Refused
from workbench.reports.differences.asked import Asked, difference_asked, write_page
from workbench.reports.differences.comparison import compare
from workbench.reports.differences.in_words import in_words
from workbench.reports.release.readability import find_unreadable
from workbench.reports.release.safety import find_unsafe
from workbench.reports.store import RESULTS_FILE


@pytest.fixture
def asked(project, published):
    """Two versions that differ in their seed and verdict, compared."""
    before = published(project.store, second=1)
    after = published(project.store, second=2, decision="invalid", headline="<b>It broke.</b>")
    return difference_asked(project.store, before.name, f"ab_test/wording/{after.name}")


def test_a_comparison_is_told_in_lines(asked):
    before, after = (side.version for side in (asked.difference.before, asked.difference.after))
    assert list(asked.lines()) == [
        f"Before      ab_test/wording/{before}, as of 16 Nov 2026",
        f"Now         ab_test/wording/{after}, as of 16 Nov 2026",
        "",
        "Verdict     “Not valid: do not use” now; “Keep collecting” before.",
        "Unchanged   Checks, parameters, code, data.",
    ]


def test_the_same_version_differs_in_nothing(project, published):
    published(project.store)
    asked = difference_asked(project.store, "ab_test/wording", "ab_test/wording")
    assert asked.difference.is_same
    assert list(asked.lines())[-1] == "Nothing: data, parameters, code and results are the same."


def test_tables_are_told_row_by_row(side, metric):
    sides = side(metrics=(metric(0.0, 1.0),)), side(metrics=(metric(9.5, 1.0),), parts={"data": "1" * 64})
    difference = compare(*sides)
    lines = list(Asked(difference, in_words(difference, "x", whole=True)).lines())
    assert "Numbers that are not as they were" in lines
    assert (
        "  Difference: new against old: now 9.50 (8.50 to 10.50); before 0.00 (−1.00 to 1.00); "
        "change up; beyond chance" in lines
    )


def test_versions_of_several_parameter_sets_of_a_study_are_compared(project, published):
    published(project.store)
    published(project.store, name="greeting", second=5)
    asked = difference_asked(project.store, "ab_test/wording", "ab_test/greeting")
    assert asked.difference.after.name == "greeting"


def test_versions_of_two_studies_are_refused(project, published):
    published(project.store)
    published(project.store, study="no_show", second=5)
    with pytest.raises(Refused, match="Name two versions of one study"):
        difference_asked(project.store, "ab_test/wording", "no_show/wording")


def test_a_version_that_is_not_as_it_was_published_is_refused(project, published):
    folder = published(project.store)
    (folder / RESULTS_FILE).write_text("{}")
    with pytest.raises(Refused, match="it was changed after publication"):
        difference_asked(project.store, folder.name, folder.name)


def test_the_page_is_safe_and_readable(asked, tmp_path):
    write_page(asked, tmp_path / "changed.html")
    html = (tmp_path / "changed.html").read_text(encoding="utf-8")
    assert "“Not valid: do not use” now" in html
    assert list(find_unsafe(html)) == []
    assert list(find_unreadable(html)) == []
    assert len(html.encode()) < 15_000


def test_a_page_takes_no_file_s_place(asked, tmp_path):
    (tmp_path / "thesis.html").write_text("mine")
    for name, what in (
        ("thesis.html", "left as it is"),
        ("page.txt", "ends in .html"),
        ("nowhere/page.html", "it cannot be written"),
    ):
        with pytest.raises(Refused, match=what):
            write_page(asked, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["thesis.html"]
    assert (tmp_path / "thesis.html").read_text() == "mine"
