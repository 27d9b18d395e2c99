"""Whether texts follow bookings: a sign, where nobody who sends looks at them, that they follow what is not recorded.

What makes people book and is recorded nowhere shows in their last booking. Given all else that is recorded, texts then
go with it, as they would not otherwise (a negative control, in the manner of Lipsitch, Tchetgen Tchetgen and Cohen
2010, Epidemiology 21). Who does look at bookings makes texts follow them as well, and is allowed for by the models.
"""

from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from workbench.message_load.causal.panel import HAD_BOOKED, Panel, Real
from workbench.message_load.causal.settings import CausalSettings
from workbench.message_load.causal.weights import Treatment
from workbench.message_load.estimate import Estimate


def odds_after_booking(
    panel: Panel, treatment: Treatment, replicates: Sequence[Treatment], settings: CausalSettings
) -> Estimate | None:
    """The odds ratio of one more text in a week, for who had booked in the week before against who had not.

    The odds of any text, and of one more after each, are pooled by their precision.

    Args:
        panel: the person-weeks.
        treatment: models of treatment of everybody.
        replicates: the same of bootstrap samples of patients.
        settings: the level of the interval.

    Returns:
        the ratio with its interval; None where nobody, or everybody, had booked in the week before.
    """
    if np.ptp(panel.state["had_booked"]) == 0:
        return None
    point, draws = _after_booking(treatment), np.array([_after_booking(each) for each in replicates])
    precision = 1 / np.maximum(draws.var(axis=0, ddof=1), 1e-12)
    weight = precision / precision.sum()
    wide = student.ppf((1 + settings.level) / 2, len(draws) - 1) * (draws @ weight).std(ddof=1)
    value = float(point @ weight)
    return Estimate(*(float(np.exp(each)) for each in (value, value - wide, value + wide)))


def _after_booking(treatment: Treatment) -> Real:
    """Log odds ratios of any text, and of one more after each, (2,)."""
    return np.array([treatment.any[HAD_BOOKED], treatment.more[HAD_BOOKED]])
