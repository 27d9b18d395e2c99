"""Patient resources: people, their record numbers, and when their care began and ended."""

from workbench.ingest.fhir.accounts import account
from workbench.ingest.fhir.directory import ORGANIZATION, PATIENT, TIME_ZONE, clinic, found, reference
from workbench.ingest.fhir.macros import CONCEPT, CONTAINED, IDENTIFIER, PERIOD, REFERENCE, looked_up, quoted
from workbench.ingest.fhir.ndjson import Stage
from workbench.ingest.reading import Account
from workbench.ingest.rounded import rounded_faults
from workbench.refusal import Fault, Refused
from workbench.tables.mapping import OLDEST

NAME = "STRUCT(text VARCHAR, family VARCHAR, given VARCHAR[])"
TELECOM = f'STRUCT(system VARCHAR, value VARCHAR, "use" VARCHAR, period {PERIOD})'
_COLUMNS = {
    "identifier": f"{IDENTIFIER}[]",
    "name": f"{NAME}[]",
    "telecom": f"{TELECOM}[]",
    "gender": "VARCHAR",
    "birthDate": "VARCHAR",
    "deceasedBoolean": "BOOLEAN",
    "deceasedDateTime": "VARCHAR",
    "address": "STRUCT(line VARCHAR[], extension STRUCT(url VARCHAR, valueCode VARCHAR)[])[]",
    "communication": f"STRUCT(language {CONCEPT}, preferred BOOLEAN)[]",
    "managingOrganization": REFERENCE,
    "extension": "STRUCT(url VARCHAR, valueBoolean BOOLEAN, valueCode VARCHAR)[]",
    "link": f"STRUCT(other {REFERENCE}, type VARCHAR)[]",
    "contact": f"STRUCT(name {NAME}, telecom {TELECOM}[])[]",
    "contained": CONTAINED,
}
# Of the lines of one resource, the newest counts; of two alike, the later one.
NEWEST = "row_number() OVER (PARTITION BY id ORDER BY known_at DESC, rowid DESC)"
REPEATED = "known_at = max(known_at) OVER (PARTITION BY id)"
SUPERSEDED = (
    "CASE WHEN id IS NULL THEN 'without an id' "
    f"WHEN {NEWEST} > 1 AND {REPEATED} THEN 'repeating another line' "
    f"WHEN {NEWEST} > 1 THEN 'an older version of the same resource' END"
)


def stage_people(stage: Stage) -> None:
    """Stage the lines of Patient resources, of each the newest undropped.

    Raises:
        Refused: record numbers come from several systems, or were rounded by a spreadsheet.
    """
    chosen = f"""
        gender, birthDate, address, name, telecom, contact, identifier,
        coalesce(deceasedBoolean, false) OR deceasedDateTime IS NOT NULL AS deceased,
        fhir_moment(deceasedDateTime, {stage.zone}) AS deceased_at,
        [fhir_token(i) FOR i IN identifier] AS tokens,
        {_records(stage)} AS records,
        {_language()} AS language,
        {_zone()} AS told_zone,
        {_flag(stage)} AS do_not_text,
        {reference("organization", ORGANIZATION, "managingOrganization")},
        {reference("other", PATIENT, "[l.other FOR l IN link IF l.type = 'replaced-by'][1]")}"""
    stage.lines(PATIENT, _COLUMNS, chosen)
    stage.make(
        PATIENT,
        f"SELECT *, {SUPERSEDED} AS dropped, records[1].value AS record FROM {stage.table(PATIENT)}",
    )
    _require_one_system(stage)


def stage_links(stage: Stage) -> str:
    """Stage people's ids and record numbers; who was replaced by another has the other's."""
    line, other = stage.table(PATIENT), stage.table("successor")
    stage.make("successor", f"SELECT id, record FROM {line} WHERE dropped IS NULL")
    return stage.make(
        "links",
        f"SELECT 'fhir' AS kind, line.id AS value, coalesce(successor.record, line.record) AS record FROM {line} "
        f"AS line {found(stage, 'other', PATIENT)} LEFT JOIN {other} AS successor "
        "ON successor.id = coalesce(line.other_id, other.id) AND successor.id <> line.id "
        "WHERE line.dropped IS NULL AND coalesce(successor.record, line.record) IS NOT NULL",
    )


