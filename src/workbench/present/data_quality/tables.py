"""The tables of a data quality report, with small cells hidden."""

from datetime import date

from workbench.outreach.inspection import EVERY_TABLE, THEMES, Inspection
from workbench.present import numbers
from workbench.present.data_quality.shares import ColumnShares
from workbench.present.data_quality.words import ACTOR_WORDS, STATUS_WORDS, THEME_WORDS, rows_of
from workbench.present.disclosure import Profile, hide_small_cells, told_count, told_whole
from workbench.present.result import Cell, Column, Table
from workbench.tables.quality.days import LOGS, Days
from workbench.tables.quality.rule import Answer
from workbench.tables.quality.texting import QUIET_FROM_HOUR, QUIET_UNTIL_HOUR

LOG_WORDS = {
    "messages": "Texts",
    "replies": "Replies",
    "appointments": "Bookings",
    "surveys": "Survey answers",
}


def quality_tables(
    inspection: Inspection, shares: tuple[ColumnShares, ...], months: tuple[str, ...], profile: Profile
) -> list[Table]:
    """Every table of the inspection, in the order of the report."""
    tables = [themes_table(inspection), findings_table(inspection, profile)]
    if inspection.hours:
        tables.append(hours_table(inspection, profile))
    tables.append(missing_table(shares, months))
    tables += [weeks_table(log, profile) for log in logs(inspection)]
    tables += [checks_table(inspection, profile), sizes_table(inspection, profile)]
    if inspection.left_out:
        tables.append(left_out_table(inspection, profile))
    return tables


def logs(inspection: Inspection) -> tuple[Days, ...]:
    """The logs there are, in the order in which they are shown."""
    by_name = {table.table: table for table in inspection.days if table.days}
    return tuple(by_name[name] for name in LOGS if name in by_name)


def rows_in_words(answer: Answer, profile: Profile) -> str:
    """The rows concerned, and of how many, in words that count no few: "42 of about 320,000"."""
    counts = answer.counts
    if counts is None:
        return "–"
    if answer.rule.unit == "days":
        return f"{counts.concerned:,} of {counts.looked_at:,} days"
    told = told_count(counts.concerned, counts.looked_at, counts.people, profile)
    return f"{told} of {told_whole(counts.looked_at, profile)}"


def sought_in_words(answer: Answer) -> str:
    """What a check looks for: "Texts sent after the patient's death"."""
    rule = answer.rule
    if rule.unit == "rows":
        return f"{rows_of(rule.table)} {rule.breach}".strip().capitalize()
    log = "" if rule.table == EVERY_TABLE else f"in the log of {rows_of(rule.table)} "
    return f"Days {log}{rule.breach}"


def themes_table(inspection: Inspection) -> Table:
    """How many checks of each theme hold; these numbers count checks and nobody."""
    rows: list[list[Cell]] = []
    for theme in THEMES:
        states = [answer.status for answer in inspection.of(theme)]
        if states:
            counts = [states.count(status) for status in ("passed", "fault", "finding", "not_asked")]
            rows.append([THEME_WORDS[theme], *counts])
    return Table(
        id="themes",
        caption="Checks by what they are about",
        columns=[
            Column(name="theme", title="About", kind="label"),
            *(
                Column(name=name, title=title, kind="estimate", digits=0)
                for name, title in (
                    ("hold", "Hold"),
                    ("faults", "Faults"),
                    ("findings", "Findings"),
                    ("not_asked", "Not asked"),
                )
            ),
        ],
        rows=rows,
        groups="none",
        note="A fault stops the studies that read the table; a finding is told and stops none.",
    )


def findings_table(inspection: Inspection, profile: Profile) -> Table:
    """What was found, the gravest first, with who has to do what."""
    rows: list[list[Cell]] = [
        [
            ("Fault: " if answer.status == "fault" else "") + sought_in_words(answer),
            rows_in_words(answer, profile),
            ACTOR_WORDS[answer.rule.actor],
            answer.rule.mend,
        ]
        for answer in inspection.with_status("fault", "finding")
    ]
    return Table(
        id="findings",
        caption="Who has to do what",
        columns=[
            Column(name="found", title="Found", kind="label"),
            Column(name="rows", title="Rows", kind="text"),
            Column(name="who", title="Who acts", kind="text"),
            Column(name="what", title="What to do", kind="text"),
        ],
        rows=rows,
        groups="none",
        note=_not_counted(profile),
    )


