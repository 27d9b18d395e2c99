"""Sampling by nutpie: a model is compiled once, and fed its counts as data.

A model takes its counts as `pm.Data` of a fixed shape; cells without people pad it and say nothing. It also keeps
two deterministic quantities, by `keep_densities`: what calibration ranks and what power-scaling perturbs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import nutpie
import pymc as pm
import xarray as xr
from numpy.typing import NDArray
from pytensor.tensor.variable import TensorVariable

from workbench.sampling.diagnostics import Diagnostics, diagnose

LOG_LIKELIHOOD = "log_likelihood"
LOG_PRIOR = "log_prior"

Report = Callable[[str], None]
Numbers = NDArray[np.int64] | NDArray[np.float64]

# How often a wait for the sampler ends, so that an interrupt is heard and progress told; seconds.
_LISTENING = 0.2


@dataclass(frozen=True)
class Effort:
    """How much is sampled: chains, draws and tuning draws of each, and the acceptance rate that tuning aims at.

    `correlated` lets tuning learn which parameters go together, where some are hard to tell apart.
    """

    chains: int = 4
    draws: int = 3000
    tune: int = 1500
    target_accept: float = 0.99
    correlated: bool = False


FULL = Effort()


@dataclass(frozen=True)
class CompiledModel:
    """A model made ready to sample, with the names of its free parameters and the shapes of its data."""

    nutpie: Any
    parameters: tuple[str, ...]
    shapes: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Draws:
    """What a model's sampler gave: draws by name, chains first, and how well it did."""

    trace: xr.DataTree
    parameters: tuple[str, ...]

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """How well the sampler did, over the model's free parameters; computed when first asked for."""
        return diagnose(self.trace, self.parameters)

    @property
    def divergences(self) -> int:
        """Transitions that diverged, in all chains."""
        return int(self.trace["sample_stats"]["diverging"].sum())

    def by_chain(self, name: str) -> NDArray[np.float64]:
        """Draws of a quantity, of shape (chains, draws, …)."""
        return np.asarray(self.trace["posterior"][name].values, dtype=np.float64)

    def of(self, name: str) -> NDArray[np.float64]:
        """Draws of a quantity with the chains one after another, of shape (chains * draws, …)."""
        draws = self.by_chain(name)
        return draws.reshape(-1, *draws.shape[2:])


def keep_densities(
    log_likelihood: TensorVariable, top_level: Sequence[TensorVariable], beside: TensorVariable | float = 0.0
) -> None:
    """Keep, within a model's context, the log likelihood and the log density of its top-level priors with each draw.

    Args:
        log_likelihood: the whole likelihood's log, a scalar.
        top_level: the parameters whose priors are stated in numbers, not by other parameters.
        beside: log density of further priors of that kind, where a parameter is of it in part.
    """
    pm.Deterministic(LOG_LIKELIHOOD, log_likelihood)
    pm.Deterministic(LOG_PRIOR, beside + sum(pm.logp(prior, prior).sum() for prior in top_level))


def compile_model(model: pm.Model) -> CompiledModel:
    """Compile a model, for the counts it holds and, through `sample`, any others of the same shapes."""
    return CompiledModel(
        nutpie=nutpie.compile_pymc_model(model),
        parameters=tuple(parameter.name for parameter in model.free_RVs),
        shapes={data.name: data.get_value().shape for data in model.data_vars},
    )


def sample(
    model: CompiledModel,
    data: Mapping[str, Numbers],
    seed: int,
    effort: Effort = FULL,
    report: Report | None = None,
) -> Draws:
    """Sample a compiled model's posterior.

    An interrupt ends the sampler and is raised: half a posterior is none.

    Args:
        model: from `compile_model`.
        data: the model's data by name, each of the shape it was compiled with.
        seed: the same seed and data give the same draws.
        effort: how much to sample.
        report: told what is being done, in words, from the calling thread.

    Raises:
        ValueError: for data of another name or shape.
    """
    shapes = {name: np.shape(values) for name, values in data.items()}
    if shapes != dict(model.shapes):
        raise ValueError(f"the data must have the shapes {dict(model.shapes)}, not {shapes}")
    tell = report or (lambda _: None)
    tell(f"sampling {effort.chains} chains of {effort.draws} draws")
    done: list[int] = [0]
    total = effort.chains * (effort.tune + effort.draws)
    sampler = nutpie.sample(
        model.nutpie.with_data(**data),
        draws=effort.draws,
        tune=effort.tune,
        chains=effort.chains,
        cores=min(effort.chains, 2),
        seed=seed,
        target_accept=effort.target_accept,
        adaptation="low_rank" if effort.correlated else "diag",
        save_warmup=False,
        progress_bar=False,
        progress_callback=lambda chains: done.append(sum(chain.finished_draws for chain in chains)),
        blocking=False,
    )
    trace = _finished(sampler, lambda: tell(f"sampled {done[-1] / total:.0%}"))
    return Draws(trace, model.parameters)


def _finished(sampler: Any, tell: Callable[[], None]) -> xr.DataTree:
    try:
        while True:
            try:
                return sampler.wait(timeout=_LISTENING)
            except TimeoutError:
                tell()
    except BaseException:
        # nutpie itself would hand over what it has by then, as if it were done.
        sampler.cancel()
        raise
