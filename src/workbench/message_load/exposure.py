"""Cells of texts as the arrays that the hazard model is fed, padded to few shapes so that few are compiled for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from workbench.message_load.bands import LOAD

Reals = NDArray[np.float64]
# What a text meets: load, earlier load, texts before, time since consent, and whose it is.
STATE = ("load", "earlier", "before", "tenure", "segment")
# Arrays come in so many states and settings at a time.
STATES, SETTINGS = 512, 8
# More segments are put together, the smallest first.
SEGMENTS = 8
OTHERS = "others"


@dataclass(frozen=True)
class Exposure:
    """Texts and opt-outs in arrays, padded by states and settings without texts.

    A setting is a campaign of a kind, at a part of the day.

    Attributes:
        segments: the words of the segments, the largest first; at most `SEGMENTS`.
        states: (states, 5), the places of the bands of `STATE`.
        settings: (settings, 3), the places of the kind, of the part of the day, and of the campaign.
        texts, opt_outs: (states, settings).
        before: (states, bands of load), mean number of a person's earlier texts in each band of load.
    """

    segments: tuple[str, ...]
    states: NDArray[np.int64]
    settings: NDArray[np.int64]
    texts: Reals
    opt_outs: Reals
    before: Reals

    @property
    def number_before(self) -> Reals:
        """(states,): mean number of earlier texts."""
        return np.asarray(self.before.sum(axis=1))

    @property
    def log_before(self) -> Reals:
        """(states,): mean of log(1 + i) over a person's earlier texts i = 0, 1, …, which is log(n!) / n."""
        number = self.number_before
        return np.where(number > 0, gammaln(number + 1) / np.maximum(number, 1e-12), 0.0)

    def texts_at(self, load: int) -> Reals:
        """(settings,): texts in a band of load."""
        return np.asarray(self.texts[self.states[:, 0] == load].sum(axis=0))


def exposure_of(cells: pd.DataFrame) -> Exposure:
    """The arrays of the cells.

    Args:
        cells: of `LoadCounts`.
    """
    sizes = cells.groupby("segment")["texts"].sum().sort_values(ascending=False, kind="stable")
    words = tuple(sizes.index)
    places = {word: min(place, SEGMENTS - 1) for place, word in enumerate(words)}
    cells = cells.assign(segment=cells["segment"].map(places))
    states, state = np.unique(cells[list(STATE)].to_numpy(np.int64), axis=0, return_inverse=True)
    cells["campaign"] = np.unique(cells["campaign"].to_numpy(str), return_inverse=True)[1]
    settings, setting = np.unique(
        cells[["kind", "hour", "campaign"]].to_numpy(np.int64), axis=0, return_inverse=True
    )
    shape = _padded(len(states), STATES), _padded(len(settings), SETTINGS)
    texts, opt_outs = np.zeros(shape), np.zeros(shape)
    np.add.at(texts, (state, setting), cells["texts"].to_numpy(np.float64))
    np.add.at(opt_outs, (state, setting), cells["opt_outs"].to_numpy(np.float64))
    sums = np.zeros((shape[0], len(LOAD)))
    np.add.at(sums, state, cells[[f"before_{band}" for band in range(len(LOAD))]].to_numpy(np.float64))
    return Exposure(
        segments=words if len(words) <= SEGMENTS else (*words[: SEGMENTS - 1], OTHERS),
        states=_with_rows(states, shape[0]),
        settings=_with_rows(settings, shape[1]),
        texts=texts,
        opt_outs=opt_outs,
        before=sums / np.maximum(texts.sum(axis=1), 1.0)[:, None],
    )


def _padded(number: int, block: int) -> int:
    return -(-number // block) * block


def _with_rows(rows: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    return np.vstack([rows, np.zeros((number - len(rows), rows.shape[1]), np.int64)])
