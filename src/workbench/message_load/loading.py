"""All that a study of message load brings into memory: counts of texts, and weeks of people drawn at random."""

from dataclasses import dataclass

from workbench.message_load.causal.analysis import CausalData, load_causal
from workbench.message_load.counts import LoadCounts, load_counts
from workbench.message_load.parameters import MessageLoad
from workbench.tables.known import KnownTables


@dataclass(frozen=True)
class LoadData:
    """What the risk per text is estimated from, and what the effect of a load kept up is."""

    counts: LoadCounts
    causal: CausalData


def load_data(known: KnownTables, settings: MessageLoad) -> LoadData:
    """Count texts and opt-outs, and follow people week by week, as known by `known.as_of`.

    Raises:
        Refused: no text is left, nobody was followed for four weeks, or the source records no consent or no time.
    """
    return LoadData(load_counts(known, settings), load_causal(known, settings.causal))
