"""How well a sampler did: draws that fail here are not read."""

from collections.abc import Sequence
from dataclasses import dataclass

import arviz as az
import xarray as xr


@dataclass(frozen=True)
class Diagnostics:
    """How well the sampler did: the worst value over all parameters and chains."""

    r_hat: float
    ess_bulk: float
    ess_tail: float
    divergences: int
    e_bfmi: float

    @property
    def sound(self) -> bool:
        """Whether the draws may be read: R-hat < 1.01, ESS > 400, no divergences, E-BFMI > 0.3.

        Reference: Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021; Betancourt 2016 for E-BFMI.
        """
        return (
            self.r_hat < 1.01
            and min(self.ess_bulk, self.ess_tail) > 400
            and self.divergences == 0
            and self.e_bfmi > 0.3
        )


def diagnose(trace: xr.DataTree, parameters: Sequence[str]) -> Diagnostics:
    """The sampler's diagnostics by ArviZ, at their worst over the named parameters.

    Args:
        trace: from `sample`, with the groups posterior and sample_stats.
        parameters: names of the model's free parameters; what is computed from them is left out, since a
            transformation that is constant has no R-hat.
    """
    summary = az.summary(trace, var_names=list(parameters), kind="diagnostics", round_to="none")
    return Diagnostics(
        r_hat=float(summary["r_hat"].max()),
        ess_bulk=float(summary["ess_bulk"].min()),
        ess_tail=float(summary["ess_tail"].min()),
        divergences=int(trace["sample_stats"]["diverging"].sum()),
        e_bfmi=float(az.bfmi(trace)["energy"].min()),
    )
