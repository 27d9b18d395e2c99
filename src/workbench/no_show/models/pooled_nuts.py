"""The pooled regression in PyMC, sampled by NUTS: slower than Laplace, and what Laplace is checked against."""

from functools import cache

import numpy as np
import pymc as pm

from workbench.no_show.models.pooled_posterior import (
    INTERCEPT,
    SPREAD_SD,
    WEIGHT_SD,
    PooledPosterior,
    PooledRows,
)
from workbench.refusal import Fault, Refused
from workbench.sampling.nuts import CompiledModel, Draws, Effort, Numbers, compile_model, sample

EFFORT = Effort(chains=4, draws=1000, tune=1000, target_accept=0.95)
# Data come padded to a multiple of these, so that one compilation serves all blocks of about the same size.
ROWS, COLUMNS, CLINICS = 1000, 16, 16


def pooled_model(rows: int, columns: int, clinics: int) -> pm.Model:
    """The model of `pooled_posterior`, its data padded: rows that weigh 0, columns of zeros, clinics without rows.

    Args:
        rows, columns, clinics: how many of each the compiled model takes.
    """
    with pm.Model() as model:
        design = pm.Data("design", np.zeros((rows, columns)))
        clinic = pm.Data("clinic", np.zeros(rows, dtype=np.int64))
        outcome = pm.Data("outcome", np.zeros(rows))
        weighs = pm.Data("weighs", np.zeros(rows))
        intercept = pm.Normal("intercept", *INTERCEPT)
        weight = pm.Normal("weight", 0.0, WEIGHT_SD, shape=columns)
        spread = pm.HalfNormal("spread", SPREAD_SD)
        standard = pm.Normal("standard", 0.0, 1.0, shape=clinics)
        offset = pm.Deterministic("offset", spread * standard)
        log_odds = intercept + design @ weight + offset[clinic]
        pm.Potential("observed", (weighs * (outcome * log_odds - pm.math.log1pexp(log_odds))).sum())
    return model


def pooled_data(rows: PooledRows) -> dict[str, Numbers]:
    """The model's data, padded."""
    more = -len(rows.outcome) % ROWS
    return {
        "design": np.pad(rows.columns, ((0, more), (0, -rows.columns.shape[1] % COLUMNS))),
        "clinic": np.pad(rows.clinic, (0, more)),
        "outcome": np.pad(rows.outcome, (0, more)),
        "weighs": np.pad(np.ones(len(rows.outcome)), (0, more)),
    }


def nuts(rows: PooledRows, seed: int, effort: Effort = EFFORT) -> PooledPosterior:
    """The posterior's moments, by sampling.

    Raises:
        Refused: the sampler's diagnostics do not hold, so that its draws may not be read.
    """
    data = pooled_data(rows)
    height, width = data["design"].shape
    draws = sample(_compiled(height, width, -(-rows.clinics // CLINICS) * CLINICS), data, seed, effort)
    if not draws.diagnostics.sound:
        raise Refused(
            Fault(
                "pooled model",
                "its sampler did not converge, so that its draws are not read.",
                'Set posterior: "laplace", which needs no sampler.',
            )
        )
    return _moments(draws, rows)


@cache
def _compiled(rows: int, columns: int, clinics: int) -> CompiledModel:
    return compile_model(pooled_model(rows, columns, clinics))


def _moments(draws: Draws, rows: PooledRows) -> PooledPosterior:
    width = rows.columns.shape[1]
    drawn = np.column_stack(
        [draws.of("intercept"), draws.of("weight")[:, :width], draws.of("offset")[:, : rows.clinics]]
    )
    spread = draws.of("spread")
    return PooledPosterior(
        drawn.mean(axis=0), np.cov(drawn, rowvar=False), float(spread.mean()), float(spread.std())
    )
