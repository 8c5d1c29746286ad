"""Is an object what the Open Cap Format 1.2.0 says? Its own schemas decide; what they refuse is said in sentences.

``ocf-1.2.0.json`` holds the schemas of the coalition without titles and descriptions; source and licence stand in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from mlcore.reading import Problem

VERSION = "1.2.0"
BASE = f"https://schema.opencaptablecoalition.com/v/{VERSION}/"
MANIFEST = f"{BASE}files/OCFManifestFile.schema.json"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHOWN = 60  # characters of a value in a sentence
_NUMBER, _SHARE = r"^[+-]?[0-9]+", r"^0?(\."  # how the patterns of Numeric and Percentage begin


@cache
def schemas() -> dict[str, Any]:
    """The schemas by their address."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / f"ocf-{VERSION}.json").read_text())["schemas"]
    return found


@cache
def object_types() -> dict[str, str]:
    """The address of the schema of each type of object. Older names of a type share the schema of the new one."""
    found: dict[str, str] = {}
    for address, schema in schemas().items():
        declared = schema.get("properties", {}).get("object_type", {})
        names = declared.get("enum") or [declared["const"]] if declared.get("enum") or "const" in declared else []
        for name in names:
            if schema.get("additionalProperties") is False:
                found[name] = address
    return found


def faults(value: Any, address: str) -> Iterator[tuple[str, Problem]]:
    """What is wrong with ``value`` by the schema at ``address``: the path of each field and what was wanted."""
    # The validator says of each missing field, and of each form of a choice, what one of our sentences says once.
    told = {}
    for error in _validator(address).iter_errors(value):
        for leaf in _leaves(error):
            told.update({(path, str(problem)): (path, problem) for path, problem in _told(leaf)})
    yield from told.values()


@cache
def _validator(address: str) -> Any:
    # Imported here: a calculator that reads no package needs no validator.
    from jsonschema import Draft7Validator, FormatChecker
    from referencing import Registry
    from referencing.jsonschema import DRAFT7

    checker = FormatChecker(formats=())
    checker.checks("date")(_is_day)
    checker.checks("date-time")(_is_moment)
    resources = [(each, DRAFT7.create_resource(schema)) for each, schema in schemas().items()]
    registry: Any = Registry().with_resources(resources)
    return Draft7Validator(schemas()[address], registry=registry, format_checker=checker)


def _is_day(value: Any) -> bool:
    if not isinstance(value, str):
        return True  # the type is another rule's
    try:
        return bool(_DAY.fullmatch(value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_moment(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _leaves(error: Any) -> Iterator[Any]:
    """Of a choice between forms, what is wrong by the form that the value says it has, or that fits best."""
    if not error.context:
        yield error
        return
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    for inner in min(branches.values(), key=lambda each: (any(map(_other_form, each)), len(each))):
        yield from _leaves(inner)


def _other_form(error: Any) -> bool:
    """Whether the value is of another form than this branch: its ``type`` says so, or it is no object at all."""
    if error.validator in ("const", "enum") and error.path and error.path[-1] in ("type", "object_type"):
        return True
    return error.validator == "type" and not error.path


def _told(error: Any) -> Iterator[tuple[str, Problem]]:
    path = ".".join(map(str, error.absolute_path))
    value = {"given": _written(error.instance)}
    rule, wanted = error.validator, error.validator_value
    if rule == "required":
        for name in wanted:
            if name not in error.instance:
                yield _joined(path, name), Problem("Wanted this field, which is missing.", {})
    elif rule == "additionalProperties":
        for name in sorted(set(error.instance) - set(error.schema.get("properties", {}))):
            problem = Problem("Version {version} of the format has no such field here.", {"version": VERSION})
            yield _joined(path, name[:_SHOWN]), problem
    elif rule in ("const", "enum"):
        names = [wanted] if rule == "const" else wanted
        several = {"names": ", ".join(map(str, names)), **value}
        if len(names) == 1:
            yield path, Problem("Wanted {names}, got {given}.", several)
        else:
            yield path, Problem("Wanted one of {names}, got {given}.", several)
    elif rule == "type":
        yield path, Problem("Wanted the type {type}, got {given}.", {"type": str(wanted), **value})
    elif rule == "pattern" and wanted.startswith(_NUMBER):
        yield (
            path,
            Problem('Wanted a number as text with at most ten decimal places, such as "1250.5", got {given}.', value),
        )
    elif rule == "pattern" and wanted.startswith(_SHARE):
        yield path, Problem('Wanted a share from 0 to 1 as text, such as "0.125", got {given}.', value)
    elif rule == "format" and wanted == "date":
        yield path, Problem("Wanted a day such as 2026-03-31, got {given}.", value)
    elif rule == "minItems":
        yield path, Problem("Wanted at least one entry, got none.", {})
    else:
        yield path, Problem("Wanted what the rule “{rule}” of the format's schema permits, got {given}.",
                            {"rule": str(rule), **value})  # fmt: skip


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _written(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
