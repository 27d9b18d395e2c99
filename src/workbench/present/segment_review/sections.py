"""The sections of a segment review, each as the blocks it shows."""

from workbench.present import numbers
from workbench.present.blocks import Block, ChecksBlock, FigureBlock, ProseBlock, TableBlock, TermsBlock
from workbench.present.disclosure import PROFILES
from workbench.present.figures import Flow, flow_figure
from workbench.present.result import Fact, StudyResult
from workbench.present.segment_review.coarse_flows import coarse_flows
from workbench.present.segment_review.sentences import lineage_in_words
from workbench.present.segment_review.tables import ELSEWHERE
from workbench.segments.weekly.review import Review

NONE = ProseBlock(text="There are no groups to follow.")


def what_calls_for_a_look(review: Review, result: StudyResult) -> tuple[Block, ...]:
    """The alarms, each with what to do."""
    if review.definition is None:
        return (NONE,)
    return (TableBlock(table=result.table("alarms")),)


def what_changed(review: Review, result: StudyResult) -> tuple[Block, ...]:
    """The groups on the first day and the last, and how their shares went; how they follow those of a refit."""
    if review.definition is None:
        return (NONE,)
    lineage = review.definition.lineage
    told = (ProseBlock(text=lineage_in_words(lineage, review.definition.by_rules)),) if lineage else ()
    return (TableBlock(table=result.table("groups")), *told, TableBlock(table=result.table("weeks")))


def who_moved(review: Review, result: StudyResult) -> tuple[Block, ...]:
    """The flows between groups, crossed and drawn, and whether they are more than noise."""
    if review.definition is None:
        return (NONE,)
    tables = tuple(
        TableBlock(table=result.table(id)) for id in ("migration", "movement") if result.has_table(id)
    )
    figure = flows(review)
    return (figure, *tables) if figure else tables


def flows(review: Review) -> FigureBlock | None:
    """The flows as the table tells them; None where none may be shown."""
    if review.migration is None:
        return None
    places = (*review.letters, ELSEWHERE)
    told = coarse_flows(review.migration, PROFILES[review.settings.disclosure])
    drawn = [Flow(of, to, told.drawn(of, to)) for of, to in told.told]
    if not any(flow.people for flow in drawn):
        return None
    moved = any(flow.people for flow in drawn if flow.of != flow.to)
    return flow_figure(
        id="flows",
        title="Who stayed, and who moved"
        if moved
        else "Most stayed; no flow between groups is large enough to show",
        caption="Bands are as wide as people went, to the nearest ten. Pale: who stayed. In color: who moved, by the "
        "group they came from. Flows of fewer than 20, and those from which few could be worked out, are not drawn.",
        source=["migration"],
        places=places,
        before=numbers.day(review.weeks[0].day),
        after=numbers.day(review.weeks[-1].day),
        flows=drawn,
    )


def can_it_be_trusted(review: Review, result: StudyResult) -> tuple[Block, ...]:
    """The checks, and how well the definition still fits."""
    checks = ChecksBlock(checks=result.checks)
    return (checks, TableBlock(table=result.table("fit"))) if review.features else (checks,)


def who_was_studied(review: Review, result: StudyResult) -> tuple[Block, ...]:
    """The cohort's flow, and what the words mean."""
    terms = {
        "Population": f"{review.settings.people_noun} in care on each of the days, by the parameters of the "
        f"segmentation “{review.settings.segmentation}”, whether or not they agree to texts",
        "Known when": "each day as it was known then; nothing learned later",
        "A move": "to be in another group than on an earlier day, by the same definition",
        "Noise": "moves that would be seen though nobody's habits had changed, because a few new events carry people "
        "across the border between groups",
        "Not for": "deciding about one patient, or sending texts",
    }
    facts = [Fact(label=label, text=text) for label, text in terms.items()]
    return (TableBlock(table=result.table("cohort_flow")), TermsBlock(terms=facts))
