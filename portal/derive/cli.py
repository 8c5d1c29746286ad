"""Command-line flags of a declaration: ``--cash 3.2M --growth "6% to 12%"``, one for each input.

What a flag is given goes through the one reader as text, so a flag accepts what a form's box does. Tables and series
are JSON.
"""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from mlcore.reading import Invalid, Problem
from mlcore.spec import Kind, Param, params
from portal.derive import strict_json
from portal.derive.query import as_typed

_GIVEN = "given_"  # keeps an input called "json" or "seed" apart from the options of the command


class Arguments(argparse.ArgumentParser):
    """Raises ``Invalid`` where argparse would print usage and exit, so that every refusal has one shape."""

    def error(self, message: str) -> NoReturn:
        raise Invalid({"": [Problem("{message} (see --help)", {"message": message})]})


def add_flags(parser: argparse.ArgumentParser, inputs: type) -> None:
    """One flag for each input of the declaration."""
    group = parser.add_argument_group("inputs", 'Numbers may be ranges: 24~38, or "24 to 38 as uniform".')
    for name, param, start in params(inputs):
        group.add_argument(
            f"--{name.replace('_', '-')}",
            dest=_GIVEN + name,
            metavar=_metavar(param),
            help=_help(param, start),
            action="append",
        )


def flags_to_given(inputs: type, arguments: argparse.Namespace) -> dict[str, Any]:
    """The mapping for ``read_inputs`` of the flags that were given.

    Raises:
        Invalid: a flag given twice, or a table or series that is no JSON.
    """
    given: dict[str, Any] = {}
    problems: dict[str, list[Problem]] = {}
    for name, param, _start in params(inputs):
        texts = getattr(arguments, _GIVEN + name)
        if texts is None:
            continue
        if len(texts) > 1:
            problems[name] = [Problem("Wanted this once, got it {count} times.", {"count": len(texts)})]
            continue
        try:
            given[name] = _value(param, texts[0])
        except Invalid as problem:
            problems |= {f"{name}.{path}".rstrip("."): found for path, found in problem.problems.items()}
    if problems:
        raise Invalid(problems)
    return given


def _value(param: Param, text: str) -> Any:
    is_json = param.kind is Kind.ROWS or (param.kind is Kind.SERIES and text.lstrip().startswith("["))
    return strict_json.loads(text) if is_json else text


def _metavar(param: Param) -> str:
    if param.kind is Kind.CHOICE:
        return "{" + ",".join(value for value, _label in param.choices) + "}"
    names = {Kind.FLAG: "yes|no", Kind.DAY: "YYYY-MM-DD", Kind.ROWS: "JSON", Kind.MEDIA: "UPLOAD", Kind.TEXT: "TEXT"}
    return names.get(param.kind, param.unit or "NUMBER")


def _help(param: Param, start: Any) -> str:
    shown = as_typed(param, start)
    text = f"{param.help} Default: {shown}." if shown not in ("", [], None) else param.help
    return text.replace("%", "%%")
