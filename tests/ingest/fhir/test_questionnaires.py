"""QuestionnaireResponse resources become scores of the PHQ-9 and the GAD-7."""

import pytest

from workbench.ingest.fhir.questionnaires import ANSWERS, SCALES

PHQ, GAD = SCALES
LOINC_ANSWERS = list(ANSWERS)


def coded(code):
    return {"valueCoding": {"system": "http://loinc.org", "code": code, "display": "SECRET"}}


def items(scale, values, answer=lambda value: coded(LOINC_ANSWERS[value])):
    return [
        {"linkId": f"/{code}", "text": "SECRET", "answer": [answer(value)]}
        for code, value in zip(scale.items, values, strict=False)
    ]


@pytest.fixture
def response(fhir):
    def made(key="q1", item=(), scale=PHQ, **elements):
        always = {
            "questionnaire": f"http://loinc.org/q/{scale.panel}|2.76",
            "status": "completed",
            "subject": {"reference": "Patient/ann"},
            "authored": "2026-10-20T13:52:00Z",
            "item": list(item),
        }
        return fhir.of("QuestionnaireResponse", key, **{**always, **elements})

    return made


def scores(told):
    return told.rows("surveys", "instrument", "score")


def test_a_score(read, response):
    told = read(response(item=items(PHQ, [0, 1, 2, 3, 0, 1, 2, 3, 0])))
    assert told.rows("surveys") == [
        {
            "person_kind": "fhir",
            "person_value": "ann",
            "response_id": "q1",
            "instrument": "PHQ-9",
            "score": 12.0,
            "responded_at": "2026-10-20T13:52:00Z",
        }
    ]


def ordinal(value):
    url = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
    return {"valueCoding": {"code": f"x{value}", "extension": [{"url": url, "valueDecimal": value}]}}


@pytest.mark.parametrize(
    "answer",
    [
        lambda value: coded(LOINC_ANSWERS[value]),
        lambda value: {"valueInteger": value},
        lambda value: {"valueDecimal": float(value)},
        ordinal,
    ],
    ids=["LOINC", "integer", "decimal", "ordinal"],
)
@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.instrument)
def test_every_way_of_answering(read, response, scale, answer):
    highest = [3] * len(scale.items)
    assert scores(read(response(scale=scale, item=items(scale, highest, answer)))) == [
        (scale.instrument, float(scale.highest))
    ]


def test_items_may_stand_in_groups(read, response):
    nine = items(PHQ, [1] * 9)
    grouped = [{"linkId": "a", "item": [*nine[:4], {"linkId": "b", "item": nine[4:]}]}]
    assert scores(read(response(item=grouped))) == [("PHQ-9", 9.0)]


def test_the_tenth_question_is_not_added_up(read, response):
    difficulty = {"linkId": "/69722-7", "answer": [{"valueInteger": 3}]}
    assert scores(read(response(item=[*items(PHQ, [1] * 9), difficulty]))) == [("PHQ-9", 9.0)]


def test_links_of_the_providers_own(read, response):
    named = [{"linkId": f"q{number}", "answer": [coded("LA6570-1")]} for number in range(7)]
    ten = [{"linkId": f"q{number}", "answer": [{"valueInteger": 1}]} for number in range(10)]
    told = read(
        response("q1", named, questionnaire="https://ehr.example/Questionnaire/worry|3"),
        response("q2", ten),
        questionnaires={"https://ehr.example/Questionnaire/worry": "GAD-7"},
    )
    assert scores(told) == [("GAD-7", 14.0)]
    # Nobody can tell which of ten numbers are the nine that count.
    assert told.dropped("QuestionnaireResponse") == {"with answers missing": 1}


def test_a_total_counts_and_is_held_against_the_answers(read, response):
    total = {"linkId": f"/{PHQ.total}", "answer": [{"valueDecimal": 13}]}
    told = read(
        response("q1", [total]),
        response("q2", [*items(PHQ, [1] * 9), total]),
        response("q3", [*items(PHQ, [2, 2, 2, 2, 1, 1, 1, 1, 1]), total]),
    )
    assert scores(told) == [("PHQ-9", 13.0)] * 3
    assert told.told("QuestionnaireResponse") == {"with a total that is not the sum of the answers": 1}


def test_an_instrument_is_told_by_its_items_too(read, response):
    assert scores(read(response(item=items(GAD, [1] * 7), questionnaire=None))) == [("GAD-7", 7.0)]


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"item": items(PHQ, [1] * 8)}, "with answers missing"),
        ({"item": [{"linkId": f"/{code}"} for code in PHQ.items]}, "with answers missing"),
        ({"item": items(PHQ, [4] * 9, lambda value: {"valueInteger": value})}, "with answers missing"),
        ({"item": [*items(PHQ, [1] * 9), items(PHQ, [1])[0]]}, "with answers missing"),
        (
            {"item": [{"linkId": f"/{PHQ.total}", "answer": [{"valueInteger": 28}]}]},
            "with a score out of range",
        ),
        ({"status": "in-progress"}, "not completed"),
        ({"status": "stopped"}, "not completed"),
        ({"status": "entered-in-error"}, "entered in error"),
        ({"subject": None}, "whose patient cannot be told"),
        ({"authored": None}, "without a time"),
        (
            {"questionnaire": "http://loinc.org/q/93373-9", "item": []},
            "of a questionnaire that is neither PHQ-9 nor GAD-7",
        ),
    ],
)
def test_responses_that_make_no_score(read, response, elements, reason):
    told = read(response(**{"item": items(PHQ, [1] * 9), **elements}))
    assert told.dropped("QuestionnaireResponse") == {reason: 1}
    assert scores(told) == []


def test_an_amended_response_counts_and_an_erroneous_one_is_taken_back(read, response):
    told = read(
        response(updated="2026-10-20T14:00:00Z", item=items(PHQ, [1] * 9)),
        response(updated="2026-10-21T14:00:00Z", item=items(PHQ, [2] * 9), status="amended"),
        response("q2", updated="2026-10-20T14:00:00Z", item=items(PHQ, [1] * 9)),
        response("q2", updated="2026-10-21T14:00:00Z", status="entered-in-error"),
    )
    assert scores(told) == [("PHQ-9", 18.0)]
    assert told.rows("retracted", "table_name", "value") == [("surveys", "q2")]


def test_answers_in_words_are_never_read(read, response):
    words = {"linkId": "/69722-7", "answer": [{"valueString": "SECRET"}]}
    told = read(response(item=[*items(PHQ, [1] * 9), words]))
    names = [name for (name,) in told.engine.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    assert "feed_surveys" in names
    for name in names:
        assert "SECRET" not in str(told.engine.execute(f"SELECT COLUMNS(*)::VARCHAR FROM {name}").fetchall())
