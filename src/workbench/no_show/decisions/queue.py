"""One clinician, a session's patients, and time: who waits, when nobody is seen, and how late it gets.

Patients come at their appointed minute or not at all, and are seen in that order, each as long as drawn (a single
server; Zacharias and Pinedo 2014; LaGanga and Lawrence 2007).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Seen:
    """What came of sessions, in minutes.

    `wait` is of each appointment, 0 where nobody came; `late` says whose visit ended after the session; both of shape
    (..., appointments). `idle` (within the session) and `overtime` (after it) are of shape (...).
    """

    wait: Real
    late: Truth
    idle: Real
    overtime: Real


def see(due: Real, minutes: Real, came: Truth, length: Real) -> Seen:
    """Go through sessions whose appointments stand in the order in which they are seen.

    Args:
        due: minutes after the session's start, rising along the last axis.
        minutes: how long each visit takes.
        came: whether the patient came.
        length: minutes of each session; shape without the last axis.
    """
    free = np.zeros(came.shape[:-1])
    busy_within = np.zeros_like(free)
    wait, late = np.zeros(came.shape), np.zeros(came.shape, bool)
    for place in range(came.shape[-1]):
        here = came[..., place]
        begins = np.maximum(free, due[..., place])
        ends = begins + minutes[..., place]
        wait[..., place] = np.where(here, begins - due[..., place], 0.0)
        late[..., place] = here & (ends > length)
        within = np.minimum(ends, length) - np.minimum(begins, length)
        busy_within += np.where(here, within, 0.0)
        free = np.where(here, ends, free)
    return Seen(wait, late, length - busy_within, np.maximum(free - length, 0.0))
