"""The map of the groups: its table, its figure, and its directions in words."""

from workbench.present.blocks import FigureBlock
from workbench.present.disclosure import Profile
from workbench.present.map_figures import Directions, MappedGroup, map_figure
from workbench.present.result import Cell, Column, StudyResult, Table
from workbench.segments.analysis import Analysis
from workbench.segments.reading.group_map import Axis, GroupMap

PLACES = ("right", "up", "longer", "shorter", "angle")
UNNAMED = "no one measure"


def map_table(analysis: Analysis, found: GroupMap, profile: Profile) -> Table:
    """Where each group lies on the map, and how far it spreads."""
    rows: list[list[Cell]] = []
    for group, place in zip(analysis.groups, found.places, strict=True):
        values: list[Cell] = [place.x, place.y, place.longer, place.shorter, place.angle]
        rows.append([group.letter, *([None] * len(values) if profile.is_few(group.people) else values)])
    return Table(
        id="group_map",
        caption="Where the groups lie on the map",
        columns=[
            Column(name="group", title="Group", kind="label"),
            *(
                Column(name=name, title=title, kind="estimate", unit=unit, digits=digits)
                for name, title, unit, digits in (
                    ("right", "To the right", "", 2),
                    ("up", "Upward", "", 2),
                    ("longer", "Longer half axis", "", 2),
                    ("shorter", "Shorter half axis", "", 2),
                    ("angle", "Turned", "degrees", 0),
                )
            ),
        ],
        rows=rows,
        groups="none",
        note="In standard deviations of people within groups. An ellipse would hold half of its group's people if they "
        "were spread like a normal distribution.",
    )


def group_map(analysis: Analysis, result: StudyResult) -> FigureBlock | None:
    """The map, from its table; None where there is none, or no group of it may be shown."""
    found = analysis.group_map
    if found is None:
        return None
    groups = [
        None
        if None in row
        else MappedGroup(group.label, *(float(cell) for cell in row[1:] if cell is not None))
        for group, row in zip(analysis.groups, result.table("group_map").rows, strict=True)
    ]
    if not any(groups):
        return None
    across, upward = found.axes
    second = (
        ""
        if upward.discriminates
        else " The groups do not differ from below to above, where people differ most "
    )
    second += "" if upward.discriminates else "besides."
    return map_figure(
        id="group_map",
        title="How near the groups lie to each other",
        caption="Each mark is a group's middle, and its ellipse holds about half of its people; nobody is drawn. The "
        "two directions are those in which the groups lie farthest apart for how much people differ within them; what "
        f"they mean stands at their ends.{second} Lines cross at the average of everybody.",
        source=["group_map"],
        groups=groups,
        directions=Directions(*_ends(across), *_ends(upward)),
    )


def _ends(axis: Axis) -> tuple[str, str]:
    return ", ".join(axis.low) or UNNAMED, ", ".join(axis.high) or UNNAMED
