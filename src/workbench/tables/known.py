"""The canonical tables of a source, and what of them was known as of a moment: the only way a study reads them.

A row counts from the moment it was known on; of a row that changed, the newest version known by then counts.
So the same study, run again with an older `as_of`, gives the older answer. Nobody reads them without having said
who may be studied: the flow of the cohort is made here, and so are lists of people who may be texted.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time

import ibis
import ibis.expr.types as ir

from workbench.refusal import Fault, Refused
from workbench.tables.cohort import EVERYBODY, Cohort, Purpose, Studied, flow_of, reason_faults, with_age
from workbench.tables.latest import changes_for, consent_history, with_latest
from workbench.tables.listing import ListedTable, list_tables, listing_html
from workbench.tables.mapping import MappedTable
from workbench.tables.source import Source
from workbench.tables.texting import platform_history, reachable, texting_faults
from workbench.tables.versions import (
    VERSION_FROM,
    VERSIONED,
    is_versioned,
    recurring,
    since,
    without_outdated,
)

# For each table, the column that says from when on a row was known.
KNOWN_FROM = {
    "patients": "enrolled_at",
    "patient_states": "known_at",
    "consents": "changed_at",
    "messages": "known_at",
    "replies": "received_at",
    "assignments": "assigned_at",
    "appointments": "known_at",
    "surveys": "responded_at",
}
# A day after all that a table can hold: as known by then, a table is whole.
WHOLE = date(9999, 1, 1)


class Tables:
    """The canonical tables of a source, as lazy Ibis expressions.

    A study never reads these directly: it asks `known(as_of, cohort)` for what was known by then.
    """

    def __init__(
        self,
        source: Source,
        tables: Mapping[str, ir.Table],
        mapped: Mapping[str, MappedTable] | None = None,
    ) -> None:
        self.source = source
        self._tables = dict(tables)
        self._mapped = dict(mapped or {})

    @property
    def names(self) -> tuple[str, ...]:
        """The canonical tables this source has."""
        return tuple(self._tables)

    def whole(self, name: str) -> ir.Table:
        """A whole table, whatever was known when; for checks of the data, not for studies.

        Raises:
            Refused: the source does not have the table.
        """
        if name not in self._tables:
            raise Refused(
                Fault(
                    f'source "{self.source.title}"',
                    f"it has no table {name}.",
                    f"It has: {', '.join(self._tables) or 'none'}.",
                )
            )
        return self._tables[name]

    def mapped(self, name: str) -> MappedTable:
        """How a table came from its foreign file: what was dropped and what is told of it."""
        return self._mapped.get(name) or MappedTable(self.whole(name), self.whole(name))

    def is_timed(self, name: str) -> bool:
        """Whether every row of the table must say from when on it was known; see `KNOWN_FROM`.

        When a person enrolled is often not recorded, and takes nothing from what is known of her otherwise.
        """
        return name in KNOWN_FROM and name != "patients" and self.source.not_recorded.time is None

    def listed(self) -> tuple[ListedTable, ...]:
        """The tables with their columns and numbers of rows, every version of a row counted."""
        return list_tables(self.names, self.whole)

    def _repr_html_(self) -> str:
        return listing_html(f"{self.source.title}, all there is", self.listed())

    def known(self, as_of: date, cohort: Cohort) -> "KnownTables":
        """What was known before the start of the day `as_of`, UTC, for a study of a cohort.

        Raises:
            Refused: the source does not record something, and the cohort does not say why the study goes on.
        """
        faults = reason_faults(cohort.goes_on_without, self.source, "goes_on_without")
        if faults:
            raise Refused(*faults)
        return KnownTables(self, as_of, cohort)

    def ever_known(self) -> "KnownTables":
        """All that was ever known, each row in its newest version; for checks of the data, not for studies."""
        return KnownTables(self, WHOLE, EVERYBODY).for_many_queries()


class KnownTables:
    """The canonical tables as they stood before the start of the day `as_of`, UTC, and who of them may be studied."""

    def __init__(self, tables: Tables, as_of: date, cohort: Cohort) -> None:
        self.source = tables.source
        self.as_of = as_of
        self.moment = datetime.combine(as_of, time(), UTC)
        self.cohort = cohort
        self._tables = tables
        self._recurring: dict[str, ir.Table] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The canonical tables the source has."""
        return self._tables.names

    def has(self, table: str, column: str) -> bool:
        """Whether the source has the table with this column."""
        return table in self._tables.names and column in self._tables.whole(table).columns

    def is_timed(self, name: str) -> bool:
        """Whether every row of the table must say from when on it was known."""
        return self._tables.is_timed(name)

    def mapped(self, name: str) -> MappedTable:
        """How a table came from its foreign file, whatever was known when; for telling of the data."""
        return self._tables.mapped(name)

    def table(self, name: str) -> ir.Table:
        """A table as known by `as_of`, columns that were not known by then blanked.

        Rows without a time are read only where the source says that it records none.

        Raises:
            Refused: the source does not have the table, or not the column that says from when on a row was known.
        """
        rows = self.versions(name)
        if is_versioned(name, rows):
            # The newest version known says everything, also whether the person had enrolled by then.
            rows = without_outdated(rows, VERSIONED[name], self._recurring_in(name, rows))
            if KNOWN_FROM[name] != VERSION_FROM and KNOWN_FROM[name] in rows.columns:
                rows = self._before(name, rows, KNOWN_FROM[name])
        return self._without_later_ends(rows) if name == "patients" else rows

    def earlier(self, as_of: date) -> "KnownTables":
        """The same tables as they stood before an earlier day, or this one, for the same cohort.

        Raises:
            ValueError: a later day, of which nothing may be known.
        """
        if as_of > self.as_of:
            raise ValueError(f"{as_of} is later than {self.as_of}")
        return KnownTables(self._tables, as_of, self.cohort)

    def for_many_queries(self) -> "KnownTables":
        """The same tables; which rows have several versions is looked for once, and kept inside the engine."""
        known = KnownTables(self._tables, self.as_of, self.cohort)
        known._recurring = {}
        return known

    def versions(self, name: str) -> ir.Table:
        """A table with every version of its rows that was known by `as_of`; see `table`."""
        rows = self._tables.whole(name)
        if name not in KNOWN_FROM:
            return rows
        self._require(name, KNOWN_FROM[name], rows)
        since = VERSION_FROM if is_versioned(name, rows) else KNOWN_FROM[name]
        return self._before(name, rows, since) if since in rows.columns else rows

    def matching(self, name: str, columns: Sequence[str], match: Callable[[ir.Table], ir.Table]) -> ir.Table:
        """What `match` gives of some columns of a table; where few rows match, without comparing others' versions.

        The versions that match are looked for at once, and kept inside the engine: in one query with the rest, engines
        keep the whole table to read it twice.

        Args:
            name: the table.
            columns: those that match reads; the key of the table, and from when on a version counts, are there too.
            match: keeps some rows of a table, each for what stands in this row alone, and keeps its columns.
        """
        rows = self.versions(name)
        if not is_versioned(name, rows) or KNOWN_FROM[name] != VERSION_FROM:
            return match(self.table(name).select(columns))
        # Of the versions that match those that are newest remain, and the versions of other rows need not be compared.
        key = VERSIONED[name]
        matching = match(rows.select(*dict.fromkeys([key, *columns, VERSION_FROM]))).cache()
        versions = rows.semi_join(matching, key)
        newest = versions.group_by(key).agg(_newest=since(versions).max())
        return matching.semi_join(newest, [key, since(matching) == newest["_newest"]])

    def studied(
        self,
        rows: ir.Table,
        first: str,
        before: Mapping[str, str] | None = None,
        after: Mapping[str, str] | None = None,
    ) -> Studied:
        """Those of the rows whose people may be studied, and the flow that leads to them.

        The cohort's own steps (age, consent at its moment) stand between the study's; what a source does not record
        leaves nobody out. The study's steps are counted and leave no row out here.

        Args:
            rows: the candidates, with patient_id and the columns that `before`, `after` and the cohort name.
            first: what the flow calls all of them.
            before: labels of the steps before the cohort's, each with the column that says which rows pass.
            after: the same for those after it.

        Raises:
            Refused: the source lacks a table or column that tells who may be studied.
        """
        own: dict[str, str] = {}
        missing = self.source.not_recorded
        minors, consent = self.cohort.minors, self.cohort.consent
        if minors != "include" and missing.age is None:
            own[self.cohort.told_as.format({"exclude": "adults", "only": "minors"}[minors])] = "of_age"
        if consent is not None and missing.consent is None:
            rows = self.with_consent(rows, consent.at, consent.purpose)
            own[f"with consent at {consent.moment}"] = "consented"
        if "of_age" in own.values():
            rows = with_age(rows, self.table("patients"), self.as_of.year, minors)
        # Kept inside the engine, so that the flow and what is made of the rows share one pass over the tables.
        rows = rows.cache()
        labels = {**(before or {}), **own, **(after or {})}
        steps = {first: rows["patient_id"].notnull(), **{label: rows[name] for label, name in labels.items()}}
        flow = flow_of(rows, steps)
        if own:
            kept = [name for name in rows.columns if name not in own.values()]
            rows = rows.filter(*(rows[name] for name in own.values())).select(kept)
        return Studied(rows, flow)

    def consent_changes(self, purpose: Purpose) -> ir.Table:
        """Changes of consent to texts that bear on a purpose: those of that purpose, and those of all."""
        return changes_for(self.table("consents"), purpose)

    def with_consent(self, rows: ir.Table, at: str, purpose: Purpose) -> ir.Table:
        """Adds consented: whether the last change of consent up to each row's moment `at` was an opt-in.

        Everybody passes where the source does not record consent.
        """
        if self.source.not_recorded.consent is not None:
            return rows.mutate(consented=ibis.literal(True))
        told = with_latest(rows, consent_history(self.consent_changes(purpose)), at, "_consent")
        return told.select(*rows.columns, consented=(told["_consent"] == "opt_in").fill_null(False))

    def with_state(self, rows: ir.Table, at: str, column: str) -> ir.Table:
        """Adds the column of patient_states that was valid, and known, at each row's moment `at`."""
        states = self.table("patient_states")
        states = states.select("patient_id", value=column, since="valid_from", told="known_at")
        return with_latest(rows, states, at, column)

    def may_be_texted(self, purpose: Purpose) -> ir.Table:
        """The patient_id of everybody who may be texted for a purpose as of the moment, one row each.

        Every list of people that leads to a message is made of them: of the cohort's age, in care, not marked "do
        not text", agreed to texts for the purpose and not blocked at the platform.

        Raises:
            Refused: the source does not tell one of these.
        """
        faults = texting_faults(self.source.not_recorded, self.cohort.minors, self.has)
        if faults:
            raise Refused(*faults)
        patients = self.table("patients")
        people = reachable(patients).mutate(at=ibis.literal(self.moment))
        people = with_age(people, patients, self.as_of.year, self.cohort.minors)
        people = self.with_consent(people, "at", purpose)
        people = with_latest(people, platform_history(self.table("consents")), "at", "platform")
        blocked = (people["platform"] == "opt_out").fill_null(False)
        return people.filter(people["of_age"] & people["consented"] & ~blocked).select("patient_id")

    def listed(self) -> tuple[ListedTable, ...]:
        """The tables with their columns and numbers of rows as known by `as_of`."""
        return list_tables(self.names, self.table)

    def _repr_html_(self) -> str:
        return listing_html(f"{self.source.title}, as known before {self.as_of}", self.listed())

    def _require(self, name: str, column: str, rows: ir.Table) -> None:
        """Refuse a table that must say from when on its rows were known, and does not."""
        if self._tables.is_timed(name) and column not in rows.columns:
            what = f'there is no column "{column}", so nobody can tell what was known by {self.as_of}.'
            mend = "Bring it, or say in the source file under not_recorded that it records no time."
            raise Refused(Fault(f"table {name}", what, mend))

    def _recurring_in(self, name: str, rows: ir.Table) -> ir.Table:
        if self._recurring is None:
            return recurring(rows, VERSIONED[name])
        if name not in self._recurring:
            self._recurring[name] = recurring(rows, VERSIONED[name]).cache()
        return self._recurring[name]

    def _before(self, name: str, rows: ir.Table, column: str) -> ir.Table:
        known = rows[column] < ibis.literal(self.moment)
        return rows.filter(known if self._tables.is_timed(name) else known | rows[column].isnull())

    def _without_later_ends(self, patients: ir.Table) -> ir.Table:
        ends = [name for name in ("ended_at", "deceased_at") if name in patients.columns]
        later = ibis.literal(self.moment)
        return patients.mutate(**{name: (patients[name] < later).ifelse(patients[name], None) for name in ends})
