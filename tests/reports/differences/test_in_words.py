"""The lines at the top of a report."""

from datetime import date

import pytest

from workbench.reports.differences.comparison import compare
from workbench.reports.differences.in_words import in_words, since_last

OTHER_DATA = {"data": "1" * 64}


def told(*sides, whole=False):
    words = in_words(compare(*sides), "Since then", whole=whole)
    return {line.label: line.text for line in words.lines}


def test_the_first_version_has_none_before_it(side):
    words = since_last(None, side())
    assert (words.heading, words.remark) == ("First version", "There is none before it to compare it with.")
    assert (words.lines, words.tables) == ((), ())


def test_the_last_version_is_named_by_its_day(side):
    words = since_last(side(), side(decision="adopt"))
    assert words.heading == "Since the last version (as of 16 Nov 2026)"


def test_where_nothing_changed_this_is_all_that_is_said(side):
    words = in_words(compare(side(), side()), "Since then")
    assert words.remark == "Nothing: data, parameters, code and results are the same."
    assert (words.lines, words.tables) == ((), ())


def test_a_week_later_everything_is_told_in_seven_lines(side, metric, flow):
    before = side(
        metrics=(metric(0.0, 0.1), metric(0.3, name="loss"), metric(1.0, 0.1, name="ratio")),
        tables=(flow(("studied", 1000)),),
        checks={"Outcomes complete": False},
    )
    after = side(
        metrics=(
            metric(0.4, 0.1, direction="higher_is_better"),
            metric(0.2, name="loss"),
            metric(1.0, 0.1, name="ratio"),
        ),
        tables=(flow(("studied", 1412)),),
        checks={"Outcomes complete": True},
        decision="adopt",
        parts={"package": "1" * 64, **OTHER_DATA},
        parameters={"owner": "Others", "as_of": "2026-11-23"},
        as_of=date(2026, 11, 23),
        data_until="2026-11-22T18:00:00+00:00",
        git_commit="b" * 40,
    )
    lines = told(before, after)
    assert lines == {
        "Verdict": "“Adopt” now; “Keep collecting” before.",
        "Numbers": "1 of 2 moved by more than chance would (by chance alone at most about 0.1). "
        "Difference: new against old, up (better) to 0.400, before 0.000. "
        "1 number without an interval changed: whether by chance cannot be told.",
        "Cohort": "1,412 people studied, 412 more than before.",
        "Checks": "Passed now, and did not before: Outcomes complete.",
        "Parameters": "owner is Others, before Outreach analytics.",
        "Code": "Package; commit bbbbbbbbb, before aaaaaaaaa.",
        "Data": "Until 22 Nov 2026, before 15 Nov 2026.",
    }
    assert len(lines) <= 7


def test_what_did_not_change_shares_a_line(side, metric):
    lines = told(side(metrics=(metric(0.0, 0.1),)), side(metrics=(metric(0.01, 0.1),), parts=OTHER_DATA))
    assert lines == {
        "Verdict": "“Keep collecting”, as before.",
        "Numbers": "None of 1 moved by more than chance would.",
        "Data": "Other data.",
        "Unchanged": "Checks, parameters, code.",
    }


@pytest.mark.parametrize(
    ("people", "profile", "text"),
    [
        (1000, "cms", "1,000 people studied, as many as before."),
        (1004, "cms", "1,004 people studied, fewer than 11 more than before."),
        (996, "cms", "996 people studied, fewer than 11 less than before."),
        (900, "cms", "900 people studied, 100 fewer than before."),
        (1005, "nhs", "1,005 people studied, fewer than 8 more than before."),
        (1020, "nhs", "1,020 people studied, about 20 more than before."),
    ],
)
def test_the_cohort_s_change_never_tells_of_few(side, flow, people, profile, text):
    sides = [
        side(tables=(flow(("studied", count)),), parameters={"disclosure": profile}, parts=parts)
        for count, parts in ((1000, {}), (people, OTHER_DATA))
    ]
    assert told(*sides)["Cohort"] == text