def stage_patients(stage: Stage, enrollment: str | None) -> str:
    """Stage the canonical table of patients; `enrollment` tells when care began and ended, where it is told.

    Ages over 89 are pooled as of the year of the export, as `OLDEST` has it.
    """
    year = stage.export.exported_at.year
    oldest = year - OLDEST
    place = clinic(stage, "organization", ORGANIZATION)
    zone = f"coalesce(zone.name, {looked_up(stage.feed.time_zones, place)}, {stage.zone})"
    told = ", care.enrolled_at, care.ended_at" if enrollment else ""
    joined = (
        f"LEFT JOIN {enrollment} AS care ON care.person_kind = 'fhir' AND care.person_value = line.id"
        if enrollment
        else ""
    )
    flag = ", line.do_not_text" if stage.feed.do_not_text else ""
    born = "try_cast(regexp_extract(line.birthDate, '^([0-9]{4})(-|$)', 1) AS BIGINT)"
    return stage.make(
        "patients",
        f"""SELECT 'fhir' AS person_kind, line.id AS person_value,
            CASE WHEN {born} BETWEEN 1 AND {year} THEN greatest({born}, {oldest}) END AS birth_year,
            CASE WHEN line.gender IN ('female', 'male', 'other') THEN line.gender END AS sex,
            line.language, {zone} AS time_zone{told},
            CASE WHEN line.deceased THEN coalesce(line.deceased_at, line.known_at) END AS deceased_at{flag},
            line.known_at
        FROM {stage.table(PATIENT)} AS line {found(stage, "organization", ORGANIZATION)} {joined}
        LEFT JOIN pg_timezone_names() AS zone ON zone.name = line.told_zone
        WHERE line.dropped IS NULL""",
    )


def patient_account(stage: Stage) -> Account:
    """The account of Patient resources."""
    told = [
        ("without a record number", "record IS NULL"),
        (
            "with several record numbers, of which the one in use counts",
            "len(list_distinct([r.value FOR r IN records])) > 1",
        ),
        ("deceased without a date, which counts as the last update", "deceased AND deceased_at IS NULL"),
        ("replaced by another record", "other_id IS NOT NULL OR other_key IS NOT NULL"),
        ("without a date of birth", "birthDate IS NULL"),
    ]
    return account(stage, stage.table(PATIENT), PATIENT, "patients", told=told, when="known_at")


def _records(stage: Stage) -> str:
    """SQL of a person's record numbers, those in use first."""
    mine = (
        f"i.system = {quoted(stage.feed.record_system)}"
        if stage.feed.record_system
        else "list_contains([c.code FOR c IN i.type.coding], 'MR')"
    )
    over = f'i."use" = \'old\' OR fhir_until(i.period."end", {stage.zone}) <= {stage.exported}'
    rank = f"CASE WHEN {over} THEN 2 WHEN i.\"use\" IN ('usual', 'official') THEN 0 ELSE 1 END"
    kept = f"{mine} AND trim(i.value) <> ''"
    number = f"{{'rank': {rank}, 'value': trim(i.value), 'system': i.system}}"
    each = f"[{number} FOR i IN identifier IF coalesce({kept}, false)]"
    return f"list_sort({each})"


def _language() -> str:
    """SQL of the language a person prefers, else the first one told: the primary part, such as en of en-US."""
    preferred = "[c.language FOR c IN communication IF c.preferred]"
    spoken = f"fhir_codes(coalesce({preferred}[1], communication[1].language))[1]"
    return f"nullif(lower(regexp_extract({spoken}, '\\|([A-Za-z]{{2,8}})(-|$)', 1)), '')"


def _zone() -> str:
    """SQL of the time zone that HL7's extension tells of a person or her address."""
    own = "coalesce([{'url': e.url, 'valueCode': e.valueCode} FOR e IN extension], [])"
    everywhere = f"list_concat({own}, coalesce(flatten([coalesce(a.extension, []) FOR a IN address]), []))"
    return f"[e.valueCode FOR e IN {everywhere} IF e.url = '{TIME_ZONE}'][1]"


def _flag(stage: Stage) -> str:
    """SQL of whether a person is not to be texted; null where it is not told."""
    if not stage.feed.do_not_text:
        return "NULL::BOOLEAN"
    return f"[e.valueBoolean FOR e IN extension IF e.url = {quoted(stage.feed.do_not_text)}][1]"


def _require_one_system(stage: Stage) -> None:
    label = f"feed {stage.feed.name}"
    table = stage.table(PATIENT)
    systems = stage.run(
        "SELECT count(DISTINCT coalesce(r.system, '')) "
        f"FROM (SELECT unnest(records) AS r FROM {table} WHERE dropped IS NULL)"
    )[0][0]
    faults = list(rounded_faults(stage.export.engine, table, ["record"], label))
    if systems > 1:
        what = (
            f"record numbers (identifiers of type MR) come from {systems} systems, so one may be two people's."
        )
        faults.append(Fault(label, what, "Name the one that counts as record_system."))
    if faults:
        raise Refused(*faults)
