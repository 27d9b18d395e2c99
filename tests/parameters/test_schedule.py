import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workbench.parameters.schedule import Schedule, cron_values


@pytest.mark.parametrize(
    ("cron", "minutes", "hours", "days", "months", "weekdays"),
    [
        ("0 6 * * 1", {0}, {6}, set(range(1, 32)), set(range(1, 13)), {1}),
        ("*/20 0-3,23 1 jan,JUL mon-fri", {0, 20, 40}, {0, 1, 2, 3, 23}, {1}, {1, 7}, {1, 2, 3, 4, 5}),
        ("59 23 29 2 7", {59}, {23}, {29}, {2}, {0}),
        ("0-30/15 0 31 */2 *", {0, 15, 30}, {0}, {31}, {1, 3, 5, 7, 9, 11}, {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_cron_lines(
    *, cron: str, minutes: set[int], hours: set[int], days: set[int], months: set[int], weekdays: set[int]
):
    assert cron_values(cron) == (minutes, hours, days, months, weekdays)


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "0 6 * *",
        "0 6 * * 1 2026",
        "0  6 * * 1",
        "60 6 * * 1",
        "0 24 * * 1",
        "0 6 0 * 1",
        "0 6 32 * 1",
        "0 6 * 13 1",
        "0 6 * * 8",
        "0 6 * * 5-1",
        "*/0 6 * * 1",
        "5/10 6 * * 1",
        "0 6 * * 1,",
        "0 6 * * monday",
        "mon 6 * * 1",
        "-1 6 * * 1",
        "0 6 31 4,6 *",
        "0 6 30 feb *",
        "@weekly",
        "٣ 6 * * 1",
        "0 6 * * 1\n",
    ],
)
def test_what_cron_would_not_understand(cron: str):
    with pytest.raises(ValueError, match=r"\w"):
        cron_values(cron)


def test_an_impossible_day_of_the_month_beside_a_day_of_the_week_still_comes():
    assert cron_values("0 6 30 2 1")[4] == {1}


@given(cron=st.text(alphabet="0123456789*/-,janfebmo ٣", max_size=25))
def test_any_line_is_read_or_refused(cron: str):
    try:
        values = cron_values(cron)
    except ValueError:
        return
    assert len(values) == 5
    assert all(values)


@pytest.mark.parametrize(
    "zone",
    ["localtime", "Factory", "america/new_york", "America", "", "/etc/localtime", "../UTC", "EST6", "UTC\0"],
)
def test_names_that_are_no_zone(zone: str):
    with pytest.raises(ValidationError):
        Schedule(cron="0 6 * * 1", time_zone=zone)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "America/Argentina/Ushuaia", "Europe/London"])
def test_names_of_zones(zone: str):
    assert Schedule(cron="0 6 * * 1", time_zone=zone).time_zone == zone