def checks_table(inspection: Inspection, profile: Profile) -> Table:
    """Every check, whether it was asked or not, with what it found."""
    rows: list[list[Cell]] = []
    for answer in inspection.answers:
        result = answer.why_not or f"{STATUS_WORDS[answer.status]}: {rows_in_words(answer, profile)}"
        rows.append([sought_in_words(answer), THEME_WORDS[answer.rule.theme], result])
    return Table(
        id="checks",
        caption="Every check, told by what it looks for",
        columns=[
            Column(name="check", title="Looked for", kind="label"),
            Column(name="theme", title="About", kind="text"),
            Column(name="result", title="Result", kind="text"),
        ],
        rows=rows,
        groups="none",
        note=_not_counted(profile),
    )


def hours_table(inspection: Inspection, profile: Profile) -> Table:
    """Texts by hour of the patient's day, and the people they went to."""
    table = Table(
        id="hours",
        caption="Texts by hour on the patient's clock",
        columns=[
            Column(name="hour", title="Hour", kind="label"),
            # The texts of the quiet hours are told as a sum, from which a hidden hour must not follow.
            Column(name="part", title="Part of the day", kind="label"),
            Column(name="texted", title="People", kind="people"),
            Column(name="texts", title="Texts", kind="people"),
        ],
        rows=[
            [
                f"{hour.hour:02d} h",
                "day" if QUIET_UNTIL_HOUR <= hour.hour < QUIET_FROM_HOUR else "quiet",
                hour.people,
                hour.texts,
            ]
            for hour in inspection.hours
        ],
        groups="arm",
    )
    return hide_small_cells(table, profile)


def weeks_table(log: Days, profile: Profile) -> Table:
    """A log's rows by week."""
    table = Table(
        id=f"weeks_{log.table}",
        caption=f"{LOG_WORDS[log.table]} by week",
        columns=[
            Column(name="week", title="Week from", kind="label"),
            Column(name=log.table, title=LOG_WORDS[log.table], kind="people"),
        ],
        rows=[[monday.isoformat(), rows] for monday, rows in log.by_week().items()],
        groups="arm",
    )
    return hide_small_cells(table, profile)


def missing_table(shares: tuple[ColumnShares, ...], months: tuple[str, ...]) -> Table:
    """Missing shares of every column that lacks any value, over all and by month."""
    return Table(
        id="missing",
        caption="Missing values by column and month",
        columns=[
            Column(name="column", title="Column", kind="label"),
            Column(name="over_all", title="In all", kind="interval"),
            *(
                Column(name=f"m{month.replace('-', '_')}", title=month_in_words(month), kind="interval")
                for month in months
            ),
        ],
        rows=[[each.label, each.over_all, *each.by_month] for each in shares],
        groups="none",
        note="Few: so few rows lack the value, or have it, that they are not counted, or their number would follow "
        "from other cells. A column that stands in no row here is filled throughout.",
    )


def sizes_table(inspection: Inspection, profile: Profile) -> Table:
    """How many rows each table has, about, and from when to when."""
    rows: list[list[Cell]] = [
        [
            table.table.replace("_", " "),
            told_whole(table.total, profile),
            numbers.day(table.days[0]) if table.days else "–",
            numbers.day(table.days[-1]) if table.days else "–",
        ]
        for table in inspection.days
    ]
    return Table(
        id="sizes",
        caption="The tables as known by the day",
        columns=[
            Column(name="table", title="Table", kind="label"),
            Column(name="rows", title="Rows", kind="interval"),
            Column(name="first", title="First day", kind="text"),
            Column(name="last", title="Last day", kind="text"),
        ],
        rows=rows,
        groups="none",
    )


def left_out_table(inspection: Inspection, profile: Profile) -> Table:
    """Rows that were left out when the tables were made from foreign files, and rows kept and told of."""
    rows: list[list[Cell]] = [
        [
            f"{rows_of(each.table)} {each.counted.reason}".capitalize(),
            "Kept" if each.kept else "Left out",
            told_count(each.counted.rows, each.counted.rows, None, profile)
            if profile.is_few(each.counted.rows)
            else f"{profile.rounded(each.counted.rows):,}",
        ]
        for each in inspection.left_out
    ]
    return Table(
        id="left_out",
        caption="Rows of the source's files that were left out, or are told of",
        columns=[
            Column(name="rows", title="Rows", kind="label"),
            Column(name="kept", title="Are", kind="text"),
            Column(name="count", title="Count", kind="interval"),
        ],
        rows=rows,
        groups="none",
    )


def month_in_words(month: str) -> str:
    """A month such as "2026-11" as "Nov 26"."""
    first = date.fromisoformat(f"{month}-01")
    return f"{numbers.MONTHS[first.month - 1]} {first.year % 100:02d}"


def _not_counted(profile: Profile) -> str:
    return f"{profile.few} rows or fewer, or rows of so few people, are not counted; the rows looked at are rounded."
