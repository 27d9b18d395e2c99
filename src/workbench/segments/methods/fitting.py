"""Fitting any of the methods, and making a saved model again."""

from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from workbench.refusal import Fault, Refused
from workbench.segments.features import FeatureFrame
from workbench.segments.methods import density, k_means, latent_class, mixture
from workbench.segments.methods.centers import NearestCenter
from workbench.segments.methods.clinical_rules import ClinicalRules
from workbench.segments.methods.interface import (
    Fitted,
    GroupModel,
    Method,
    by_size,
    renumbered,
)
from workbench.segments.parameters import TAKE_CATEGORIES, TAKE_MISSING

# The matrices are small: more threads gain little alone, and wait for each other where anything else is running.
THREADS = 1

FIT_IN_WORDS: dict[str, str] = {
    "mixture": mixture.FIT,
    "k_means": k_means.FIT,
    "latent_class": latent_class.FIT,
    "density": density.FIT,
}

_FIT: dict[str, Callable[[FeatureFrame, int, int], Fitted]] = {
    "mixture": mixture.fit_mixture,
    "k_means": k_means.fit_k_means,
    "latent_class": latent_class.fit_latent_classes,
    "density": density.fit_density,
}

_MODELS: dict[str, Callable[[dict[str, Any]], GroupModel]] = {
    "mixture": mixture.Mixture.from_json,
    "k_means": NearestCenter.from_json,
    "latent_class": latent_class.LatentClasses.from_json,
    "density": NearestCenter.from_json,
    "rules": ClinicalRules.from_json,
}


def fit_groups(method: Method, frame: FeatureFrame, groups: int, seed: int) -> Fitted:
    """Fit a model of `groups` groups (2 or more), numbered from the largest.

    Args:
        method: any but "rules", which are written and not fitted.
        frame: from `feature_frame`.
        groups: how many groups.
        seed: of the starts.

    Raises:
        Refused: fewer people who differ than groups; or measures the method cannot take.
    """
    refuse_unfit(method, frame, groups)
    with threadpool_limits(limits=THREADS):
        fitted = _FIT[method](frame, groups, seed)
    order, _ = by_size(fitted.labels, fitted.model.groups)
    return Fitted(fitted.model.ordered(order.tolist()), renumbered(fitted.labels, order), fitted.fit)


def model_from_json(values: dict[str, Any]) -> GroupModel:
    """The model whose `to_json` gave these values."""
    return _MODELS[values["method"]](values)


def refuse_unfit(method: Method, frame: FeatureFrame, groups: int) -> None:
    """Refuse what a method cannot group.

    Raises:
        Refused: with one fault for each thing that is wrong.
    """
    faults = []
    if frame.categories.shape[1] and method not in TAKE_CATEGORIES:
        what = f"{method} takes no measure that is a category."
        faults.append(Fault("method", what, "Choose latent_class, or leave out the families that hold one."))
    missing = int(np.isnan(frame.scaled).any(axis=0).sum())
    if missing and method not in TAKE_MISSING:
        what = f"{method} needs every measure of everybody, and {missing} are not known of some people."
        faults.append(Fault("method", what, "Choose latent_class, or leave out the families that hold them."))
    if _too_few(frame, groups):
        what = f"fewer people who differ from each other are left than the {groups} groups that are tried."
        mend = "Choose a smaller groups_to, a longer lookback_days, or a smaller least_appointments."
        faults.append(Fault("groups_to", what, mend))
    if faults:
        raise Refused(*faults)


def _too_few(frame: FeatureFrame, groups: int) -> bool:
    """Whether fewer than `groups` people, or so few different ones, are there."""
    together = np.column_stack([frame.scaled, frame.categories])
    # Looking at the first thousand is enough to find a dozen who differ, where they are not all alike.
    return len(np.unique(together[:1_000], axis=0)) < groups and len(np.unique(together, axis=0)) < groups
