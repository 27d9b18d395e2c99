"""Where a value may have several forms, the errors of the form that it comes nearest to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]

# How far an error tells that another form was meant: wholly, in a key, or hardly.
OTHER_FORM, OTHER_KEY, OWN_FORM = 100.0, 1.0, 0.1


def nearest_forms(values: Mapping[str, Any], errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Pydantic's errors without those of forms that were not meant, and without what follows from others.

    Pydantic tells the errors of every form that a value was tried as, and names the form within their place. Of each
    value the form with the fewest unknown and missing keys counts; several where they are equally near. That a list
    is too short is left out where its entries are at fault, since those do not count for its length.
    """
    left = [error for error in errors if not _follows(error, errors)]
    for place in sorted({place for error in left for place, _ in _forms(values, error)}, key=len):
        distances: dict[str | int, float] = defaultdict(float)
        for error in left:
            form = dict(_forms(values, error)).get(place)
            if form is not None:
                distances[form] += _distance(place, error)
        if distances:
            meant = {form for form, far in distances.items() if far == min(distances.values())}
            left = [error for error in left if dict(_forms(values, error)).get(place) in (None, *meant)]
    return left


def _follows(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    # A default that is made from another value cannot be made where that value is at fault.
    if error["type"] == "default_factory_not_called":
        return True
    place = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in errors
    )


def _forms(values: Mapping[str, Any], error: ErrorDetails) -> list[tuple[Place, str | int]]:
    """The places on the way to an error at which a form was tried, each with that form's name."""
    forms: list[tuple[Place, str | int]] = []
    at: Any = values
    for depth, step in enumerate(error["loc"]):
        try:
            at = at[step]
        except (LookupError, TypeError):
            missing = error["type"] == "missing" and depth == len(error["loc"]) - 1
            if not missing and step != "[key]":
                forms.append((error["loc"][:depth], step))
    return forms


def _distance(place: Place, error: ErrorDetails) -> float:
    if error["type"] in ("missing", "extra_forbidden"):
        return OTHER_KEY
    whole = len(error["loc"]) == len(place) + 1
    return OTHER_FORM if whole and error["type"] != "value_error" else OWN_FORM
