"""Records of a CSV file come one after the other, whatever ends its lines."""

import csv
import gzip
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.refusal import Refused
from workbench.tables.records import csv_records, first_records

# A record of one empty cell cannot be told from a blank line.
CELLS = st.lists(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")), min_size=2, max_size=4
)


@given(rows=st.lists(CELLS, max_size=5), ends=st.sampled_from(["\n", "\r", "\r\n"]), packed=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_records_come_back_as_they_were_written(tmp_path, rows, ends, packed):
    text = io.StringIO()
    csv.writer(text, lineterminator=ends, quoting=csv.QUOTE_ALL).writerows(rows)
    content = text.getvalue().encode()
    path = tmp_path / ("rows.csv.gz" if packed else "rows.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert list(csv_records(path, "rows")) == rows
    assert first_records(path, "rows", 2) == rows[:2]


def test_blank_lines_and_a_mark_of_order_are_no_records(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("\ufeffid,b\n\n1,2\n\n", encoding="utf-8")
    assert list(csv_records(path, "rows")) == [["id", "b"], ["1", "2"]]


@pytest.mark.parametrize("text", ['id,"4711', 'id,"47"11\n'])
def test_broken_quotes_are_refused_without_the_contents(tmp_path, text):
    path = tmp_path / "rows.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=r"rows\.csv: a quote is missing or out of place") as refused:
        list(csv_records(path, "rows.csv"))
    assert "47" not in str(refused.value)
