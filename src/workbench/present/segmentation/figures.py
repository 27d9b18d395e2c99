"""The figures of a segmentation, drawn from the tables of its result alone."""

from workbench.present import numbers
from workbench.present.blocks import FigureBlock
from workbench.present.figures import NumberOfGroups, ProfileRow, number_of_groups_figure, profile_figure
from workbench.present.result import StudyResult
from workbench.present.segmentation.checks import speaking
from workbench.present.segmentation.words import WORDS
from workbench.segments.analysis import Analysis


def number_of_groups(analysis: Analysis) -> FigureBlock:
    """Fit over continua, and stability, by number of groups."""
    if analysis.grouping is None or not analysis.grouping.candidates:
        raise ValueError("no groups were looked for")
    grouping = analysis.grouping
    best = speaking(grouping)
    many = WORDS[best.groups].capitalize()
    title = {
        "kinds": f"{many} groups gain most over a continuum, and each is found again",
        "cuts": f"{many} cuts are found again, and are no more than a continuum shows",
    }.get(grouping.kind or "", "No number of groups is more than a continuum and found again")
    return number_of_groups_figure(
        id="number_of_groups",
        title=title,
        caption="Left (above on a phone): by how much groups fit the data better than continua like them; the "
        "band is two standard deviations of continua around zero. Right (below): the Jaccard similarity of the least "
        f"stable group under resampling; the line is the {numbers.number(grouping.settings.required_stability, 2)} "
        "required. Filled: the number chosen.",
        source=["numbers_of_groups"],
        numbers_tried=[
            NumberOfGroups(
                groups=each.groups,
                gain=each.gain,
                spread=each.continuum_spread,
                stability=min(each.stability),
                chosen=each is grouping.chosen,
            )
            for each in grouping.candidates
        ],
        required=grouping.settings.required_stability,
    )


def group_profiles(analysis: Analysis, result: StudyResult) -> FigureBlock:
    """How far each group lies from the average in each measure, as its table shows it."""
    table = result.table("distances")
    rows = [
        ProfileRow(
            label=str(row[0]),
            values=[None if cell is None else float(cell) for cell in row[1:]],
        )
        for row in table.rows
    ]
    return profile_figure(
        id="group_profiles",
        title="What sets the groups apart",
        caption="Each mark is a group's mean, in standard deviations from the average of everybody (the line at zero). "
        "These measures made the groups, so that distances are description and carry no test.",
        source=["distances"],
        rows=rows,
        groups=[group.label for group in analysis.groups],
    )
