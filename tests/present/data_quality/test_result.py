"""What a reader sees of data quality: every decision in words, no small cell, nothing that gives one back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from workbench.outreach.inspection import Inspection
from workbench.outreach.parameters import DataQuality
from workbench.outreach.verdict import decide
from workbench.present.blocks import FigureBlock
from workbench.present.data_quality import sections
from workbench.present.data_quality.result import quality_result
from workbench.present.data_quality.shares import FEW, column_shares, in_words, months_of
from workbench.present.disclosure import CMS
from workbench.present.fragments import fragment
from workbench.present.summary import summary
from workbench.tables.quality.asking import CHECKS
from workbench.tables.quality.days import Days
from workbench.tables.quality.rule import Answer, Counts, Rule
from workbench.tables.quality.texting import HourOfTexts

DAY = date(2026, 11, 16)
MONDAY = date(2026, 1, 5)


def settings_of(**given):
    values = {
        "title": "Quality",
        "audience": ("compliance",),
        "owner": "Data team",
        "source": "sample",
        "seed": 1,
    }
    return DataQuality(
        **(values | {"as_of": DAY, "question": "Is it fit?", "who_must_act": "The data team acts."} | given)
    )


def days_of(rows, missing, table="messages", column="template_id"):
    days = tuple(MONDAY + timedelta(days=at) for at in range(len(rows)))
    return Days(table, days, tuple(rows), {column: tuple(missing)}, 0, {column: 0})


def inspection_of(concerned=None, unasked=(), **given):
    """Every check holds of 5,000 rows but the ones named, with rows and people concerned."""
    concerned = concerned or {}
    answers = []
    for check in CHECKS:
        rows, people = concerned.get(check.name, (0, 0))
        silent = check.name in unasked
        answers.append(
            Answer(check, None if silent else Counts(5_000, rows, people), "There is no table." * silent)
        )
    rule = Rule(
        "data_up_to_date",
        "gaps",
        "finding",
        "all",
        "of which no log has a row",
        "Export it.",
        "data_team",
        "days",
    )
    answers.append(Answer(rule, Counts(30, 0)))
    values = {
        "settings": settings_of(),
        "answers": tuple(sorted(answers, key=lambda answer: answer.status != "fault")),
        "days": (days_of([50] * 120, [0] * 120),),
        "hours": tuple(HourOfTexts(hour, 100 * (9 <= hour < 18), 90 * (9 <= hour < 18)) for hour in range(24)),
        "left_out": (),
        "absent": (),
        "not_recorded": {},
        "data_until": None,
    }
    return Inspection(**(values | given))


def result_of(inspection):
    return quality_result(inspection, decide(inspection))


def texts_of(result):
    verdict = result.verdict
    return " ".join(
        [verdict.headline, *verdict.reasons, *(fact.text for fact in verdict.facts)]
        + [str(cell) for table in result.tables for row in table.rows for cell in row]
    )


@pytest.mark.parametrize(
    ("concerned", "decision", "words"),
    [
        ({}, "fit_for_use", f"The tables can be used: all {len(CHECKS) + 1} checks that could be asked hold."),
        (
            {"messages_in_quiet_hours": (40, 30)},
            "fit_with_findings",
            "The tables can be used; 1 finding must be looked at: quiet hours.",
        ),
        (
            {"assignments_of_unknown_people": (40, 30), "messages_in_quiet_hours": (40, 30)},
            "not_fit",
            "Mend first: 1 fault stops every study that reads assignments.",
        ),
    ],
)
def test_every_decision_is_told(concerned, decision, words):
    result = result_of(inspection_of(concerned))
    assert result.verdict.decision == decision
    assert result.verdict.headline == words
    assert summary(result)


def test_where_nothing_could_be_asked_nothing_is_claimed():
    inspection = inspection_of()
    silent = tuple(replace(answer, counts=None, why_not="There is no table.") for answer in inspection.answers)
    result = result_of(replace(inspection, answers=silent))
    assert result.verdict.decision == "invalid"
    assert not any(check.passed for check in result.checks)


def test_the_gravest_is_told_first_with_what_to_do_and_by_whom():
    result = result_of(inspection_of({"messages_after_death": (40, 30), "messages_repeated": (99, 80)}))
    facts = {fact.label: fact.text for fact in result.verdict.facts}
    assert facts["What to do first"].startswith("Take these people off every list")
    assert facts["How many rows"] == "Texts sent after the patient's death: 40 of about 5,000."
    assert "1 finding must be looked at" in facts["Were texts allowed"]
    assert facts["Who must act"] == "The data team acts. Concerned: compliance and outreach."


@pytest.mark.parametrize(
    ("rows", "people", "told"),
    [
        (3, 3, "10 or fewer"),
        (400, 2, "10 or fewer"),
        (400, 90, "400"),
        (4_995, 900, "nearly all"),
        (5_000, 900, "all"),
    ],
)
def test_few_rows_and_rows_of_few_people_are_not_counted(rows, people, told):
    result = result_of(inspection_of({"messages_in_quiet_hours": (rows, people)}))
    (row,) = result.table("findings").rows
    assert row[1] == f"{told} of about 5,000"
    (metric,) = [metric for metric in result.metrics if metric.of]
    assert metric.value == (400 if told == "400" else 5_000 if told == "all" else None)


@pytest.mark.parametrize("few", [3, 7])
def test_no_small_count_stands_anywhere(few):
    result = result_of(inspection_of({"messages_in_quiet_hours": (few, few), "arm_shares": (few + 400, few)}))
    assert str(few) not in [cell for table in result.tables for row in table.rows for cell in row]
    assert f"{few + 400}" not in texts_of(result)


def hours_of(night):
    """500 texts and more in each hour of the day, and so many in some hours of the night."""
    day = {hour: 500 + hour for hour in range(8, 21)}
    return tuple(HourOfTexts(hour, texts := (day | night).get(hour, 0), min(texts, 400)) for hour in range(24))


def shown_hours(night):
    rows = result_of(inspection_of(hours=hours_of(night))).table("hours").rows
    return {int(row[0][:2]): row[-1] for row in rows}


def test_hours_without_texts_are_shown():
    assert shown_hours({})[3] == 0


def test_an_hour_of_few_texts_is_hidden_with_another_of_the_night():
    shown = shown_hours({23: 4, 6: 60, 7: 90})
    assert {hour for hour, texts in shown.items() if texts is None} == {6, 23}
    assert shown[7] == 90


def test_an_hour_of_texts_to_few_people_is_hidden():
    hours = tuple(replace(hour, people=3) if hour.hour == 9 else hour for hour in hours_of({}))
    shown = {row[0]: row[-1] for row in result_of(inspection_of(hours=hours)).table("hours").rows}
    assert shown["09 h"] is None


def test_the_sum_of_the_night_gives_no_hour_of_it_back():
    # A single hour of the night has texts, few of them: the sum that is told elsewhere would be theirs.
    shown = shown_hours({23: 4})
    assert all(shown[hour] is None for hour in (*range(8), *range(21, 24)))
    # All texts less those of the day would give them back too, and so would the day's less all hours but one.
    assert sum(shown[hour] is None for hour in range(8, 21)) == 2


def test_a_month_with_few_missing_is_hidden_with_a_further_one():
    counted = days_of([50] * 120, [1] * 3 + [0] * 37 + [5] * 40 + [20] * 40)
    (shares,) = column_shares((counted,), months_of((counted,), DAY, 12), CMS)
    # Three in January are few; February's would give them back by the whole's share.
    assert shares.by_month.count(FEW) == 2
    assert shares.by_month[0] == FEW
    assert shares.drawn[0] is None


def test_months_without_anything_missing_hide_nobody():
    counted = days_of([50] * 120, [0] * 90 + [20] * 30)
    (shares,) = column_shares((counted,), months_of((counted,), DAY, 12), CMS)
    assert shares.by_month[0] == "0 %"
    assert FEW not in shares.by_month


@pytest.mark.parametrize(
    ("missing", "rows", "words"),
    [(0, 10, "0 %"), (10, 10, "100 %"), (1, 1_000, "< 1 %"), (999, 1_000, "> 99 %"), (333, 1_000, "33 %")],
)
def test_shares_are_told_in_whole_percent(missing, rows, words):
    assert in_words(missing, rows) == words


def test_what_a_source_has_not_is_told_as_the_reason_for_silence():
    inspection = inspection_of(
        unasked={check.name for check in CHECKS if check.theme in ("consent", "after_care", "hours")},
        absent=("messages", "patient_states"),
        not_recorded={"no_show": "An Encounter knows no no-show."},
        hours=(),
    )
    verdict = result_of(inspection).verdict
    facts = {fact.label: fact.text for fact in verdict.facts}
    assert facts["Were texts allowed"] == (
        "Nothing can be said of consent, death or discharge, and quiet hours. There is no table."
    )
    assert verdict.reasons[-1] == (
        "10 checks could not be asked: the source has no table messages and patient states; it does not record no-show."
    )


@pytest.mark.parametrize(
    "section",
    [
        "what_was_found",
        "texts_and_consent",
        "what_is_missing",
        "week_by_week",
        "can_it_be_trusted",
        "what_was_looked_at",
    ],
)
def test_every_section_can_be_shown(section):
    counted = (
        days_of([50] * 120, [1] * 3 + [0] * 57 + [20] * 60),
        days_of([60] * 120, [0] * 120, table="replies"),
    )
    for inspection in (
        inspection_of({"messages_in_quiet_hours": (400, 90)}, days=counted),
        inspection_of(days=(), hours=(), absent=("messages",), unasked=("messages_in_quiet_hours",)),
    ):
        result = result_of(inspection)
        for block in getattr(sections, section)(inspection, result):
            assert fragment(block)
            if isinstance(block, FigureBlock):
                assert set(block.source) <= {table.id for table in result.tables}
                assert len(block.alt) > 40


def test_a_silent_day_is_marked_and_told():
    rows = [50] * 120
    rows[60] = 0
    counted = Days(
        "messages",
        tuple(MONDAY + timedelta(days=at) for at in range(120) if at != 60),
        tuple(row for at, row in enumerate(rows) if at != 60),
        {},
        0,
        {},
    )
    inspection = inspection_of(days=(counted,))
    (figure,) = sections.week_by_week(inspection, result_of(inspection))
    assert "days without any: 6 Mar 2026" in figure.alt
    assert figure.title == "Days on which a log fell silent"


def test_the_headline_number_counts_the_checks_that_held():
    assert result_of(inspection_of()).headline_number.value == len(inspection_of().with_status("passed"))
