"""A typical person of each group, made up, in a sentence."""

from workbench.present.disclosure import Profile
from workbench.present.result import Cell, Column, Table
from workbench.present.segmentation.words import amount, measure_in_words
from workbench.segments.analysis import Analysis
from workbench.segments.reading.exemplars import Exemplar


def exemplars_table(analysis: Analysis, profile: Profile) -> Table:
    """The exemplar of each group; of a group of few people none is told."""
    rows: list[list[Cell]] = [
        [group.letter, None if profile.is_few(group.people) else exemplar_in_words(each)]
        for group, each in zip(analysis.groups, analysis.exemplars, strict=True)
    ]
    return Table(
        id="exemplars",
        caption="A made-up person typical of each group",
        columns=[
            Column(name="group", title="Group", kind="label"),
            Column(name="typical", title="Made up", kind="text"),
        ],
        rows=rows,
        groups="none",
        note="Nobody’s record: the middle of the group in each measure by itself, rounded, and held against every "
        "person’s row, none of which says the same.",
    )


def exemplar_in_words(exemplar: Exemplar) -> str:
    """The values of an exemplar in a line: "appointments per four weeks 0.75; missed 5 %"."""
    values = [
        f"{measure_in_words(feature).lower()} {amount(feature, value)}" for feature, value in exemplar.values
    ]
    words = [f"{feature.title.lower()} {word.replace('_', ' ')}" for feature, word in exemplar.words]
    told = "; ".join([*values, *words])
    return told[:1].upper() + told[1:]
