"""The sections of the report, each as the blocks it shows."""

from workbench.message_load.counts import Counts
from workbench.present import numbers
from workbench.present.blocks import Block, ChecksBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.figures import IntervalRow, interval_figure
from workbench.present.message_load.result import group_words, headline
from workbench.present.result import Fact, StudyResult


def how_many(counts: Counts, result: StudyResult) -> tuple[Block, ...]:
    """People by group: the figure, and the table it is drawn from."""
    groups = result.table("groups")
    rows = [IntervalRow(str(label), None if people is None else float(people)) for label, people in groups.rows]
    if not any(row.value for row in rows):
        return (ProseBlock(text="No group may be shown."), TableBlock(table=groups))
    figure = interval_figure(
        id="people",
        title=headline(counts, groups),
        caption=f"People in care by {group_words(counts)}, counted in full on {numbers.day(result.as_of)}.",
        alt=f"Dot plot of people by {group_words(counts)}; its numbers stand in the table below.",
        source=["groups"],
        rows=rows,
        axis="people",
        signed=False,
    )
    return (figure, TableBlock(table=groups))


def can_it_be_trusted(result: StudyResult) -> tuple[Block, ...]:
    """The checks that the description rests on."""
    return (ChecksBlock(checks=result.checks),)


def who_was_studied(counts: Counts, result: StudyResult) -> tuple[Block, ...]:
    """The cohort's flow, and what the words mean here."""
    terms = {
        "Population": "people whose care had begun, and had not ended, as of the day",
        "Group": f"the newest {group_words(counts)} that was valid and known by then",
    }
    meanings = [Fact(label=label, text=text) for label, text in terms.items()]
    return (TableBlock(table=result.table("cohort_flow")), TermsBlock(terms=meanings))
