"""``manage.py calculate runway --growth "6% to 12%"``: a calculator from a shell, with JSON in and out.

Answers go to standard output, refusals as problem documents (RFC 9457) to standard error. Exit codes: 0 done, 1 a
fault of the program, 2 the input was refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from mlcore.reading import Invalid, Problem, read_inputs
from portal.derive import strict_json
from portal.derive.cli import Arguments, add_flags, flags_to_given
from portal.derive.problems import invalid
from portal.derive.schema import component_name, document
from portal.planning import engine
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.tools.described import listed

REFUSED = 2


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        # Which flags there are depends on the calculator, so arguments are read here and not by Django.
        try:
            self._run(argv[2:])
        except Invalid as problem:
            json.dump(invalid(problem, "calculate"), sys.stderr, ensure_ascii=False, indent=1)
            sys.stderr.write("\n")
            sys.exit(REFUSED)

    def _run(self, given: list[str]) -> None:
        first = Arguments(prog="manage.py calculate", description=__doc__, add_help=False)
        _add_options(first)
        options, _rest = first.parse_known_args(given)
        calculators = all_calculators()
        if options.list:
            return _print([listed(calculator) for calculator in calculators.values()])
        if options.calculator is None:
            if options.help:
                first.print_help()
                return None
            raise Invalid({"": [Problem("Wanted a calculator: {names}.", {"names": ", ".join(calculators)})]})
        if options.calculator not in calculators:
            found = {"names": ", ".join(calculators), "given": options.calculator[:60]}
            raise Invalid({"calculator": [Problem("Wanted one of {names}, got {given}.", found)]})
        return _calculate(calculators[options.calculator], given)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("calculator", nargs="?", help="Its slug; --list shows all.")
    parser.add_argument("-h", "--help", action="store_true", help="Show this and, for a calculator, its inputs.")
    parser.add_argument("--list", action="store_true", help="The calculators there are.")
    parser.add_argument("--schema", action="store_true", help="The inputs of a calculator as JSON Schema.")
    parser.add_argument("--json", dest="body", metavar="JSON", help="Inputs as one object; - reads standard input.")
    parser.add_argument("--simulate", action="store_true", help="Draw ranges instead of taking their medians.")
    parser.add_argument("--draws", default="10000", help="Cases to draw, 2 to 1,000,000 (default 10,000).")
    parser.add_argument("--seed", default="7", help="The same seed draws the same cases (default 7).")
    parser.add_argument("--tables", action="store_true", help="Print the tables beside the answer too.")
    # Django's own, which every command takes.
    for name in ("--settings", "--pythonpath", "--verbosity"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    for name in ("--traceback", "--no-color", "--force-color"):
        parser.add_argument(name, action="store_true", help=argparse.SUPPRESS)


def _calculate(calculator: Calculator, given: list[str]) -> None:
    parser = Arguments(
        prog=f"manage.py calculate {calculator.slug}",
        description=calculator.summary,
        add_help=False,
        allow_abbrev=False,
    )
    _add_options(parser)
    add_flags(parser, calculator.inputs)
    options = parser.parse_args(given)
    if options.help:
        return parser.print_help()
    if options.schema:
        return _print(document(calculator.inputs, component_name(calculator.slug, "Inputs")))
    inputs: Any = read_inputs(calculator.inputs, _given(calculator, options))
    if not options.simulate:
        return _print(engine.report(engine.evaluate(calculator, inputs), tables=options.tables))
    draws, seed = _whole("draws", options.draws), _whole("seed", options.seed)
    outcome = engine.simulate(calculator, inputs, draws=draws, seed=seed)
    return _print(engine.report(outcome, tables=options.tables))


def _given(calculator: Calculator, options: argparse.Namespace) -> Any:
    """The JSON with the flags over it."""
    flags = flags_to_given(calculator.inputs, options)
    if options.body is None:
        return flags
    body = strict_json.loads(sys.stdin.buffer.read() if options.body == "-" else options.body)
    return {**body, **flags} if isinstance(body, dict) else body


def _whole(name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 11:
        return int(text)
    raise Invalid({name: [Problem("Wanted a whole number, got {given}.", {"given": text[:40]})]})


def _print(body: Any) -> None:
    json.dump(body, sys.stdout, ensure_ascii=False, indent=1, allow_nan=False)
    sys.stdout.write("\n")
