"""The figures a notebook can draw, in one place.

Each ready figure takes plain numbers, already in the unit of its axis, and gives a `FigureBlock`; where no
alternative text is given, it is made from the same numbers. Other figures start from `draw_figure`.
"""

from workbench.present.difference_figures import Density, IntervalRow, interval_figure, posterior_figure
from workbench.present.drawing import Form, draw_figure, plot_area, write
from workbench.present.flow_figures import Flow, flow_figure
from workbench.present.group_figures import (
    NumberOfGroups,
    ProfileRow,
    number_of_groups_figure,
    profile_figure,
)
from workbench.present.log_figures import (
    HourBar,
    ShareRow,
    WeekPanel,
    hours_figure,
    shares_figure,
    weeks_figure,
)
from workbench.present.probability_figures import Exceedance, exceedance_figure
from workbench.present.time_figures import Curve, accrual_figure, delay_figure

__all__ = [
    "Curve",
    "Density",
    "Exceedance",
    "Flow",
    "Form",
    "HourBar",
    "IntervalRow",
    "NumberOfGroups",
    "ProfileRow",
    "ShareRow",
    "WeekPanel",
    "accrual_figure",
    "delay_figure",
    "draw_figure",
    "exceedance_figure",
    "flow_figure",
    "hours_figure",
    "interval_figure",
    "number_of_groups_figure",
    "plot_area",
    "posterior_figure",
    "profile_figure",
    "shares_figure",
    "weeks_figure",
    "write",
]
