"""What a field takes, in plain words, read from the JSON Schema of its model.

The listing on the command line, the forms in notebooks and the messages of refusals share these words.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from workbench.parameters.reading import KeyPath

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,60}$"
"""Names of files, sources, arms and the like: safe in paths, identifiers and pages."""

Schema = Mapping[str, Any]


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model, computed once; editors complete and check parameter files by it."""
    return model.model_json_schema()


def allowed_in_words(model: type[BaseModel], path: KeyPath, given: object = None) -> str:
    """What may stand at `path`, such as "a whole number from 1 to 365".

    Of a group with several forms, the one that `given`, the values as given, names counts; here and below.
    """
    schema = schema_of(model)
    found = list(dict.fromkeys(_words(at, schema) for at in _schemas_at(schema, path, schema, given)))
    return " or ".join(found) if found else "another value"


def keys_at(model: type[BaseModel], path: KeyPath, given: object = None) -> tuple[str, ...]:
    """The keys that the group at `path` may have, in the model's order."""
    schema = schema_of(model)
    keys: list[str] = []
    for at in _schemas_at(schema, path, schema, given):
        for branch in _branches(at, schema):
            keys.extend(branch.get("properties", ()))
            keys.extend(branch.get("propertyNames", {}).get("enum", ()))
    return tuple(dict.fromkeys(keys))


def takes(model: type[BaseModel], path: KeyPath, given: object = None) -> frozenset[str]:
    """The JSON types ("string", "integer", "object", …) that may stand at `path`."""
    schema = schema_of(model)
    branches = (branch for at in _schemas_at(schema, path, schema, given) for branch in _branches(at, schema))
    return frozenset(branch["type"] for branch in branches if "type" in branch)


def choices_at(model: type[BaseModel], path: KeyPath, given: object = None) -> tuple[str, ...]:
    """The words among which the value at `path` is chosen; none where any text may stand."""
    schema = schema_of(model)
    branches = (branch for at in _schemas_at(schema, path, schema, given) for branch in _branches(at, schema))
    choices = (choice for branch in branches for choice in branch.get("enum", (branch.get("const"),)))
    return tuple(choice for choice in choices if isinstance(choice, str))


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _branches(schema: Schema, root: Schema) -> Iterator[Schema]:
    schema = _resolved(schema, root)
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if not alternatives:
        yield schema
        return
    for alternative in alternatives:
        yield from _branches(alternative, root)


def _schemas_at(schema: Schema, path: KeyPath, root: Schema, given: object) -> Iterator[Schema]:
    if not path:
        yield _resolved(schema, root)
        return
    step, rest = path[0], path[1:]
    for branch in _branches(_form(schema, root, given), root):
        below = _below(branch, step)
        if below is not None:
            yield from _schemas_at(below, rest, root, _value_below(given, step))


def _form(schema: Schema, root: Schema, given: object) -> Schema:
    """The form that a group names by one of its keys; all of them where it names none."""
    schema = _resolved(schema, root)
    told = schema.get("discriminator")
    if not told or not isinstance(given, Mapping):
        return schema
    name = given.get(told["propertyName"])
    return {"$ref": told["mapping"][name]} if isinstance(name, str) and name in told["mapping"] else schema


def _value_below(given: Any, step: str | int) -> object:
    try:
        return given[step]
    except (LookupError, TypeError):
        return None


def _below(schema: Schema, step: str | int) -> Schema | None:
    if isinstance(step, int):
        places = schema.get("prefixItems", ())
        found = places[step] if step < len(places) else schema.get("items")
    else:
        found = schema.get("properties", {}).get(step, schema.get("additionalProperties"))
    return found if isinstance(found, dict) else None


def _words(schema: Schema, root: Schema) -> str:
    schema = _resolved(schema, root)
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        return " or ".join(dict.fromkeys(_words(one, root) for one in alternatives))
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if choices:
        return f"{'one of ' if len(choices) > 1 else ''}{', '.join(map(_literal, choices))}"
    in_words = _WORDS_BY_TYPE.get(schema.get("type", ""))
    return in_words(schema, root) if in_words else "another value"


def _literal(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text_words(schema: Schema, root: Schema) -> str:
    if schema.get("format") == "date":
        return "a date such as 2026-11-16"
    if schema.get("pattern") == NAME_PATTERN:
        return "a name of lower-case letters, digits and _, beginning with a letter"
    if schema.get("examples"):
        return f"text such as {' or '.join(json.dumps(one, ensure_ascii=False) for one in schema['examples'])}"
    if "pattern" in schema:
        return f"text of the form {schema['pattern']}"
    least, most = schema.get("minLength"), schema.get("maxLength")
    if most is not None:
        return f"text of {least or 0} to {most} characters"
    return "text" if not least else "some text" if least == 1 else f"text of at least {least} characters"


def _range_words(kind: str, schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f"{kind} from {low} to {high}"
    bounds = [
        words
        for bound, words in (
            (low, f"of at least {low}"),
            (above, f"above {above}"),
            (high, f"of at most {high}"),
            (below, f"below {below}"),
        )
        if bound is not None
    ]
    return " ".join((kind, " and ".join(bounds))).rstrip()


def _list_words(schema: Schema, root: Schema) -> str:
    if "prefixItems" in schema:
        return f"a list of {' and '.join(_words(item, root) for item in schema['prefixItems'])}"
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    entries = _words(schema.get("items", {}), root)
    if most is not None:
        return f"a list of {least} to {most} entries, each {entries}"
    if least:
        return f"a list of at least {least} {'entry' if least == 1 else 'entries'}, each {entries}"
    return f"a list, each entry {entries}"


def _group_words(schema: Schema, root: Schema) -> str:
    if "properties" in schema:
        return f"a group of keys ({', '.join(schema['properties'])})"
    values = schema.get("additionalProperties")
    each = f", each with {_words(values, root)}" if isinstance(values, dict) else ""
    names = schema.get("propertyNames", {}).get("enum")
    return f"a group of keys{f' ({", ".join(names)})' if names else ''}{each}"


_WORDS_BY_TYPE: Mapping[str, Callable[[Schema, Schema], str]] = {
    "string": _text_words,
    "integer": lambda schema, root: _range_words("a whole number", schema),
    "number": lambda schema, root: _range_words("a number", schema),
    "boolean": lambda schema, root: "true or false",
    "null": lambda schema, root: "null (nothing)",
    "array": _list_words,
    "object": _group_words,
}
