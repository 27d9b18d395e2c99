"""Phone numbers and e-mail addresses get one form, and Python and the engine agree on it."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ingest.contact_points import email_sql, normalized_email, normalized_phone, phone_sql

PHONES = [
    ("(555) 555-0123", "1", "+15555550123"),
    ("555.555.0123", "1", "+15555550123"),
    ("1-555-555-0123", "1", "+15555550123"),
    ("+1 555 555 0123", "44", "+15555550123"),
    ("tel:+1-555-555-0123", "1", "+15555550123"),
    ("whatsapp:+15555550123", "1", "+15555550123"),
    ("(555) 555-0123 ext. 7", "1", "+15555550123"),
    ("555-555-0123x7", "1", "+15555550123"),
    ("tel:+1-555-555-0123;ext=12", "1", "+15555550123"),
    ("011 44 20 7946 0958", "1", "+442079460958"),
    ("0044 20 7946 0958", "1", "+442079460958"),
    ("+44 (0)20 7946 0958", "1", "+442079460958"),
    ("020 7946 0958", "44", "+442079460958"),
    ("(0)20 7946 0958", "44", "+442079460958"),
    ("(03) 5555 6473", "61", "+61355556473"),
    ("06 698 12345", "39", "+3906 698 12345".replace(" ", "")),
    ("+999123456789", "1", "+999123456789"),
    ("555\u2011555\u20110123", "1", "+15555550123"),
    # A short code, a number without area code, two numbers in one field, letters, nothing.
    ("22395", "1", None),
    ("555-0123", "1", None),
    ("555-555-0123 / 555-555-0124", "1", None),
    ("1-800-FLOWERS", "1", None),
    ("sip:5555550123@example.org", "1", None),
    ("client:5555550123", "1", None),
    ("+1 155 555 0123", "1", None),
    ("+0 555 555 0123", "1", None),
    ("+1 555 555 0123 +1", "1", None),
    ("+12345678901234567", "1", None),
    ("", "1", None),
    ("\n", "44", None),
]


def in_engine(expression: str, text: str) -> str | None:
    found = duckdb.execute(f"SELECT {expression} FROM (SELECT ?::VARCHAR AS given)", [text]).fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(("text", "country", "expected"), PHONES)
def test_a_phone_number(text, country, expected):
    assert normalized_phone(text, country) == expected
    assert in_engine(phone_sql("given", country), text) == expected


def test_a_normal_number_stays_as_it_is():
    for _, country, number in PHONES:
        if number:
            assert normalized_phone(number, country) == number


@given(
    st.text(alphabet="0123456789+()-. x#;:@teln/\u00a0\u2011\n\r\tExtNſK", max_size=24),
    st.sampled_from(["1", "44", "39"]),
)
def test_python_and_the_engine_agree(text, country):
    assert in_engine(phone_sql("given", country), text) == normalized_phone(text, country)


def test_no_number_is_none_in_the_engine():
    assert duckdb.sql(f"SELECT {phone_sql('NULL::VARCHAR', '1')} IS NULL").fetchone() == (True,)


def test_a_country_code_is_digits():
    with pytest.raises(ValueError, match="no country code"):
        phone_sql("given", "1', '')--")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Ada.Quill@Example.ORG ", "ada.quill@example.org"),
        ("mailto:ada@example.org", "ada@example.org"),
        ("ada at example.org", None),
        ("ada@example.org, bo@example.org", None),
        ("@", None),
        ("", None),
    ],
)
def test_an_address(text, expected):
    assert normalized_email(text) == expected
    assert in_engine(email_sql("given"), text) == expected
