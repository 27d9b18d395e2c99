"""From pydantic's errors to refusals: one sentence per fault that says where, what was given, what is allowed."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from workbench.parameters.allowed import allowed_in_words, choices_at, keys_at, takes
from workbench.parameters.branches import nearest_forms
from workbench.parameters.reading import KeyPath
from workbench.refusal import Fault, Refused, nearest

Where = Callable[[KeyPath], str]


class Unfit(ValueError):
    """What a model's validators raise to choose their own words, with one fault for each thing that is wrong.

    `where` of a fault is the key it is about, seen from the model or field that is validated ("" is that
    itself); file and line are found from it. A plain ValueError will do where no key needs naming: of a model
    its text is the sentence, of a field it is the clause after "… was given, but".
    """

    def __init__(self, *faults: Fault) -> None:
        super().__init__(" ".join(str(fault) for fault in faults))
        self.faults = faults


def validated[M: BaseModel](
    model: type[M],
    values: Mapping[str, Any],
    where: Where,
    today: date | None = None,
    as_of: date | None = None,
) -> M:
    """The model made from plain values, as strictly as if it were read from JSON.

    Lists stand for tuples and texts such as "2026-11-16" for dates; nothing else is converted.

    Args:
        model: A strict model; its validators see `today` and `as_of` in their context.
        values: Keys and values as read from a file or a notebook.
        where: Words for the place of a value.
        today: The day from which rules such as `last_monday` are resolved.
        as_of: A day that takes the place of the one given.

    Raises:
        Refused: with every fault.
    """
    text, faults = _as_json(values, where)
    if faults:
        raise Refused(*faults)
    try:
        return model.model_validate_json(text, context={"today": today, "as_of": as_of})
    except ValidationError as error:
        raise Refused(*faults_of(error, model, values, where)) from None


def faults_of(
    error: ValidationError, model: type[BaseModel], values: Mapping[str, Any], where: Where
) -> list[Fault]:
    """One fault for each place that pydantic found wrong, in the order of the model's fields."""
    by_place: dict[tuple[KeyPath, bool], list[ErrorDetails]] = {}
    for details in nearest_forms(values, error.errors(include_url=False)):
        path = _path_in(values, details)
        by_place.setdefault((path, details["type"] == "missing"), []).append(details)
    return [
        fault
        for (path, _), errors in by_place.items()
        for fault in _faults_at(path, errors, model, values, where)
    ]


def _as_json(values: Mapping[str, Any], where: Where) -> tuple[str, list[Fault]]:
    faults = []
    parts = {}
    for key, value in values.items():
        try:
            parts[key] = json.dumps(value, default=_date_text, ensure_ascii=False)
            parts[key].encode("utf-8")
        except (TypeError, ValueError, RecursionError):
            what = f"a value of the type {type(value).__name__} was given, or holds what no file can hold."
            mend = "Write numbers, text, true, false, null, dates, lists or groups of these."
            faults.append(Fault(where((key,)), what, mend))
    return "{" + ",".join(f"{json.dumps(key)}:{part}" for key, part in parts.items()) + "}", faults


def _date_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError


def _path_in(values: Mapping[str, Any], details: ErrorDetails) -> KeyPath:
    """The place an error is about, without the names of branches that pydantic puts between."""
    path: list[str | int] = []
    at: Any = values
    for step in details["loc"]:
        try:
            at = at[step]
        except (LookupError, TypeError):
            continue
        path.append(step)
    if details["type"] == "missing":
        path.append(details["loc"][-1])
    return tuple(path)


