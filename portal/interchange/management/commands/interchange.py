"""``manage.py interchange open cap-table.ocf.zip`` reads an Open Cap Format package; ``save`` writes files.

Answers go to standard output, refusals as problem documents (RFC 9457) to standard error. Exit codes: 0 done, 1 a
fault of the program, 2 the input was refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from mlcore.reading import Invalid, Problem, read_inputs
from portal.derive import strict_json
from portal.derive.problems import invalid
from portal.interchange.bodies import imported_body, losses_body, refused_body
from portal.interchange.exports import CAP_TABLE, export, package, suffixes
from portal.interchange.forms import read_issuer
from portal.interchange.packages import inputs_of, package_read
from portal.planning.interchange.report import PackageRefused
from portal.planning.interchange.writing import packed
from portal.planning.registry import all_calculators

REFUSED = 2
OCF = ".ocf.zip"


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        opening = commands.add_parser("open", help="What a package holds, and the inputs of the cap table.")
        opening.add_argument("files", nargs="+", type=Path, help="One ZIP archive, or the JSON files of a package.")
        saving = commands.add_parser("save", help="A calculation as a file.")
        saving.add_argument("calculator", help="Its slug, such as round.")
        saving.add_argument("file", type=Path, help=f"Its ending says what it is: .xlsx, .json, .csv or {OCF}.")
        saving.add_argument("--json", dest="body", default="{}", help="Inputs as one object; - reads standard input.")
        for name, text in (("name", "legal name"), ("formed", "day of formation"), ("country", "country, as US")):
            saving.add_argument(f"--{name}", default="", help=f"For {OCF}: the company's {text}.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            (_open if options["command"] == "open" else _save)(options)
        except PackageRefused as refused:
            _refuse(refused_body(refused, "interchange"))
        except Invalid as problem:
            _refuse(invalid(problem, "interchange"))


def _open(options: dict[str, Any]) -> None:
    imported = package_read([(path.name, _bytes(path)) for path in options["files"]])
    _print(sys.stdout, imported_body(imported, inputs_of(imported)))


def _save(options: dict[str, Any]) -> None:
    calculator = all_calculators().get(options["calculator"])
    if calculator is None:
        values = {"names": ", ".join(all_calculators()), "given": options["calculator"][:60]}
        raise Invalid({"calculator": [Problem("Wanted one of {names}, got {given}.", values)]})
    body = sys.stdin.buffer.read() if options["body"] == "-" else options["body"]
    inputs: Any = read_inputs(calculator.inputs, strict_json.loads(body))
    path: Path = options["file"]
    if path.name.endswith(OCF) and calculator.slug == CAP_TABLE:
        made = package(inputs, read_issuer({name: options[name] for name in ("name", "formed", "country")}))
        path.write_bytes(packed(made.files))
        _print(sys.stdout, {"losses": losses_body(made.losses)})
        return
    if (suffix := path.suffix[1:]) not in suffixes(calculator):
        endings = ", ".join(f".{each}" for each in suffixes(calculator))
        raise Invalid({"file": [Problem("Wanted one of {names}, got {given}.",
                                        {"names": endings, "given": path.name[-60:]})]})  # fmt: skip
    path.write_bytes(export(calculator, inputs, suffix))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Invalid({path.name: [Problem("Wanted a file that can be read.", {})]}) from None


def _refuse(body: dict[str, Any]) -> None:
    _print(sys.stderr, body)
    sys.exit(REFUSED)


def _print(to: Any, body: Any) -> None:
    json.dump(body, to, ensure_ascii=False, indent=1, allow_nan=False)
    to.write("\n")
