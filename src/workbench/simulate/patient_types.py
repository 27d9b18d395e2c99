"""Types of patients: manners of booking and attending that people share, planted so that a study can find them.

Nothing in the tables names a type. With a separation of 0 there are none: people then differ along continua alone.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.simulate.columns import words
from workbench.simulate.randomness import Index, Real, Streams, choose

TYPES = ("steady", "on the spur", "drifting")
TYPE_SHARES = np.array([0.45, 0.30, 0.25])
# How far each type lies from the average person, per unit of separation; columns follow TYPES.
BOOKING = np.array([0.15, 0.10, -0.35])  # log rate of bookings
LEAD = np.array([0.25, -1.10, 0.20])  # log of the days booked ahead
REMOTE = np.array([-1.50, 2.00, -0.80])  # log odds of video or phone
PATIENCE = np.array([0.60, -0.90, 0.00])  # log of the time until a booking is called off
RELUCTANCE = np.array([-0.55, -0.15, 0.75])  # on the scale of avoiding
ANSWERING = np.array([0.80, 0.30, -1.20])  # on the scale of confirming


@dataclass(frozen=True)
class Manners:
    """Each person's type, and what it adds to the average person's behavior; all zero where separation is 0."""

    type: Index
    booking: Real
    lead: Real
    remote: Real
    patience: Real
    reluctance: Real
    answering: Real


def draw_manners(streams: Streams, size: int, separation: float) -> Manners:
    """Types for `size` people, and their manners at a separation (0: none, 1: the designed distance).

    Rates of bookings keep their mean over the types: whatever the separation, about as much is booked.
    """
    kind = choose(streams.of("patient types"), TYPE_SHARES, size)
    booking = separation * BOOKING
    booking = booking - np.log(TYPE_SHARES @ np.exp(booking))
    return Manners(
        type=kind,
        booking=booking[kind],
        lead=separation * LEAD[kind],
        remote=separation * REMOTE[kind],
        patience=separation * PATIENCE[kind],
        reluctance=separation * RELUCTANCE[kind],
        answering=separation * ANSWERING[kind],
    )


def types_table(patient_ids: pa.Array, manners: Manners) -> pa.Table:
    """Who is of which type: `patient_id` and `type`. It is no canonical table, and no study may read it."""
    return pa.table({"patient_id": patient_ids, "type": words(manners.type, TYPES)})
