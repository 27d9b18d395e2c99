"""One name for each theme, actor, status and table's rows, wherever a report on data quality tells of it."""

from collections.abc import Iterable

from workbench.tables.quality.rule import Actor, Status, Theme

THEME_WORDS: dict[Theme, str] = {
    "schema": "Types, keys and words",
    "references": "References between tables",
    "consent": "Consent",
    "after_care": "After death or discharge",
    "hours": "Quiet hours",
    "time_order": "Times in order",
    "values": "Values",
    "repeats": "Repeats",
    "missing": "Missing values",
    "gaps": "Gaps",
}
ACTOR_WORDS: dict[Actor, str] = {
    "compliance": "Compliance",
    "outreach": "Outreach",
    "clinics": "Clinics",
    "data_team": "Data team",
}
STATUS_WORDS: dict[Status, str] = {
    "passed": "Holds",
    "finding": "Finding",
    "fault": "Fault",
    "not_asked": "Not asked",
}


_ROWS_OF = {
    "messages": "texts",
    "patient_states": "states of patients",
    "consents": "changes of consent",
}


def rows_of(table: str) -> str:
    """What the rows of a table are: "texts", "states of patients"."""
    return _ROWS_OF.get(table, table)


def listed(words: Iterable[str]) -> str:
    """Words in a sentence, each once: "a, b and c"."""
    each = list(dict.fromkeys(words))
    return " and ".join([", ".join(each[:-1]), each[-1]] if len(each) > 1 else each)


def counted(number: int, noun: str) -> str:
    """A number of things: "1 finding", "3 findings"."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"
