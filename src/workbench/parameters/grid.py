"""A grid: one parameter set that stands for several, one for each combination of some of its values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import prod
from typing import Any

from workbench.parameters.base import StudyParameters
from workbench.parameters.reading import KeyPath
from workbench.parameters.validation import Where, given_in_words, validated
from workbench.refusal import Fault, Refused, nearest

GRID = "grid"
MOST_FIELDS = 3
MOST_COMBINATIONS = 64


@dataclass(frozen=True)
class Combination:
    """One combination of a grid: the values it sets, by field as written, and the parameters they make."""

    values: Mapping[str, Any]
    parameters: StudyParameters


def combinations(
    values: Mapping[str, Any],
    model: type[StudyParameters],
    where: Where,
    today: date,
    as_of: date | None,
) -> tuple[Combination, ...]:
    """Every combination of a parameter set's grid, the last field varying fastest.

    Args:
        values: of the file, with the key `grid`: fields of the study's own, each with a list of values.
        model: of the study.
        where: words for the place of a value.
        today: the day from which rules of `as_of` are resolved.
        as_of: a date that takes the place of the file's own.

    Raises:
        Refused: with every fault of the grid, or of any combination.
    """
    grid = values[GRID]
    faults = _faults(grid, values, model, where)
    if faults:
        raise Refused(*faults)
    rest = {key: value for key, value in values.items() if key != GRID}
    made = []
    for entries in product(*(enumerate(listed) for listed in grid.values())):
        places = {field: at for field, (at, _) in zip(grid, entries, strict=True)}
        chosen = {field: value for field, (_, value) in zip(grid, entries, strict=True)}
        try:
            parameters = validated(model, rest | chosen, _in_grid(where, places), today=today, as_of=as_of)
        except Refused as refused:
            faults += refused.faults
        else:
            made.append(Combination(chosen, parameters))
    if faults:
        # What is wrong with one value is wrong in every combination that holds it.
        raise Refused(*dict.fromkeys(faults))
    return tuple(made)


def _in_grid(where: Where, places: Mapping[str, int]) -> Where:
    """Words for places of a combination, of which some values stand in the grid."""

    def place(path: KeyPath) -> str:
        if path and path[0] in places:
            return where((GRID, path[0], places[str(path[0])], *path[1:]))
        return where(path)

    return place


def _faults(grid: object, values: Mapping[str, Any], model: type[StudyParameters], where: Where) -> list[Fault]:
    own = [name for name in model.model_fields if name not in StudyParameters.model_fields]
    if not isinstance(grid, dict) or not 1 <= len(grid) <= MOST_FIELDS:
        what = f"{given_in_words(grid)} of {len(grid)} was given." if isinstance(grid, dict) else None
        mend = f"Write 1 to {MOST_FIELDS} of the study's own keys, each with a list of values."
        return [Fault(where((GRID,)), what or f"{given_in_words(grid)} was given.", mend)]
    faults = []
    for field, listed in grid.items():
        place = where((GRID, field))
        if field not in own:
            what = "a grid takes the study's own keys alone, and this is none of them."
            faults.append(Fault(place, what, f"Use one of {', '.join(own)}.{nearest(str(field), own)}"))
        elif field in values:
            faults.append(Fault(place, "this key stands outside the grid too.", "Remove it there."))
        if not isinstance(listed, list) or not listed:
            faults.append(Fault(place, f"{given_in_words(listed)} was given.", "Write a list of values."))
        elif len({json.dumps(value, default=str) for value in listed}) < len(listed):
            faults.append(Fault(place, "a value stands in it more than once.", "Write each value once."))
    if not faults:
        number = prod(len(listed) for listed in grid.values())
        if not 2 <= number <= MOST_COMBINATIONS:
            mend = f"Write lists whose lengths give 2 to {MOST_COMBINATIONS} when multiplied."
            faults.append(Fault(where((GRID,)), f"it makes {number} combinations.", mend))
    return faults
