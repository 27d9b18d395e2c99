"""Bayesian logistic regression on `Design`, with clinics partially pooled."""

from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from workbench.no_show.models.design import Design
from workbench.no_show.models.interface import NOT_RECORDED, refuse_one_class
from workbench.no_show.models.pooled_laplace import laplace
from workbench.no_show.models.pooled_posterior import PooledRows

Real = NDArray[np.float64]
Index = NDArray[np.int64]

# So many appointments, drawn by lot, say nearly as much of the weights as all, and are sampled in minutes.
MOST_ROWS = 20_000
# Appointments are predicted so many at a time, for their columns are dense.
AT_A_TIME = 50_000


class PooledLogistic:
    """Learns from at most `MOST_ROWS` appointments; a clinic never seen in training gets the mean of all.

    Args:
        seed: of the appointments drawn, and of the sampler.
        posterior: "laplace" by default; "nuts" samples.
    """

    def __init__(self, seed: int, posterior: Literal["laplace", "nuts"] = "laplace") -> None:
        self.seed = seed
        self.by = posterior

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn the posterior."""
        refuse_one_class("training", rows)
        rows = rows if len(rows) <= MOST_ROWS else rows.sample(MOST_ROWS, random_state=self.seed)
        self.design = Design().fit(rows)
        self.clinics = sorted(_clinics(rows).unique())
        fed = PooledRows(
            columns=self.design.columns(rows).toarray(),
            clinic=self._places(rows),
            clinics=len(self.clinics),
            outcome=rows["no_show"].to_numpy(float),
        )
        if self.by == "nuts":
            # PyMC takes seconds to import, which who needs no sampler should not wait for.
            from workbench.no_show.models.pooled_nuts import nuts  # noqa: PLC0415

            self.posterior = nuts(fed, self.seed)
        else:
            with threadpool_limits(limits=1):
                self.posterior = laplace(fed)
        return self

    def probability(self, rows: pd.DataFrame) -> Real:
        """The posterior mean of each probability, shape (n,)."""
        pieces = [rows.iloc[start : start + AT_A_TIME] for start in range(0, len(rows), AT_A_TIME)]
        with threadpool_limits(limits=1):
            return np.concatenate([np.empty(0), *map(self._of_piece, pieces)])

    @property
    def parameters(self) -> int:
        """Weights, and offsets of clinics."""
        return len(self.posterior.mean) - 1

    def _of_piece(self, rows: pd.DataFrame) -> Real:
        return self.posterior.probability(self.design.columns(rows).toarray(), self._places(rows))

    def _places(self, rows: pd.DataFrame) -> Index:
        return pd.Index(self.clinics).get_indexer(_clinics(rows)).astype(np.int64)


def _clinics(rows: pd.DataFrame) -> pd.Series:
    return rows["clinic_id"].fillna(NOT_RECORDED).astype(str)
