"""How often a continuum would have shown as much, when several numbers of groups are tried at once."""

import numpy as np
from numpy.typing import NDArray


def chance_of_fits(fits: NDArray[np.float64], on_continua: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each number of groups, how often the best number does as well on a continuum.

    Fits are compared as standardized excesses over the continua, and the largest of a continuum's excesses is the
    yardstick for all (Westfall and Young, *Resampling-Based Multiple Testing*, 1993), so that trying many numbers
    does not raise the chance of claiming groups.

    Args:
        fits: (numbers,) on the data.
        on_continua: (draws, numbers) on continua.

    Returns:
        (numbers,) (1 + exceedances) / (1 + draws).
    """
    # The data count among the draws here, so that under a continuum none of them stands out by how it is compared.
    everything = np.vstack([fits, on_continua])
    center, spread = everything.mean(axis=0), np.maximum(everything.std(axis=0, ddof=1), 1e-12)
    yardstick = ((on_continua - center) / spread).max(axis=1)
    excess = (fits - center) / spread
    return (1 + (yardstick[:, None] >= excess[None, :]).sum(axis=0)) / (1 + len(on_continua))