def _faults_at(
    path: KeyPath,
    errors: list[ErrorDetails],
    model: type[BaseModel],
    values: Mapping[str, Any],
    where: Where,
) -> Iterator[Fault]:
    kinds = {details["type"] for details in errors}
    reasons = [details["ctx"]["error"] for details in errors if details["type"] == "value_error"]
    own = [fault for reason in reasons if isinstance(reason, Unfit) for fault in reason.faults]
    if own:
        for fault in own:
            yield Fault(where((*path, fault.where) if fault.where else path), fault.what, fault.mend)
    elif kinds == {"extra_forbidden"} or any(details["loc"][-1:] == ("[key]",) for details in errors):
        yield _unknown_key(path, model, values, where)
    elif "missing" in kinds:
        yield Fault(where(path), "this key is missing.", f"Write {allowed_in_words(model, path, values)}.")
    elif kinds <= {"union_tag_invalid", "union_tag_not_found"}:
        yield _unknown_form(path, errors[0], model, values, where)
    elif "json_invalid" in kinds:
        yield Fault(where(path), "values are nested too deep.", "Write lists and groups with few levels.")
    elif not path or (reasons and isinstance(_value_at(values, path), dict)):
        yield Fault(where(path), _sentence(_reason(errors, reasons)), "")
    else:
        yield _wrong_value(path, reasons, model, values, where)


def _unknown_key(path: KeyPath, model: type[BaseModel], values: Mapping[str, Any], where: Where) -> Fault:
    group = _value_at(values, path[:-1])
    keys = keys_at(model, path[:-1], values)
    suggestion = nearest(str(path[-1]), [key for key in keys if key not in group])
    mend = f"Rename or remove it.{suggestion}" if suggestion else f"Remove it, or use one of {', '.join(keys)}."
    return Fault(where(path), "this key is not known here.", mend)


def _unknown_form(
    path: KeyPath, error: ErrorDetails, model: type[BaseModel], values: Mapping[str, Any], where: Where
) -> Fault:
    """A group whose form is told by one of its keys, where that key is missing or says what no form is called."""
    key = (*path, str(error["ctx"]["discriminator"]).strip("'"))
    if error["type"] == "union_tag_not_found":
        return Fault(where(key), "this key is missing.", f"Write {allowed_in_words(model, key, values)}.")
    return _wrong_value(key, [], model, values, where)


def _wrong_value(
    path: KeyPath, reasons: list[Exception], model: type[BaseModel], values: Mapping[str, Any], where: Where
) -> Fault:
    given = _value_at(values, path)
    allowed = allowed_in_words(model, path, values)
    why = f", but {str(reasons[0]).rstrip('.')}" if reasons else ", which is not allowed here"
    suggestion = nearest(given, choices_at(model, path, values)) if isinstance(given, str) else ""
    mend = f"Write {allowed}{_quoting(given, takes(model, path, values))}.{suggestion}"
    return Fault(where(path), f"{given_in_words(given)} was given{why}.", mend)


def _quoting(given: object, types: frozenset[str]) -> str:
    """The commonest slip has to do with quotes: numbers inside them, texts without."""
    if isinstance(given, str) and types and types <= {"integer", "number", "boolean", "null"}:
        return ", without quotes"
    if isinstance(given, bool | int | float) and types == {"string"}:
        return ", in quotes"
    return ""


def _reason(errors: list[ErrorDetails], reasons: list[Exception]) -> str:
    return "; ".join(str(reason) for reason in reasons) or errors[0]["msg"]


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _value_at(values: Any, path: KeyPath) -> Any:
    for step in path:
        values = values[step]
    return values


def given_in_words(value: object) -> str:
    """A value as a message repeats it: shortened, with its kind in plain words."""
    match value:
        case None:
            words = "nothing"
        case bool():
            words = str(value).lower()
        case str():
            words = f"the text {json.dumps(_shortened(value), ensure_ascii=False)}"
        case int() | float():
            words = f"the number {_shortened(str(value))}"
        case date():
            words = f"the date {value}"
        case list() | tuple():
            words = "a list" if value else "an empty list"
        case Mapping():
            words = "a group of keys" if value else "an empty group"
        case _:
            words = f"a value of the type {type(value).__name__}"
    return words


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
