"""What counts must be before a model sees them; a model that is fed others would answer all the same."""

import numpy as np
from numpy.typing import NDArray

from workbench.refusal import Fault

Counts = NDArray[np.int64]


def faults_of_counts(where: str, people: Counts, events: Counts, **others: Counts) -> list[Fault]:
    """What is wrong with counts of people, and of those among them with an event.

    Args:
        where: what is counted, in a word.
        people, events: of one shape.
        others: further counts of that shape, by name.
    """
    counts = (people, events, *others.values())
    if not all(np.issubdtype(array.dtype, np.integer) for array in counts):
        what = "some counts are fractions, or not numbers."
        return [Fault(where, what, "Bring whole numbers, 0 where nobody was counted.")]
    if any((array < 0).any() for array in counts):
        return [Fault(where, "some counts are negative.", "Count people, each once; nobody is 0.")]
    if (events > people).any():
        what = "some cells have more people with an event than people."
        return [Fault(where, what, "Count people with an event, each once, among the people of the same cell.")]
    return []
