"""Whether the arms are as large as the design says, each epoch by its own shares."""

import pandas as pd

from workbench.experiments.counting.counts import ExperimentCounts
from workbench.experiments.sequential import SampleRatio, sample_ratio_by_epoch


def assigned_ratio(counts: ExperimentCounts) -> SampleRatio:
    """Everybody enrolled against the design, each epoch by its own shares."""
    allocation = counts.allocation
    return sample_ratio_by_epoch(*_by_epoch(allocation, "people"))


def triggered_ratio(counts: ExperimentCounts) -> SampleRatio | None:
    """Those whom the campaign sent a text against the design; None where the source does not tell, or an arm got none.

    Whoever is not sent a text for a reason that the arm gave is missing from one arm alone.
    """
    allocation = counts.allocation
    triggered = allocation.groupby("arm")["triggered"].sum(min_count=1)
    if triggered.isna().any() or (triggered == 0).any():
        return None
    return sample_ratio_by_epoch(*_by_epoch(allocation, "triggered"))


def _by_epoch(allocation: pd.DataFrame, what: str) -> tuple[list[list[int]], list[list[float]]]:
    """People and shares, a list for each epoch with one number for each arm."""
    people = allocation.pivot_table(index="epoch", columns="arm", values=what, aggfunc="sum", fill_value=0)
    shares = allocation.pivot_table(index="epoch", columns="arm", values="share", aggfunc="sum", fill_value=0)
    return people.astype("int64").to_numpy().tolist(), shares.to_numpy().tolist()
