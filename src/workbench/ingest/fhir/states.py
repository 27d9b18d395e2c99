"""States of patients: what was known of a person from a moment on, put together from episodes and diagnoses.

Two clocks run: from when on something held (`valid_from`) and from when on it was known (`known_at`). A state of a
moment is told again when something is learned later that changes it, so that whoever reads as of a day, and takes
the newest state by `valid_from`, sees all that was known by then: a change of phase keeps the diagnosis group, and
a diagnosis that was recorded late stands in the phases that began after its onset.
"""

from collections.abc import Sequence

from workbench.ingest.fhir.ndjson import Stage

_PERSON = "person_kind, person_value"
_CELL = f"{_PERSON}, valid_from, known_at"
_SAME = "{a}.person_kind = {b}.person_kind AND {a}.person_value = {b}.person_value"
COLUMNS = ("clinic_id", "diagnosis_group", "treatment_phase", "therapy_type")
_STATE = ", ".join(COLUMNS)
_STRUCT = "{" + ", ".join(f"'{name}': {name}" for name in COLUMNS) + "}"


def stage_states(stage: Stage, phases: str, diagnoses: str, told: Sequence[str] = COLUMNS) -> str:
    """Stage the canonical table of states, with the columns that are told; rows that say nothing new are left out."""
    cells = stage.make("cells", _cells(phases, diagnoses))
    states = stage.make(
        "states",
        f"SELECT cell.*, {_STATE}, {_STRUCT} AS state FROM {cells} AS cell "
        f"LEFT JOIN ({_phase_states(cells, phases)}) AS phase USING ({_CELL}) "
        f"LEFT JOIN ({_groups(cells, diagnoses)}) AS diagnosis USING ({_CELL})",
    )
    return stage.make(
        "patient_states",
        f"""SELECT {", ".join((_PERSON, *told))}, valid_from, known_at FROM (
            SELECT *, lag(state) OVER told AS before, row_number() OVER told = 1 AS first FROM {states}
            WINDOW told AS (PARTITION BY {_PERSON}, valid_from ORDER BY known_at))
        SEMI JOIN ({_turns(states)}) AS turn USING ({_PERSON}, valid_from)
        WHERE first OR state IS DISTINCT FROM before""",
    )


def _cells(phases: str, diagnoses: str) -> str:
    """SQL of the moments at which a state may be told: those of each event, and when an earlier one became known."""
    moments = f"""
        SELECT {_PERSON}, valid_from, known_at FROM {phases}
        UNION SELECT {_PERSON}, valid_from, known_at FROM {diagnoses}
        UNION SELECT {_PERSON}, ends_at, end_known_at FROM {diagnoses} WHERE ends_at IS NOT NULL"""
    return f"""WITH moments AS ({moments}),
        first AS (SELECT {_PERSON}, valid_from, min(known_at) AS known_at FROM moments GROUP BY ALL)
        SELECT DISTINCT first.person_kind, first.person_value, first.valid_from,
            greatest(first.known_at, moments.known_at) AS known_at
        FROM first JOIN moments ON {_SAME.format(a="first", b="moments")} AND moments.valid_from <= first.valid_from"""


def _phase_states(cells: str, phases: str) -> str:
    """SQL of the last phase, therapy and clinic told of each cell."""
    order = "event.valid_from, event.rank, event.known_at"
    last = ", ".join(
        f"arg_max(event.{column}, row({order}, event.{column})) FILTER (event.{column} IS NOT NULL) AS {name}"
        for column, name in (
            ("phase", "treatment_phase"),
            ("therapy_type", "therapy_type"),
            ("clinic_id", "clinic_id"),
        )
    )
    return f"""SELECT {_columns("cell")}, {last} FROM {cells} AS cell JOIN {phases} AS event
        ON {_SAME.format(a="cell", b="event")}
        AND event.valid_from <= cell.valid_from AND event.known_at <= cell.known_at GROUP BY ALL"""


def _groups(cells: str, diagnoses: str) -> str:
    """SQL of the first group, in the settings' order, of those that hold in each cell."""
    return f"""SELECT {_columns("cell")}, arg_min(span.diagnosis_group, span.place) AS diagnosis_group
        FROM {cells} AS cell JOIN {diagnoses} AS span ON {_SAME.format(a="cell", b="span")}
        AND span.valid_from <= cell.valid_from AND span.known_at <= cell.known_at
        AND NOT coalesce(span.ends_at <= cell.valid_from AND span.end_known_at <= cell.known_at, false)
        GROUP BY ALL"""


def _turns(states: str) -> str:
    """SQL of the moments at which a state differs from the one before it, as both were known at some time."""
    return f"""SELECT {_PERSON}, valid_from FROM (
            SELECT {_columns("cell")}, any_value(cell.state) AS state, count(earlier.state) = 0 AS first,
                arg_max(earlier.state, row(earlier.valid_from, earlier.known_at)) AS standing
            FROM {states} AS cell LEFT JOIN {states} AS earlier ON {_SAME.format(a="cell", b="earlier")}
                AND earlier.valid_from < cell.valid_from AND earlier.known_at <= cell.known_at
            GROUP BY ALL)
        WHERE first OR state IS DISTINCT FROM standing"""


def _columns(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in _CELL.split(", "))
