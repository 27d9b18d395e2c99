"""EpisodeOfCare resources: when care began and ended, and the phases of treatment."""

from workbench.ingest.fhir.accounts import account
from workbench.ingest.fhir.directory import ORGANIZATION, PATIENT, clinic, found, person, reference
from workbench.ingest.fhir.macros import CONCEPT, CONTAINED, PERIOD, REFERENCE, first_looked_up, looked_up
from workbench.ingest.fhir.ndjson import Stage
from workbench.ingest.reading import Account

EPISODE = "EpisodeOfCare"
_COLUMNS = {
    "status": "VARCHAR",
    "statusHistory": f"STRUCT(status VARCHAR, period {PERIOD})[]",
    "type": f"{CONCEPT}[]",
    "patient": REFERENCE,
    "managingOrganization": REFERENCE,
    "period": PERIOD,
    "contained": CONTAINED,
}


def stage_episodes(stage: Stage) -> None:
    """Stage the lines; every version counts, since each tells from when on something was known."""
    settings = stage.feed.states
    chosen = f"""
        status, statusHistory AS history,
        {first_looked_up(settings.phases_by_type, "fhir_all_codes(type)")} AS phase,
        {first_looked_up(settings.therapies_by_type, "fhir_all_codes(type)")} AS therapy_type,
        fhir_moment(period."start", {stage.zone}) AS starts_at, fhir_until(period."end", {stage.zone}) AS ends_at,
        {reference("patient", PATIENT, "patient")},
        {reference("place", ORGANIZATION, "managingOrganization")}"""
    line = stage.lines(EPISODE, _COLUMNS, chosen)
    stage.make(
        EPISODE,
        f"""SELECT line.*, {person(stage)}, {clinic(stage, "place", ORGANIZATION)} AS clinic_id,
            row_number() OVER (PARTITION BY line.id, known_at ORDER BY line.rowid DESC) > 1 AS repeated,
            row_number() OVER newest = 1 AS newest, first_value(status) OVER newest AS last_status,
            lead(status) OVER newest AS status_before
        FROM {line} AS line {found(stage, "patient", PATIENT)} {found(stage, "place", ORGANIZATION)}
        WINDOW newest AS (PARTITION BY line.id ORDER BY known_at DESC, line.rowid DESC)""",
    )
    stage.make(EPISODE, f"SELECT *, {_DROPPED} AS dropped FROM {line}")


def stage_enrollment(stage: Stage) -> str:
    """Stage when each person's care began, and when it ended if none is open."""
    still = f"(status IN ('active', 'onhold') AND (ends_at IS NULL OR ends_at > {stage.exported}))"
    return stage.make(
        "enrollment",
        f"""SELECT person_kind, person_value, min(starts_at) AS enrolled_at,
            CASE WHEN NOT bool_or({still}) THEN max(ends_at) END AS ended_at
        FROM {stage.table(EPISODE)} WHERE dropped IS NULL AND newest AND status IN ('active', 'onhold', 'finished')
        GROUP BY ALL""",
    )


def stage_phases(stage: Stage) -> str:
    """Stage what episodes say of a person from a moment on: phase, type of therapy, clinic.

    A begin counts more than an end at the same moment, and no end counts while another episode is under way.
    """
    line = stage.table(EPISODE)
    named = stage.feed.states.phases_by_status
    during = looked_up(named, "CASE WHEN status IN ('finished', 'onhold') THEN 'active' ELSE status END")
    history = f'fhir_moment(h.period."start", {stage.zone})'
    told_since = f'greatest(starts_at, list_max([fhir_until(h.period."end", {stage.zone}) FOR h IN history]))'
    kept = "id, person_kind, person_value, known_at, therapy_type, clinic_id"
    used = f"FROM {line} AS e WHERE dropped IS NULL"
    parts = [
        # From its begin on: by its type, or by its status where no history tells of an earlier one.
        f"""SELECT {kept}, starts_at AS valid_from, 1 AS rank, coalesce(phase, {during}) AS phase {used}
            AND (phase IS NOT NULL OR coalesce(len(history), 0) = 0)""",
        f"""SELECT {kept}, {history}, 1, {looked_up(named, "h.status")}
        FROM (SELECT *, unnest(history) AS h {used} AND phase IS NULL)""",
        # The status now: since the end of its history, else, where it was put on hold or resumed, since that is known.
        f"""SELECT {kept}, CASE WHEN len(history) > 0 THEN {told_since} ELSE known_at END, 1,
            {looked_up(named, "status")} {used} AND phase IS NULL AND status <> 'finished'
            AND (len(history) > 0 OR status = 'onhold' OR status = 'active' AND status_before = 'onhold')""",
        f"""SELECT {kept}, ends_at, 0, {looked_up(named, "status")} {used} AND status = 'finished'
            AND NOT EXISTS (SELECT 1 FROM {line} AS other
                WHERE other.dropped IS NULL AND other.newest AND other.id <> e.id
                AND other.status IN ('active', 'onhold', 'finished') AND other.person_value = e.person_value
                AND other.starts_at <= e.ends_at AND (other.ends_at IS NULL OR other.ends_at > e.ends_at))""",
    ]
    return stage.make(
        "phases",
        f"""SELECT person_kind, person_value, valid_from, rank, phase,
            CASE WHEN rank = 1 THEN therapy_type END AS therapy_type,
            CASE WHEN rank = 1 THEN clinic_id END AS clinic_id, min(known_at) AS known_at
        FROM ({" UNION ALL ".join(parts)})
        WHERE valid_from IS NOT NULL
            AND (phase IS NOT NULL OR rank = 1 AND coalesce(therapy_type, clinic_id) IS NOT NULL)
        GROUP BY ALL""",
    )


def episode_account(stage: Stage) -> Account:
    """The account of EpisodeOfCare resources."""
    told = [("of an earlier version", "NOT newest")]
    return account(stage, stage.table(EPISODE), EPISODE, "patient_states", told=told, when="starts_at")


_DROPPED = """CASE WHEN id IS NULL THEN 'without an id'
    WHEN repeated THEN 'repeating another line'
    WHEN status = 'entered-in-error' OR last_status = 'entered-in-error' THEN 'entered in error'
    WHEN status = 'cancelled' THEN 'canceled before it began'
    WHEN status IS NULL OR status NOT IN ('planned', 'waitlist', 'active', 'onhold', 'finished')
        THEN 'with a status that FHIR R4 does not know'
    WHEN person_value IS NULL THEN 'whose patient cannot be told'
    WHEN starts_at IS NULL THEN 'without a start' END"""
