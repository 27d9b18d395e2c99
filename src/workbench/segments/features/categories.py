"""Words of people as numbers that a model counts by."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# A word that fewer people share says little of groups, and something of these people.
FEWEST_OF_A_WORD = 20
# Groups are looked for among some thousands of people, of whom some must have each word.
LEAST_SHARE_OF_A_WORD = 0.01
OTHER = "other"
MISSING = -1


def words_of(column: pd.Series) -> tuple[str, ...]:
    """The words of a column in the order of the alphabet; those that few people share are one, and the last."""
    counts = column.value_counts()
    enough = counts >= max(FEWEST_OF_A_WORD, LEAST_SHARE_OF_A_WORD * counts.sum())
    kept = sorted(str(word) for word in counts.index[enough] if word != OTHER)
    return (*kept, OTHER) if counts.sum() > counts.reindex(kept).sum() else tuple(kept)


def places_of(column: pd.Series, words: tuple[str, ...]) -> NDArray[np.int64]:
    """The place of each person's word among the words, (n,): -1 where it is missing, or not among them.

    A word that is not among them counts as "other", where that is one.
    """
    places = pd.Index(words).get_indexer(column).astype(np.int64)
    if OTHER in words:
        places[(places == MISSING) & column.notna().to_numpy()] = words.index(OTHER)
    return places
