"""SurveyMonkey exports: two header rows, carriage returns, one question's answers spread over columns."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from workbench.ingest.reading import Reason
from workbench.ingest.surveys.settings import SurveyMonkeyFeed
from workbench.ingest.surveys.survey_monkey import read_survey_monkey, survey_monkey_form
from workbench.project import external_data_folder
from workbench.refusal import Refused

WHY = "Why did you stop?  Select all that apply."
QUESTIONS = [
    *("Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name"),
    *("Custom Data 1", "How are you?", "", WHY, "", "", "Rate us"),
]
ANSWERS = [
    *[""] * 8,
    "Little interest",
    "Feeling down",
    "Too many",
    "Private",
    "Other (please specify)",
    "Response",
]
ROW = [
    *(
        "118",
        "4",
        "10/31/2026 11:00:00 AM",
        "11/01/2026 01:06:52 PM",
        "73.23.43.1",
        "ida@example.org",
        "Quillfeather",
    ),
    *("007", "Several days", "Not at all", "Too many", "Private", "", "9"),
]
INSTRUMENTS = (
    {"instrument": "PHQ-2", "items": ("How are you?",), "values": {"Not at all": 0, "Several days": 1}},
    {
        "instrument": "stop_reason",
        "coded": (f"{WHY} | Too many", f"{WHY} | Private"),
        "values": {"Too many": 1, "Private": 2},
    },
    {"instrument": "rating", "score": "Rate us"},
)


def export(*records, ends="\r", header=(QUESTIONS, ANSWERS)) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=ends).writerows([*header, *records])
    return text.getvalue()


def feed(**more):
    given = {
        "name": "poll",
        "reads": "survey_monkey",
        "files": "*",
        "person": {"record": "Custom Data 1"},
        "time_zone": "America/New_York",
        "slashes": "month_first",
        "instruments": INSTRUMENTS,
    }
    return SurveyMonkeyFeed.model_validate(given | more)


def refusal(make_export, text, **more) -> str:
    with pytest.raises(Refused) as refused:
        read_survey_monkey(make_export({"poll.csv": text}), feed(**more))
    assert not any(secret in str(refused.value) for secret in ("Quillfeather", "ida@", "007", "73.23"))
    return str(refused.value)


@pytest.mark.parametrize("ends", ["\r", "\n", "\r\n"])
def test_answers_spread_over_columns_are_kept_with_any_line_ends(make_export, rows, ends):
    read = read_survey_monkey(make_export({"poll.csv": export(ROW, ends=ends)}), feed())
    moment = "2026-11-01 18:06:52+00"
    assert rows("feed_surveys") == [
        ("record", "007", "118/PHQ-2", "PHQ-2", "1.0", moment),
        ("record", "007", "118/rating", "rating", "9.0", moment),
        ("record", "007", "118/stop_reason/1", "stop_reason", "1.0", moment),
        ("record", "007", "118/stop_reason/2", "stop_reason", "2.0", moment),
    ]
    assert (read.accounts[0].read, read.accounts[0].used, read.accounts[0].dropped) == (1, 1, ())


@pytest.mark.parametrize(
    ("text", "slashes", "moment"),
    [
        ("11/01/2026 13:06:52", "month_first", "2026-11-01 18:06:52+00"),
        ("01/11/2026 13:06", "day_first", "2026-11-01 18:06:00+00"),
        ("2026-11-01 13:06:52", None, "2026-11-01 18:06:52+00"),
    ],
)
def test_dates_are_read_as_settings_say(make_export, rows, text, slashes, moment):
    record = [*ROW[:3], text, *ROW[4:]]
    read_survey_monkey(make_export({"poll.csv": export(record)}), feed(slashes=slashes))
    assert {row[0] for row in rows("feed_surveys", "responded_at")} == {moment}


def test_dates_with_slashes_need_their_order(make_export):
    told = refusal(make_export, export(ROW), slashes=None)
    assert 'column "End Date" holds what is no date and time, in 1 row.' in told


def test_free_text_is_no_code(make_export):
    spread = {"instrument": "stop_reason", "coded": (WHY,), "values": {"Too many": 1, "Private": 2}}
    record = [*ROW[:12], "call me, Quillfeather", "9"]
    told = refusal(make_export, export(record), instruments=(spread,))
    assert (
        f'column "{" ".join(WHY.split())} | Other (please specify)" holds an answer that the settings' in told
    )


def test_who_is_not_named_is_left_with_the_reason(make_export):
    (account,) = read_survey_monkey(
        make_export({"poll.csv": export(ROW, [*ROW[:7], "", *ROW[8:]])}), feed()
    ).accounts
    assert account.dropped == (Reason("without a record number", 1),)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ((QUESTIONS,), "it has not the two header rows"),
        ((QUESTIONS[1:], ANSWERS[1:]), "it has not the two header rows"),
        ((QUESTIONS, ROW), "it has not the two header rows"),
        ((QUESTIONS, ANSWERS[:-1]), "it has not the two header rows"),
        (([*QUESTIONS[:-1], "How are you?"], ANSWERS), 'there is no column "Rate us"'),
    ],
)
def test_a_header_that_is_none_is_refused(make_export, header, words):
    assert words in refusal(make_export, export(ROW, header=header))


def test_a_question_asked_twice_is_no_score(make_export):
    questions, answers = [*QUESTIONS, "Rate us"], [*ANSWERS, "Response"]
    told = refusal(make_export, export([*ROW, "1"], header=(questions, answers)))
    assert '2 columns are called "Rate us". Name one by its question and answer.' in told


def test_ragged_rows_and_names_as_answers_are_refused(make_export):
    assert "2 rows have more or fewer cells" in refusal(make_export, export(ROW[:-1], ROW, [*ROW, "x"]))
    told = refusal(make_export, export(ROW), instruments=({"instrument": "x", "score": "First Name"},))
    assert "is never read as an answer" in told


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"time_zone": None}, "give time_zone"),
        ({"instruments": ()}, "name at least one of the instruments"),
        ({"instruments": (INSTRUMENTS[0], INSTRUMENTS[0])}, "PHQ-2 stands twice"),
        ({"person": None}, "person"),
    ],
)
def test_settings_that_cannot_be_read_by(more, words):
    with pytest.raises(ValidationError, match=words):
        feed(**more)


LABELS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=6)


@given(questions=st.lists(st.tuples(LABELS, st.lists(LABELS, max_size=3, unique=True)), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_every_answer_is_found_by_its_question(tmp_path, questions):
    first, second = ["RespondentID"], [""]
    for place, (question, answers) in enumerate(questions):
        first += [f"{place} {question}", *[""] * max(len(answers) - 1, 0)]
        second += answers or ["Response"]
    path = tmp_path / "poll.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\r").writerows([first, second])
    layout = survey_monkey_form(path, "poll.csv", None).layout
    column = 1
    for place, (question, answers) in enumerate(questions):
        width = max(len(answers), 1)
        if "Response" not in answers:
            assert layout.answers([f"{place} {question}"]) == tuple(range(column, column + width))
        for step, answer in enumerate(answers):
            if answer != "Response":
                assert layout.one(f"{place} {question} | {answer}") == column + step
        column += width


def test_the_real_file(make_export):
    folder = external_data_folder()
    if folder is None:
        pytest.skip("WORKBENCH_DATA is not set")
    path = folder / "formats" / "surveymonkey_StarWars_2header_CR.csv"
    export_of = make_export({}, path)
    (account,) = read_survey_monkey(export_of, feed(person="none", time_zone=None, instruments=())).accounts
    assert (account.read, account.used) == (1186, 0)
    form = survey_monkey_form(path, path.name, None)
    assert form.layout.width == 38
    seen = "Which of the following Star Wars films have you seen? Please select all that apply."
    assert len(form.layout.answers([seen])) == 6
    view = (
        "Please state whether you view the following characters favorably, unfavorably, or are unfamiliar with"
    )
    assert form.layout.one(f"{view} him/her. | Yoda") == 28
    by_key = feed(person={"record": "RespondentID"}, instruments=INSTRUMENTS[2:])
    with pytest.raises(Refused, match="it does not tell when an answer was given"):
        read_survey_monkey(make_export({}, path, prefix="other_"), by_key)
