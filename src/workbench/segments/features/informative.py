"""Which features tell people apart: those that don't are refused, all of them at once."""

import numpy as np
import pandas as pd

from workbench.refusal import Fault, Refused
from workbench.segments.features.catalog import asked_categories, asked_features
from workbench.segments.features.categories import words_of
from workbench.segments.features.feature import Feature
from workbench.segments.features.measuring import is_known, numbers
from workbench.segments.parameters import Segmentation

# A feature whose differences between people are chance to more than nine tenths tells nobody apart.
LEAST_RELIABILITY = 0.1
FEWEST_PEOPLE = 2
NOTHING_KNOWN = "nothing is known of it for anybody."
THE_SAME = "it is the same for everybody, so that it tells nobody apart."


def refuse_nothing_asked(settings: Segmentation) -> None:
    """Refuse parameters that leave out every feature of the families they name."""
    if not asked_features(settings) and not asked_categories(settings):
        what = f"no feature of the families {', '.join(settings.features)} is left."
        raise Refused(Fault("leave_out", what, "Leave fewer of them out."))


def refuse_uninformative(rows: pd.DataFrame, settings: Segmentation) -> None:
    """Refuse a yardstick of too few people, and features that are constant or all missing.

    Args:
        rows: `People.rows`.
        settings: the parameters.

    Raises:
        Refused: with a fault for each; or no feature is asked for.
    """
    refuse_nothing_asked(settings)
    if len(rows) < FEWEST_PEOPLE:
        what = f"a yardstick is made of at least {FEWEST_PEOPLE} people, and fewer are left."
        raise Refused(Fault("features", what, "Choose a later as_of, or a smaller least_appointments."))
    found = [
        *((each.name, each.family, _lack(each, rows)) for each in asked_features(settings)),
        *(
            (each.name, each.family, _lack_of_words(rows[each.column], settings))
            for each in asked_categories(settings)
        ),
    ]
    faults = [
        Fault(
            f'feature "{name}" of the family {family}',
            lack,
            f"Name it under leave_out, or look further back than {settings.lookback_days} days.",
        )
        for name, family, lack in found
        if lack
    ]
    if faults:
        raise Refused(*faults)


def _lack(feature: Feature, rows: pd.DataFrame) -> str | None:
    known = is_known(feature, rows)
    if not known.any():
        return NOTHING_KNOWN
    values = numbers(rows, feature.events)[known]
    if feature.trials is not None:
        values = values / numbers(rows, feature.trials)[known]
    return THE_SAME if np.ptp(values) < 1e-9 else None


def _lack_of_words(column: pd.Series, settings: Segmentation) -> str | None:
    if column.isna().all():
        return NOTHING_KNOWN
    # Rules ask of words as they are recorded, however few people share them.
    words = column.nunique() if settings.method == "rules" else len(words_of(column))
    return THE_SAME if words < 2 else None
