"""Some of the people of a feature frame, some of them twice where a sample is drawn with replacement."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.segments.features import FeatureFrame


def picked(frame: FeatureFrame, rows: NDArray[np.int64]) -> FeatureFrame:
    """The frame of these rows, in this order, on the same scale."""
    return replace(
        frame,
        patient_ids=frame.patient_ids[rows],
        values=frame.values.iloc[rows],
        scaled=frame.scaled[rows],
        categories=frame.categories[rows],
        recorded=frame.recorded.iloc[rows] if len(frame.recorded) else frame.recorded,
        measured=tuple(
            how and replace(how, events=how.events[rows], trials=how.trials[rows]) for how in frame.measured
        ),
    )
