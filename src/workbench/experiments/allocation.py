"""Whether the arms are as large as the design says, each epoch by its own shares."""

import pandas as pd

from workbench.experiments.counting.counts import ExperimentCounts
from workbench.experiments.sequential import SampleRatio, sample_ratio_by_epoch


def assigned_ratio(counts: ExperimentCounts) -> SampleRatio:
    """Everybody enrolled against the design, each epoch by its own shares; clusters, where these were randomized."""
    allocation = _randomized(counts)
    return sample_ratio_by_epoch(*_by_epoch(allocation, "units"))


def triggered_ratio(counts: ExperimentCounts) -> SampleRatio | None:
    """Those whom the campaign sent a text against the design; None where the source does not tell, or an arm got none.

    Whoever is not sent a text for a reason that the arm gave is missing from one arm alone. Where clusters were
    randomized, those of which somebody was sent a text.
    """
    triggered = counts.allocation.groupby("arm")["triggered"].sum(min_count=1)
    if triggered.isna().any() or (triggered == 0).any():
        return None
    return sample_ratio_by_epoch(*_by_epoch(_randomized(counts), "triggered"))


def _randomized(counts: ExperimentCounts) -> pd.DataFrame:
    """Units and triggered by epoch and arm, with the designed share."""
    allocation = counts.allocation
    if counts.units.empty:
        return allocation.rename(columns={"people": "units"})
    # People of one cluster are no independent draws: arms differ in people by more than chance among people allows.
    return counts.units.merge(allocation[["epoch", "arm", "share"]], on=["epoch", "arm"])


def _by_epoch(allocation: pd.DataFrame, what: str) -> tuple[list[list[int]], list[list[float]]]:
    """Units and shares, a list for each epoch with one number for each arm."""
    units = allocation.pivot_table(index="epoch", columns="arm", values=what, aggfunc="sum", fill_value=0)
    shares = allocation.pivot_table(index="epoch", columns="arm", values="share", aggfunc="sum", fill_value=0)
    return units.astype("int64").to_numpy().tolist(), shares.to_numpy().tolist()
