"""The figures of a data quality report, drawn from the tables of its result."""

from datetime import date

from workbench.outreach.inspection import Inspection
from workbench.present.blocks import FigureBlock
from workbench.present.data_quality.shares import FEW, ColumnShares
from workbench.present.data_quality.tables import LOG_WORDS, logs, month_in_words
from workbench.present.figures import HourBar, ShareRow, WeekPanel, hours_figure, shares_figure, weeks_figure
from workbench.present.result import StudyResult
from workbench.tables.quality.days import gap_days, newest_day
from workbench.tables.quality.texting import QUIET_FROM_HOUR, QUIET_UNTIL_HOUR


def texts_by_hour(inspection: Inspection, result: StudyResult) -> FigureBlock:
    """Texts by hour on the patient's clock, the quiet hours shaded."""
    rows = result.table("hours").rows
    bars = [HourBar(at, None if row[-1] is None else int(row[-1])) for at, row in enumerate(rows)]
    night = next(answer for answer in inspection.answers if answer.rule.name == "messages_in_quiet_hours")
    used = [bar.hour for bar in bars if bar.count != 0]
    span = f"between {used[0]} and {used[-1] + 1} h" if used else "at no hour"
    title = (
        f"Every text went out {span} on the patient's clock"
        if night.status == "passed"
        else "Texts went out in the quiet hours"
    )
    hidden = (
        " A diamond stands for an hour that is not shown: few texts, or one by which few could be worked out."
        if None in [bar.count for bar in bars]
        else ""
    )
    at_night = any(bar.count for bar in bars if not QUIET_UNTIL_HOUR <= bar.hour < QUIET_FROM_HOUR)
    seen = " Texts in these hours are orange, and drawn large enough to be seen." if at_night else ""
    return hours_figure(
        id="texts_by_hour",
        title=title,
        caption=f"Texts that went out, by the hour in the patient's own time zone. Shaded: before {QUIET_UNTIL_HOUR} "
        f"and after {QUIET_FROM_HOUR} h, when no text should arrive.{seen}{hidden}",
        source=["hours"],
        bars=bars,
        quiet_until=QUIET_UNTIL_HOUR,
        quiet_from=QUIET_FROM_HOUR,
        counted="texts",
    )


def missing_by_month(
    inspection: Inspection, result: StudyResult, shares: tuple[ColumnShares, ...], months: tuple[str, ...]
) -> FigureBlock:
    """Missing shares of each column by month."""
    told = sum(answer.status == "finding" for answer in inspection.of("missing"))
    title = (
        "Nothing is missing that should be there, month by month"
        if not told
        else "Values are missing that should be there"
    )
    few = any(FEW in each.by_month for each in shares)
    caption = (
        "Percent of a month's rows without a value, by the month in which the row begins; the stronger, the more. "
        "Gray: columns whose emptiness says something, such as that a text did not fail. Columns that are "
        "filled throughout are left out. On a phone, the last six months."
    )
    return shares_figure(
        id="missing_by_month",
        title=title,
        caption=caption + (" “Few” are not counted." if few else ""),
        source=["missing"],
        months=[month_in_words(month) for month in months],
        rows=[ShareRow(each.label, each.drawn, each.by_month, each.meant) for each in shares],
    )


def rows_by_week(inspection: Inspection, result: StudyResult) -> FigureBlock:
    """Rows of each log by week, days without any marked."""
    newest = newest_day(inspection.days)
    panels = []
    for log in logs(inspection):
        rows = result.table(f"weeks_{log.table}").rows
        gaps = gap_days(log, newest or log.days[-1], inspection.settings.usual_rows)
        panels.append(
            WeekPanel(
                LOG_WORDS[log.table],
                [date.fromisoformat(str(row[0])) for row in rows],
                [None if row[1] is None else int(row[1]) for row in rows],
                gaps,
            )
        )
    silent = sum(len(panel.gaps) for panel in panels)
    hidden = any(None in panel.rows for panel in panels)
    few = " A diamond stands for a week of few rows, which are not counted." if hidden else ""
    title = (
        "No log falls silent on a day it usually has many rows"
        if not silent
        else "Days on which a log fell silent"
    )
    return weeks_figure(
        id="rows_by_week",
        title=title,
        caption="Rows by week in which they happened (bookings by the day of booking). An orange triangle marks a day "
        "without any row though the same weekday usually has many: a holiday, an outage, or an export that lost it."
        + few,
        source=[f"weeks_{log.table}" for log in logs(inspection)],
        panels=panels,
    )
