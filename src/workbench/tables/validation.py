"""Canonical tables held against their declared schemas and against each other, before a study starts.

What is wrong is told all at once, as table, column, rule and number of rows; never as the rows' contents.
"""

from collections.abc import Iterable, Iterator, Mapping

from workbench.refusal import Fault, Refused, nearest
from workbench.tables.known import KNOWN_FROM, KnownTables, Tables
from workbench.tables.quality.asking import CHECKS, ask
from workbench.tables.quality.reading import all_versions
from workbench.tables.quality.rule import Answer, Counts, Rule
from workbench.tables.quality.schema_breaks import Break, schema_breaks
from workbench.tables.schema import TABLES


def table_faults(tables: Tables, needed: Mapping[str, Iterable[str]]) -> tuple[Fault, ...]:
    """Every fault in the tables a study needs.

    Args:
        tables: an opened source.
        needed: for each table, the columns the study reads.
    """
    return (
        *absence_faults(tables, needed),
        *row_faults(tables, tables.ever_known(), [name for name in needed if name in tables.names]),
    )


def require(tables: Tables, needed: Mapping[str, Iterable[str]]) -> None:
    """Refuse tables with faults; see `table_faults`."""
    faults = table_faults(tables, needed)
    if faults:
        raise Refused(*faults)


def absence_faults(tables: Tables, needed: Mapping[str, Iterable[str]]) -> tuple[Fault, ...]:
    """The tables and columns a study needs and the source does not have, told without a query."""
    faults = []
    for name, columns in needed.items():
        if name not in tables.names:
            has = ", ".join(tables.names)
            faults.append(Fault(f"table {name}", "the source does not have it.", f"It has: {has}."))
            continue
        held = tables.whole(name).columns
        faults += [
            Fault(
                f"table {name}",
                f'there is no column "{column}".{nearest(column, held)}',
                f"Its columns: {', '.join(held)}.",
            )
            for column in missing_columns(tables, name, columns)
        ]
    return tuple(faults)


def missing_columns(tables: Tables, name: str, columns: Iterable[str]) -> list[str]:
    """What a table that is there lacks: of the columns named, of those never empty, and when its rows were known."""
    timed = (KNOWN_FROM[name],) if tables.is_timed(name) else ()
    wanted = dict.fromkeys([*_never_empty(name), *columns, *timed])
    held = tables.whole(name).columns
    return [column for column in wanted if column not in held]


def row_faults(tables: Tables, known: KnownTables, names: Iterable[str]) -> tuple[Fault, ...]:
    """What is wrong with the rows of tables that are there: types, empty values, words, keys, references.

    Args:
        tables: an opened source.
        known: all that was ever known of it.
        names: which tables.
    """
    faults: list[Fault] = []
    checked = list(names)
    for name in checked:
        if tables.whole(name).count().execute() == 0:
            faults.append(Fault(f"table {name}", "it has no rows.", "Export it again."))
        else:
            faults += [_told(found) for found in schema_breaks(name, tables.whole(name), tables.is_timed(name))]
    stopping = [check for check in CHECKS if check.severity == "fault" and check.table in checked]
    for answer in ask(known, known.moment, stopping):
        if answer.status == "fault" and answer.counts is not None:
            are = "there is" if answer.counts.concerned == 1 else "there are"
            what = f"{are} {in_rows(answer.counts.concerned)} {answer.rule.breach}."
            faults.append(Fault(f"table {answer.rule.table}", what, answer.rule.mend))
    return tuple(faults)


def schema_answers(known: KnownTables, names: Iterable[str] | None = None) -> Iterator[Answer]:
    """Each table's schema as answers: one for each rule it breaks, or one that says it breaks none.

    Args:
        known: the tables as known by a day.
        names: which tables; all unless given.
    """
    for name in known.names if names is None else names:
        rows = all_versions(known, name)
        looked_at = int(rows.count().execute())
        missing = [column for column in _never_empty(name) if column not in rows.columns]
        breaks = [
            *(Break(name, column, "absent", looked_at) for column in missing),
            *(schema_breaks(name, rows, known.is_timed(name)) if looked_at else ()),
        ]
        if not looked_at:
            why_not = f"{name.capitalize()} has no row known by then."
            yield Answer(_rule(name, "schema", "", "Export it again."), None, why_not)
        elif not breaks:
            yield Answer(_rule(name, "schema", "that break the schema", "Nothing."), Counts(looked_at, 0))
        for found in breaks:
            told = _told(found)
            rule = _rule(
                name,
                "key" if found.rule == "key" else f"{found.column}_{found.rule}",
                _breach(found),
                f"Correct the export. {told.mend}",
            )
            yield Answer(rule, Counts(looked_at, found.rows))


def in_rows(count: int) -> str:
    """A number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"


def _never_empty(name: str) -> list[str]:
    """The columns of a table that must be there, whatever a study reads: those that may not be empty."""
    return [column for column, declared in TABLES[name].columns.items() if declared.required]


def _rule(table: str, name: str, breach: str, mend: str) -> Rule:
    return Rule(f"{table}_{name}", "schema", "fault", table, breach, mend, "data_team")


def _breach(found: Break) -> str:
    """What the rows of a break are, as `Rule` has it."""
    match found.rule:
        case "absent":
            return f"without the column {found.column}"
        case "key":
            return f"that share their key ({found.column}) with another"
        case "type":
            return f"whose {found.column} is of another type than declared"
        case "empty":
            return f"without {found.column}, which must be there"
        case "values":
            return f"whose {found.column} is none of the values allowed"


def _told(found: Break) -> Fault:
    where = f"table {found.table}, column {found.column}"
    match found.rule:
        case "absent":
            return Fault(f"table {found.table}", f'there is no column "{found.column}".', "Export it.")
        case "key":
            what = f"{in_rows(found.rows)} share their key ({found.column}) with another."
            return Fault(f"table {found.table}", what, "Every row needs its own.")
        case "type":
            allowed = TABLES[found.table].columns[found.column].dtype.type
            return Fault(where, f"it holds {found.held}.", f"It must hold {allowed}.")
        case "empty":
            return Fault(where, f"it is empty in {in_rows(found.rows)}.", "Every row needs a value.")
        case "values":
            return Fault(where, f"it breaks its rule in {in_rows(found.rows)}.", found.allowed)
