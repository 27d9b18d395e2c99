from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from workbench.parameters.as_of import AS_OF_RULES, AsOf, Day, resolve_as_of
from workbench.refusal import Refused

DAYS = st.dates(min_value=date(1, 1, 8))


@pytest.mark.parametrize(
    ("rule", "today", "expected"),
    [
        ("today", date(2026, 12, 31), date(2026, 12, 31)),
        ("yesterday", date(2027, 1, 1), date(2026, 12, 31)),
        ("yesterday", date(2028, 3, 1), date(2028, 2, 29)),
        ("yesterday", date(2027, 3, 1), date(2027, 2, 28)),
        ("last_monday", date(2026, 11, 23), date(2026, 11, 23)),
        ("last_monday", date(2026, 11, 29), date(2026, 11, 23)),
        ("last_monday", date(2027, 1, 1), date(2026, 12, 28)),
        ("last_monday", date(2026, 3, 1), date(2026, 2, 23)),
        ("first_of_month", date(2026, 12, 1), date(2026, 12, 1)),
        ("first_of_month", date(2026, 12, 31), date(2026, 12, 1)),
        ("first_of_month", date(2028, 2, 29), date(2028, 2, 1)),
        ("2026-11-16", date(2026, 11, 16), date(2026, 11, 16)),
        (date(2020, 2, 29), date(2026, 11, 16), date(2020, 2, 29)),
    ],
)
def test_rules_at_the_edges_of_years_and_months(rule: str | date, today: date, expected: date):
    assert resolve_as_of(rule, today) == expected


@given(rule=st.sampled_from(AS_OF_RULES), today=DAYS)
def test_a_rule_is_never_later_than_today_and_the_same_seen_from_its_own_day(rule: str, today: date):
    day = resolve_as_of(rule, today)
    assert day <= today
    if rule in ("last_monday", "first_of_month"):
        assert resolve_as_of(rule, day) == day
        assert day.weekday() == 0 if rule == "last_monday" else day.day == 1
        assert (today - day).days < (7 if rule == "last_monday" else 31)


def test_the_future_is_refused():
    with pytest.raises(Refused, match="2026-11-17 lies in the future, seen from 2026-11-16"):
        resolve_as_of("2026-11-17", date(2026, 11, 16))
    with pytest.raises(Refused, match="lies in the future"):
        resolve_as_of(date(2026, 11, 17), date(2026, 11, 16))


@given(text=st.text(max_size=20), today=DAYS)
def test_any_other_text_is_refused(text: str, today: date):
    if text not in AS_OF_RULES:
        with pytest.raises(Refused):
            resolve_as_of(text, today)


@pytest.mark.parametrize(
    "text", ["last_week", "2026-02-30", "2026-1-5", "20261116", "1700006400", "2026-W47-1", ""]
)
def test_near_dates_are_no_dates(text: str):
    with pytest.raises(Refused, match="neither a date nor a rule"):
        resolve_as_of(text, date(2026, 11, 16))
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(text)


def test_a_rule_without_a_today_is_no_date():
    with pytest.raises(ValidationError):
        TypeAdapter(AsOf).validate_python("last_monday")
    assert TypeAdapter(AsOf).validate_python("2026-11-16") == date(2026, 11, 16)


def test_the_day_given_on_the_command_line_takes_the_place_of_a_valid_one():
    context = {"today": date(2026, 11, 25), "as_of": date(2026, 11, 2)}
    assert TypeAdapter(AsOf).validate_python("last_monday", context=context) == date(2026, 11, 2)
    with pytest.raises(ValidationError):
        TypeAdapter(AsOf).validate_python("last_munday", context=context)
