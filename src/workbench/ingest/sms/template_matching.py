"""Which template a text was made from, told inside the engine, so that no text leaves the file."""

import duckdb

from workbench.ingest.sms.statements import literal
from workbench.ingest.sms.templates import SPACES, TYPOGRAPHIC, Templates


def bare_text(column: str) -> str:
    """An SQL expression: a text with plain quotes and without spaces."""
    found = "".join(map(chr, TYPOGRAPHIC)) + SPACES
    put = "".join(map(chr, TYPOGRAPHIC.values()))
    return f"translate({column}, {literal(found)}, {literal(put)})"


def fitting(text: str, templates: Templates) -> str:
    """An SQL expression: the places, in the templates' order, of all that a bare text fits.

    Most templates are ruled out by their longest written stretch, which is looked for before the whole.
    """
    checks = []
    for place, template in enumerate(templates.in_order):
        stretch = max(template.written, key=len)
        fits = f"contains({text}, {literal(stretch)}) AND regexp_full_match({text}, {literal(template.expression)})"
        checks.append(f"CASE WHEN {fits} THEN {place} END")
    return f"list_filter([{', '.join(checks)}], lambda place: place IS NOT NULL)"


def stage_templates(engine: duckdb.DuckDBPyConnection, table: str, templates: Templates) -> None:
    """Stage the registry as a table (place, id, campaign_id, kind, tone, personalization, length, cta, to_confirm)."""
    engine.execute(
        f"CREATE TABLE {table} (place INTEGER, id VARCHAR, campaign_id VARCHAR, kind VARCHAR, tone VARCHAR, "
        "personalization VARCHAR, length BIGINT, cta VARCHAR, to_confirm BOOLEAN)"
    )
    rows = [
        (
            place,
            each.id,
            each.campaign_id,
            each.kind,
            each.tone,
            each.personalization,
            each.length,
            each.cta,
            each.asks_to_confirm,
        )
        for place, each in enumerate(templates.in_order)
    ]
    engine.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
