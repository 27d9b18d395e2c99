"""What columns look like, and what of them may be repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ingest.drafting.profile import (
    FEWEST_ROWS,
    MOST_WORDS,
    Kind,
    looks_like_data,
    plain,
    profiles,
)


def profile(*cells, name="Status"):
    (found,) = profiles([name], [[cell] for cell in cells])
    return found


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["", " "], Kind.EMPTY),
        (["1", "-20"], Kind.WHOLE),
        (["1", "2.5"], Kind.NUMBER),
        (["12345678901"], Kind.NUMBER),
        (["2026-01-05T08:00:00Z", "2026-01-05 08:00:00.5-05:00"], Kind.MOMENT),
        (["Mon, 5 Jan 2026 08:00:00 +0000"], Kind.MOMENT),
        (["2026-01-05", "2026-01-05T08:00"], Kind.CLOCK),
        (["1/13/2026", "2/1/2026"], Kind.CLOCK),
        (["a@example.org"], Kind.EMAIL),
        (["(212) 555-0101", "+44 20 7946 0958"], Kind.PHONE),
        (["2026-01-05", "soon"], Kind.TEXT),
        (["20260105x"], Kind.TEXT),
    ],
)
def test_kinds(cells, kind):
    assert profile(*cells).kind is kind


@pytest.mark.parametrize(
    ("cells", "written", "doubtful"),
    [
        (["1/13/2026", "2/1/2026"], "%m/%d/%Y", False),
        (["13/1/2026", "2/1/2026"], "%d/%m/%Y", False),
        (["2/1/2026"], "%m/%d/%Y", True),
        (["1/13/2026 3:30 PM"], "%m/%d/%Y %I:%M %p", False),
        (["2026-01-05"], None, False),
    ],
)
def test_how_dates_are_written(cells, written, doubtful):
    found = profile(*cells)
    assert (found.format, found.doubtful) == (written, doubtful)


@given(
    st.dictionaries(st.sampled_from(["came", "left", "moved", "ill", "late"]), st.integers(1, 30), min_size=1)
)
def test_words_are_told_only_if_each_is_in_enough_rows(counts):
    cells = [word for word, count in counts.items() for _ in range(count)]
    told = set(profile(*cells).words)
    assert told == (set(counts) if min(counts.values()) >= FEWEST_ROWS else set())


def test_a_list_has_only_so_many_words():
    for size, told in ((MOST_WORDS, MOST_WORDS), (MOST_WORDS + 1, 0)):
        cells = [chr(ord("a") + number) * 3 for number in range(size)] * FEWEST_ROWS
        assert len(profile(*cells).words) == told


@pytest.mark.parametrize(
    "name", ["Patient Name", "LastName", "Home_Phone", "Email", "Therapist", "Comment", "DOB"]
)
def test_columns_about_people_are_never_told(name):
    assert profile(*["Jane"] * 50, name=name).words == ()


def test_the_printed_answers_of_scales_are_told_however_few():
    assert set(profile("Not at all", "Nearly every day").words) == {"Not at all", "Nearly every day"}
    assert profile("Not at all", "Jane Roe").words == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AppointmentDay", "appointment day"),
        ("appointment_day", "appointment day"),
        ("SMS_received", "sms received"),
        ("No-show", "no show"),
        ("patientID", "patient id"),
        ("MRN", "mrn"),
    ],
)
def test_names_in_small_words(name, words):
    assert plain(name) == words


@pytest.mark.parametrize(
    ("header", "data"),
    [
        (["id", "name"], False),
        (["id", ""], False),
        (["4711", "Jane"], True),
        (["Jane", "1981-05-12"], True),
        (["Jane", "jane@example.org"], True),
        (["Jane", "(212) 555-0101"], True),
    ],
)
def test_whether_a_first_row_is_a_header(header, data):
    assert looks_like_data(header) is data
