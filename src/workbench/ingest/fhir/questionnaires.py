"""QuestionnaireResponse resources: scores of the PHQ-9 and the GAD-7. Answers in words are never read."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.ingest.fhir.accounts import account
from workbench.ingest.fhir.directory import PATIENT, found, person, reference
from workbench.ingest.fhir.macros import CONTAINED, REFERENCE, looked_up, quoted
from workbench.ingest.fhir.ndjson import Stage
from workbench.ingest.fhir.patients import SUPERSEDED
from workbench.ingest.reading import Account

RESPONSE = "QuestionnaireResponse"
ORDINALS = (
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
)
# LOINC's answers from "not at all" to "nearly every day".
ANSWERS = {"LA6568-5": "0", "LA6569-3": "1", "LA6570-1": "2", "LA6571-9": "3"}
HIGHEST_ANSWER = 3


@dataclass(frozen=True)
class Scale:
    """An instrument by its LOINC codes: the panel, the total score, and the items that are added up."""

    instrument: str
    panel: str
    total: str
    items: tuple[str, ...]

    @property
    def highest(self) -> int:
        """The highest score."""
        return HIGHEST_ANSWER * len(self.items)


SCALES = (
    Scale(
        "PHQ-9",
        "44249-1",
        "44261-6",
        (
            "44250-9",
            "44255-8",
            "44259-0",
            "44254-1",
            "44251-7",
            "44258-2",
            "44252-5",
            "44253-3",
            "44260-8",
        ),
    ),
    Scale(
        "GAD-7",
        "69737-5",
        "70274-6",
        ("69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"),
    ),
)

_ANSWER = (
    "STRUCT(valueInteger BIGINT, valueDecimal DOUBLE, valueCoding STRUCT(system VARCHAR, code VARCHAR, "
    "extension STRUCT(url VARCHAR, valueDecimal DOUBLE)[]))[]"
)
_INNER = f"STRUCT(linkId VARCHAR, answer {_ANSWER})[]"
_MIDDLE = f"STRUCT(linkId VARCHAR, answer {_ANSWER}, item {_INNER})[]"
_COLUMNS = {
    "questionnaire": "VARCHAR",
    "status": "VARCHAR",
    "subject": REFERENCE,
    "authored": "VARCHAR",
    "item": f"STRUCT(linkId VARCHAR, answer {_ANSWER}, item {_MIDDLE})[]",
    "contained": CONTAINED,
}


def stage_surveys(stage: Stage) -> tuple[str, str]:
    """Stage scores, and the keys of responses entered in error; the names of both tables."""
    chosen = f"""
        status, split_part(questionnaire, '|', 1) AS url, {_answers()} AS answers,
        fhir_moment(authored, {stage.zone}) AS responded_at, {reference("patient", PATIENT, "subject")}"""
    line = stage.lines(RESPONSE, _COLUMNS, chosen)
    stage.make(
        RESPONSE,
        f"""SELECT line.*, {person(stage)}, {_instrument(stage)} AS instrument FROM {line} AS line
        {found(stage, "patient", PATIENT)}""",
    )
    stage.make(RESPONSE, f"SELECT *, {_total()} AS total, {_scored()} AS scored FROM {line}")
    stage.make(
        RESPONSE,
        f"SELECT *, {_sum()} AS summed, coalesce(total, {_sum()}) AS score, {SUPERSEDED} AS superseded FROM {line}",
    )
    stage.make(RESPONSE, f"SELECT *, {_dropped()} AS dropped FROM {line}")
    staged = stage.make(
        "surveys",
        "SELECT person_kind, person_value, id AS response_id, instrument, score::DOUBLE AS score, responded_at "
        f"FROM {line} WHERE dropped IS NULL",
    )
    retracted = stage.make(
        "retracted_surveys",
        f"SELECT DISTINCT 'surveys' AS table_name, id AS value FROM {line} WHERE dropped = 'entered in error'",
    )
    return staged, retracted


def response_account(stage: Stage) -> Account:
    """The account of QuestionnaireResponse resources."""
    told = [("with a total that is not the sum of the answers", "total <> summed")]
    return account(stage, stage.table(RESPONSE), RESPONSE, "surveys", told=told, when="responded_at")


def _answers() -> str:
    """SQL of the answered items, down to the third level: LOINC code of the link, value, whether LOINC coded it."""
    middle = "flatten([coalesce(i.item, []) FOR i IN item])"
    inner = f"flatten([coalesce(i.item, []) FOR i IN {middle}])"
    levels = [f"coalesce([{_answer()} FOR i IN {items}], [])" for items in ("item", middle, inner)]
    return f"list_concat(list_concat({levels[0]}, {levels[1]}), {levels[2]})"


def _answer() -> str:
    ordinals = ", ".join(map(quoted, ORDINALS))
    weight = f"[e.valueDecimal FOR e IN i.answer[1].valueCoding.extension IF e.url IN ({ordinals})][1]"
    loinc = looked_up(ANSWERS, "i.answer[1].valueCoding.code")
    value = (
        f"coalesce(i.answer[1].valueInteger, i.answer[1].valueDecimal, {weight}, try_cast({loinc} AS DOUBLE))"
    )
    return (
        f"{{'code': regexp_extract(i.linkId, '([0-9]{{3,7}}-[0-9])$', 1), 'value': {value}::DOUBLE, "
        f"'coded': {loinc} IS NOT NULL}}"
    )


def _instrument(stage: Stage) -> str:
    """SQL of the instrument: by the settings, the panel's code in the URL, or LOINC codes of the items."""
    panels = {scale.panel: scale.instrument for scale in SCALES}
    code = "regexp_extract(url, '([0-9]{3,7}-[0-9])$', 1)"
    cases = " ".join(
        f"WHEN list_contains([a.code FOR a IN answers], {quoted(scale.total)}) "
        f"OR list_has_all([a.code FOR a IN answers], {_listed(scale.items)}) THEN {quoted(scale.instrument)}"
        for scale in SCALES
    )
    named = looked_up(stage.feed.questionnaires, "url")
    return f"coalesce({named}, {looked_up(panels, code)}, CASE {cases} END)"


