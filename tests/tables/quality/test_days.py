"""Rows by day: what shares are missing, when they drift, and on which days a log is silent."""

from datetime import date, timedelta

import pytest

from workbench.tables.cohort import EVERYBODY
from workbench.tables.quality.days import (
    LARGEST_DRIFT,
    MOST_MISSING,
    Days,
    count_days,
    day_after_newest,
    gap_answers,
    gap_days,
    largest_jump,
    missing_answers,
)

MONDAY = date(2026, 1, 5)


def log(rows, missing=None, table="messages", first=MONDAY):
    """A table with so many rows on each day from the first on; days with none are left out, as an engine does."""
    kept = [at for at, count in enumerate(rows) if count]
    return Days(
        table=table,
        days=tuple(first + timedelta(days=at) for at in kept),
        rows=tuple(rows[at] for at in kept),
        missing={} if missing is None else {"template_id": tuple(missing[at] for at in kept)},
        undated=0,
        undated_missing={} if missing is None else {"template_id": 0},
    )


def weekly(weeks, workday=40, weekend=0):
    return [each for _ in range(weeks) for each in (*[workday] * 5, weekend, weekend)]


@pytest.mark.parametrize(
    ("silent", "gaps"),
    [
        ([], []),
        ([22], [22]),
        ([5, 6], []),
        ([21, 22, 23, 24, 25], [21, 22, 23, 24, 25]),
        ([1], [1]),
        ([67], [67]),
    ],
    ids=["none", "a Tuesday", "a weekend", "a week", "near the start", "on the last day"],
)
def test_a_day_without_rows_is_a_gap_where_the_same_weekday_always_has_many(silent, gaps):
    rows = weekly(10)
    for at in silent:
        rows[at] = 0
    found = gap_days(log(rows), MONDAY + timedelta(days=69), 20)
    assert [(day - MONDAY).days for day in found] == gaps


def test_a_quiet_log_has_no_gaps():
    rows = weekly(10, workday=19)
    rows[22] = 0
    assert gap_days(log(rows), MONDAY + timedelta(days=69), 20) == ()


def test_a_log_that_stops_before_the_others_has_gaps_at_its_end():
    going, stopped = log(weekly(10)), log(weekly(8), table="replies")
    answers = {answer.rule.table: answer for answer in gap_answers([going, stopped], 20)}
    assert answers["messages"].status == "passed"
    # Beyond the first week of silence, that week itself stands among the usual ones.
    assert answers["replies"].counts.concerned == 5
    assert answers["replies"].rule.unit == "days"


def test_weeks_begin_on_mondays_and_none_is_left_out():
    rows = [0, 3, 0, 0, 0, 0, 0] + [0] * 7 + [5]
    assert log(rows).by_week() == {MONDAY: 3, MONDAY + timedelta(7): 0, MONDAY + timedelta(14): 5}


def months(*shares, rows=10, days=120):
    """A log of ten rows a day whose share without a template changes every thirty days."""
    missing = [round(rows * shares[min(at // 30, len(shares) - 1)]) for at in range(days)]
    return log([rows] * days, missing, first=date(2026, 1, 1))


def test_a_column_filled_throughout_is_not_told():
    (answer,) = missing_answers([months(0.0)], MOST_MISSING, LARGEST_DRIFT)
    assert answer.status == "passed"
    assert (answer.counts.looked_at, answer.counts.concerned) == (1200, 0)


def test_a_share_above_the_most_is_told_with_its_rows():
    (answer,) = missing_answers([months(0.1)], MOST_MISSING, LARGEST_DRIFT)
    assert (answer.rule.name, answer.status) == ("messages_template_id_missing", "finding")
    assert answer.counts.concerned == 120


def test_a_share_that_moves_is_told_with_its_month_though_it_is_small_on_the_whole():
    moving = months(0.0, 0.0, 0.0, 0.1)
    (answer,) = missing_answers([moving], MOST_MISSING, LARGEST_DRIFT)
    assert answer.rule.name == "messages_template_id_drift"
    assert "in 2026-04, more than in the months before" in answer.rule.breach
    assert largest_jump(moving, "template_id").difference == pytest.approx(0.1, abs=0.01)


def test_a_month_of_few_rows_is_compared_with_none():
    assert largest_jump(months(0.0, 0.0, 0.0, 1.0, rows=3), "template_id") is None


def test_a_column_that_may_be_empty_is_never_told():
    table = log([10] * 60, [10] * 60)
    renamed = Days(
        "messages", table.days, table.rows, {"error_code": table.missing["template_id"]}, 0, {"error_code": 0}
    )
    assert [answer.status for answer in missing_answers([renamed], MOST_MISSING, LARGEST_DRIFT)] == ["passed"]


def test_the_engine_counts_days_and_what_is_missing(provider, opened):
    for row in provider["messages"][:7]:
        row["template_id"] = None
    provider["messages"][0]["sent_at"] -= timedelta(days=20_000)
    known = opened(provider).known(date(2026, 6, 1), EVERYBODY)
    (counted,) = count_days(known, date(2026, 6, 1), ["messages"])
    assert (counted.total, counted.undated) == (320, 1)
    assert counted.days == tuple(date(2026, 3, 2) + timedelta(weeks=week) for week in range(8))
    assert counted.rows == (39, *[40] * 7)
    assert counted.missing_in_all("template_id") == 7
    assert counted.undated_missing["template_id"] == 1
    assert counted.missing_in_all("error_code") == 320


def test_what_befalls_people_is_no_missing_value(provider, opened):
    (patients,) = count_days(
        opened(provider).known(date(2026, 6, 1), EVERYBODY), date(2026, 6, 1), ["patients"]
    )
    assert not {"ended_at", "deceased_at"} & set(patients.missing)


def test_clinics_have_no_days(provider, opened):
    (clinics,) = count_days(opened(provider).known(date(2026, 6, 1), EVERYBODY), date(2026, 6, 1), ["clinics"])
    assert (clinics.days, clinics.total) == ((), 2)


def test_counting_ends_with_the_newest_row_that_can_be_true(provider, opened):
    known = opened(provider).known(date(2200, 1, 1), EVERYBODY)
    newest = max(row["booked_at"] for row in provider["appointments"]).date()
    assert day_after_newest(known, date(2030, 1, 1)) == newest + timedelta(days=1)
    provider["messages"][0]["sent_at"] += timedelta(days=20_000)
    later = opened(provider).known(date(2200, 1, 1), EVERYBODY)
    assert day_after_newest(later, date(2030, 1, 1)) == newest + timedelta(days=1)


def test_without_logs_counting_ends_where_it_is_told_to(provider, opened):
    alone = {name: rows if name == "clinics" else [] for name, rows in provider.items()}
    assert day_after_newest(opened(alone).known(date(2200, 1, 1), EVERYBODY), date(2030, 1, 1)) == date(
        2030, 1, 1
    )
