"""SurveyMonkey exports: two header rows, of questions and of their answers; lines may end in carriage returns."""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from zoneinfo import ZoneInfo

from workbench.ingest.reading import Export, Reading
from workbench.ingest.surveys.clock import Clock
from workbench.ingest.surveys.form import Form, Record
from workbench.ingest.surveys.layout import Layout, named, places_by_name
from workbench.ingest.surveys.reading import read_surveys
from workbench.ingest.surveys.settings import SurveyMonkeyFeed
from workbench.refusal import Fault, Refused
from workbench.tables.records import first_records

HEADER_ROWS = 2
RESPONSE_IDS = ("Respondent ID", "RespondentID")
ANSWERED = ("End Date", "EndDate", "Date Modified")
PRIVATE = ("IP Address", "Email Address", "First Name", "FirstName", "Last Name", "LastName")
# What the second row says of a question with one answer, and of its comment.
ONE_ANSWER = ("Response", "Open-Ended Response")
FORMATS = {
    "month_first": ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p"),
    "day_first": ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %I:%M:%S %p", "%d/%m/%Y %H:%M", "%d/%m/%Y %I:%M %p"),
}


def read_survey_monkey(export: Export, feed: SurveyMonkeyFeed) -> Reading:
    """Stage the answers of SurveyMonkey exports.

    Raises:
        Refused: a file that is no such export, or what `read_surveys` refuses.
    """
    clock = None
    if feed.time_zone is not None:
        clock = Clock(ZoneInfo(feed.time_zone), FORMATS[feed.slashes] if feed.slashes else ())
    return read_surveys(export, feed, lambda path, label: survey_monkey_form(path, label, clock))


def survey_monkey_form(path: Path, label: str, clock: Clock | None) -> Form:
    """How a SurveyMonkey export is laid out.

    A question is called by its text; one answer of a question that is spread over columns by "question | answer".

    Raises:
        Refused: it has not the two header rows, or no keys of responses.
    """
    header = first_records(path, label, HEADER_ROWS)
    if len(header) < HEADER_ROWS or not is_header(*header):
        what = "it has not the two header rows of a SurveyMonkey export, which begins with Respondent ID."
        raise Refused(Fault(label, what, "Export all responses as CSV again, as they are."))
    questions, answers = _carried_on(header[0]), list(map(named, header[1]))
    called = [
        question if not answer or answer in ONE_ANSWER else f"{question} | {answer}"
        for question, answer in zip(questions, answers, strict=True)
    ]
    layout = Layout(
        label,
        tuple(called),
        places_by_name(called),
        places_by_name(questions),
        spread=True,
        private=frozenset(place for place, name in enumerate(called) if name in PRIVATE),
    )
    response = layout.first_of(RESPONSE_IDS)
    if response is None:
        raise Refused(Fault(label, "it has no column Respondent ID.", "Export it with all its columns."))
    return Form(layout, HEADER_ROWS, response, layout.first_of(ANSWERED), clock, _any_response)


def is_header(questions: Sequence[str], answers: Sequence[str]) -> bool:
    """Whether two records are the header of a SurveyMonkey export."""
    begins = bool(questions) and named(questions[0]) in RESPONSE_IDS
    return begins and len(questions) == len(answers) and not answers[0].strip() and any(map(str.strip, answers))


def _carried_on(questions: Sequence[str]) -> list[str]:
    """The question of each column: that of a column without one is the last before it."""
    return list(accumulate(map(named, questions), _last_given))


def _last_given(last: str, question: str) -> str:
    return question or last


def _any_response(record: Record) -> str | None:
    return None