def test_few_people_between_two_values_leave_the_direction_alone(side, metric):
    rate = {"name": "rate", "of": {"arm": "new"}, "unit": "probability"}
    before, after = metric(0.1, 0.001, n=2000, **rate), metric(0.11, 0.001, n=2005, **rate)
    sides = side(metrics=(before,)), side(metrics=(after,), parts=OTHER_DATA)
    assert "Rate: new, up." in told(*sides)["Numbers"]
    for whole in (False, True):
        words = in_words(compare(*sides), "Since then", whole=whole)
        assert words.tables[0].rows == [["Rate: new", "not shown", "not shown", "up; beyond chance"]]
        assert "few people lie between" in words.tables[0].note
        assert "11.0" not in str(words)
        assert "2005" not in str(words)


def test_on_the_same_data_a_sampler_s_noise_is_told(side, metric):
    sides = side(metrics=(metric(0.0, 1.0),)), side(metrics=(metric(0.5, 1.0),), parts={"seed": "1" * 64})
    numbers = told(*sides)["Numbers"]
    assert numbers.startswith("1 of 1 moved by more than a sampler's noise on the same data would. Difference")
    assert "by chance alone" not in numbers


def test_numbers_that_mean_something_else_are_not_compared(side, metric):
    lines = told(
        side(metrics=(metric(0.0, 0.1),)), side(metrics=(metric(9.0, 0.1),), parameters={"window_days": 21})
    )
    assert lines["Numbers"] == "Not compared: what they mean may have changed with window_days."
    assert lines["Parameters"] == "window_days is 21, before 14."


def test_numbers_that_came_went_or_are_hidden_are_counted_and_their_values_kept(side, metric):
    before = side(metrics=(metric(0.123, name="a"), metric(0.456, name="b")))
    after = side(metrics=(metric(None, name="a"), metric(0.789, name="c")), parts=OTHER_DATA)
    assert told(before, after)["Numbers"] == "Not compared: 1 new, 1 gone, 1 shown in one version alone."
    words = in_words(compare(before, after), "Since then", whole=True)
    assert not any(number in str(words) for number in ("0.123", "0.456", "0.789"))
    assert [row[0].partition(":")[0] for row in words.tables[0].rows] == ["C", "B", "A"]


def test_only_two_moved_numbers_are_named_and_the_tables_hold_the_others(side, metric):
    before = side(metrics=tuple(metric(0.0, 0.1, name=f"n{at}") for at in range(20)))
    after = side(metrics=tuple(metric(9.0, 0.1, name=f"n{at}") for at in range(20)), parts=OTHER_DATA)
    assert told(before, after)["Numbers"].endswith("; and 18 more.")
    short, whole = (in_words(compare(before, after), "x", whole=each).tables[0] for each in (False, True))
    assert (len(short.rows), len(whole.rows)) == (12, 20)
    assert short.note.endswith("The first 12 of 20 are shown.")


def test_checks_that_failed_come_first(side):
    sides = side(checks={"A": False, "B": True, "C": True}), side(checks={"A": True, "B": False})
    assert told(*sides)["Checks"] == (
        "Failed now, and did not before: B. Passed now, and did not before: A. 1 noted or gone."
    )


def test_many_parameters_are_told_by_their_keys(side):
    changes = {f"key_{at}": at for at in range(6)}
    assert told(side(), side(parameters=changes))["Parameters"] == "key_0, key_1, key_2, key_3 and 2 more."


def test_another_day_on_the_same_files_says_so(side):
    after = side(as_of=date(2026, 11, 9), parts={"parameters": "1" * 64})
    assert told(side(), after)["Data"] == "As of 9 Nov 2026, before 16 Nov 2026; files as before."


def test_two_moments_of_one_day_are_told_in_full(side):
    after = side(data_until="2026-11-15T20:00:00+00:00", parts=OTHER_DATA)
    assert told(side(), after)["Data"] == "Until 15 Nov 2026, 20:00 UTC, before 15 Nov 2026, 18:00 UTC."
    assert told(side(), side(data_until=None, parts=OTHER_DATA))["Data"] == "Until unknown, before 15 Nov 2026."