def _total() -> str:
    return _by_scale(lambda scale: f"[a.value FOR a IN answers IF a.code = {quoted(scale.total)}][1]", "DOUBLE")


def _scored() -> str:
    """SQL of the values that are added up: of LOINC's items, else of LOINC's answers, else of all numbers."""

    def values(scale: Scale) -> str:
        items = f"[a.value FOR a IN answers IF list_contains({_listed(scale.items)}, a.code)]"
        coded = "[a.value FOR a IN answers IF a.coded]"
        numbers = f"[a.value FOR a IN answers IF a.value IS NOT NULL AND a.code <> {quoted(scale.total)}]"
        return f"CASE WHEN len({items}) > 0 THEN {items} WHEN len({coded}) > 0 THEN {coded} ELSE {numbers} END"

    return _by_scale(values, "DOUBLE[]")


def _sum() -> str:
    """SQL of the sum, null unless every item has one answer from 0 to 3."""
    count = _by_scale(lambda scale: str(len(scale.items)), "BIGINT")
    whole = (
        f"len(scored) = {count} AND len([v FOR v IN scored IF v IN (0, 1, 2, {HIGHEST_ANSWER})]) = len(scored)"
    )
    return f"CASE WHEN {whole} THEN list_sum(scored) END"


def _dropped() -> str:
    highest = _by_scale(lambda scale: str(scale.highest), "BIGINT")
    return f"""CASE WHEN superseded IS NOT NULL THEN superseded
        WHEN status = 'entered-in-error' THEN 'entered in error'
        WHEN instrument IS NULL THEN 'of a questionnaire that is neither PHQ-9 nor GAD-7'
        WHEN status IS NULL OR status NOT IN ('completed', 'amended') THEN 'not completed'
        WHEN person_value IS NULL THEN 'whose patient cannot be told'
        WHEN responded_at IS NULL THEN 'without a time'
        WHEN score IS NULL THEN 'with answers missing'
        WHEN score NOT BETWEEN 0 AND {highest} THEN 'with a score out of range' END"""


def _by_scale(expression: Callable[[Scale], str], kind: str) -> str:
    cases = " ".join(f"WHEN {quoted(scale.instrument)} THEN {expression(scale)}" for scale in SCALES)
    return f"(CASE instrument {cases} END)::{kind}"


def _listed(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"
