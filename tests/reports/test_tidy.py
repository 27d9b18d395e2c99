"""Published versions as tidy rows: every released number once, hidden ones empty and marked."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from workbench.reports.tidy import SCHEMAS, of_in_words, rows_of

METRICS = [
    {"name": "difference", "of": {"versus": "plain", "arm": "warm"}, "value": 0.02, "low": 0.01, "high": 0.03}
    | {"level": 0.95, "interval": "credible", "direction": "higher_is_better", "unit": "proportion", "n": 400},
    {"name": "rate", "of": {"segment": "rare"}, "value": None, "unit": "probability"},
]
TABLE = {
    "id": "segments",
    "caption": "By segment",
    "columns": [
        {"name": "segment", "title": "Segment", "kind": "label"},
        {"name": "people", "title": "People", "kind": "people"},
        {"name": "rate", "title": "Rate", "kind": "share"},
        {"name": "interval", "title": "Interval", "kind": "interval", "unit": "per 1,000"},
    ],
    "rows": [["common", 400, 0.25, "20 to 30"], ["rare", None, None, None]],
    "groups": "attributes",
}
UNDEFINED = TABLE | {"id": "places", "groups": "none"}
HEADLINE = {"name": "difference", "of": {"versus": "plain", "arm": "warm"}, "label": "More"}
RESULT = {
    "metrics": METRICS,
    "headline_metric": HEADLINE,
    "tables": [TABLE, UNDEFINED],
    "checks": [{"name": "Complete", "passed": None, "detail": "Told."}],
}


@pytest.fixture
def rows(project, published):
    published(
        project.store,
        of_result=RESULT,
        of_manifest={"data_until": "2026-11-15T23:52+00:00", "parameters": {"playbook": "tone"}},
        reasons=["One.", "Two."],
    )
    return rows_of(project.store.latest("ab_test", "wording"), newest=True)


def test_every_row_fits_its_schema_and_names_its_version(rows):
    assert rows.keys() == SCHEMAS.keys()
    for name, made in rows.items():
        assert made
        for row in made:
            assert row.keys() == set(SCHEMAS[name].names)
            assert (row["study"], row["name"]) == ("ab_test", "wording")
        assert pa.Table.from_pylist(made, schema=SCHEMAS[name]).num_rows == len(made)


def test_a_metric_keeps_its_numbers_and_a_hidden_one_is_empty_and_marked(rows):
    shown, hidden = rows["metrics"]
    assert (shown["metric"], shown["of"]) == ("difference", "arm=warm; versus=plain")
    assert (shown["value"], shown["low"], shown["high"], shown["level"]) == (0.02, 0.01, 0.03, 0.95)
    assert (shown["interval"], shown["unit"], shown["n"]) == ("credible", "proportion", 400)
    assert (shown["hidden"], shown["is_headline"]) == (False, True)
    assert (hidden["value"], hidden["hidden"], hidden["is_headline"]) == (None, True, False)


def test_a_table_is_one_row_a_cell_named_by_its_label(rows):
    cells = {
        (row["table"], row["label"], row["column"]): (row["value"], row["text"], row["hidden"])
        for row in rows["tables"]
    }
    assert len(cells) == 12
    assert cells["segments", "common", "people"] == (400.0, None, False)
    assert cells["segments", "common", "interval"] == (None, "20 to 30", False)
    assert cells["segments", "rare", "people"] == (None, None, True)
    assert cells["segments", "rare", "rate"] == (None, None, True)
    assert cells["places", "rare", "rate"] == (None, None, False)


def test_a_version_says_when_and_of_what_it_is(rows):
    (row,) = rows["versions"]
    assert (row["as_of"], row["valid_until"]) == (date(2026, 11, 16), date(2026, 12, 14))
    assert row["published_at"] == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert row["data_until"] == datetime(2026, 11, 15, 23, 52, tzinfo=UTC)
    assert (row["audience"], row["playbook"], row["newest"]) == ("clinical_leads", "tone", True)


def test_verdict_and_checks_are_told(rows):
    (verdict,), (check,) = rows["verdicts"], rows["checks"]
    assert (verdict["decision"], verdict["reasons"]) == ("keep_collecting", "One. Two.")
    assert (check["check"], check["passed"], check["detail"]) == ("Complete", None, "Told.")


def test_a_subject_is_told_in_one_order():
    assert of_in_words({"b": "2", "a": "1"}) == of_in_words({"a": "1", "b": "2"}) == "a=1; b=2"
    assert of_in_words({}) == ""
