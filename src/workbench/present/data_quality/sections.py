"""The sections of a data quality report, each as the blocks it shows."""

from workbench.outreach.inspection import Inspection
from workbench.present.blocks import Block, ChecksBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.data_quality.figures import missing_by_month, rows_by_week, texts_by_hour
from workbench.present.data_quality.sentences import texting_in_words
from workbench.present.data_quality.shares import column_shares, months_of
from workbench.present.data_quality.tables import logs
from workbench.present.disclosure import PROFILES
from workbench.present.result import Fact, StudyResult


def what_was_found(inspection: Inspection, result: StudyResult) -> tuple[Block, ...]:
    """Faults and findings with who has to do what, and how many checks hold."""
    found = (TableBlock(table=result.table("findings")),) if result.table("findings").rows else ()
    none = () if found else (ProseBlock(text="Nothing was found."),)
    return (*none, *found, TableBlock(table=result.table("themes")))


def texts_and_consent(inspection: Inspection, result: StudyResult) -> tuple[Block, ...]:
    """Whether texts went out without consent, after care, or at night; the clock they went out on."""
    told = texting_in_words(inspection)
    if not inspection.hours:
        return (ProseBlock(text=told),)
    prose = ProseBlock(text=f"{told} Texts that were canceled never went out, and are not counted.")
    return (prose, texts_by_hour(inspection, result))


def what_is_missing(inspection: Inspection, result: StudyResult) -> tuple[Block, ...]:
    """Missing shares by column and month."""
    settings = inspection.settings
    months = months_of(inspection.days, settings.as_of, settings.months_shown)
    shares = column_shares(inspection.days, months, PROFILES[settings.disclosure])
    if not shares or not months:
        return (ProseBlock(text="Every column that is there is filled in every row."),)
    figure = missing_by_month(inspection, result, shares, months)
    return (figure, TableBlock(table=result.table("missing")))


def week_by_week(inspection: Inspection, result: StudyResult) -> tuple[Block, ...]:
    """Rows of each log by week, and days without any."""
    if not logs(inspection):
        return (ProseBlock(text="There is no log with times."),)
    return (rows_by_week(inspection, result),)


def can_it_be_trusted(inspection: Inspection, result: StudyResult) -> tuple[Block, ...]:
    """The checks by theme, then every check."""
    return (ChecksBlock(checks=result.checks), TableBlock(table=result.table("checks")))


def what_was_looked_at(inspection: Inspection, result: StudyResult) -> tuple[Block, ...]:
    """The tables, what the source does not have or record, and rows left out on the way."""
    left_out = (TableBlock(table=result.table("left_out")),) if result.has_table("left_out") else ()
    terms = {
        "Rows": "every row known by the day, of adults and minors, whether or not they agreed to texts; of a row that "
        "changed, the newest version. Sessions do not say when they were entered, and are left out",
        "Not in the source": ", ".join(inspection.absent).replace("_", " ")
        or "nothing: all ten tables are there",
        "Not recorded": "; ".join(
            f"{thing.replace('_', '-')}: {why}" for thing, why in inspection.not_recorded.items()
        )
        or "nothing: consent, age, time, hour and no-shows are recorded",
    }
    meanings = [Fact(label=label, text=text) for label, text in terms.items()]
    return (TableBlock(table=result.table("sizes")), *left_out, TermsBlock(terms=meanings))
