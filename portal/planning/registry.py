"""Find every ``portal.planning.calculators.<name>``. A broken calculator stops the start, with its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from portal.planning import calculators
from portal.planning.calculator import Calculator


@cache
def all_calculators() -> dict[str, Calculator]:
    """Slug to calculator, in the order of slugs.

    Raises:
        RuntimeError: naming the file that is broken, or the slug that two calculators share.
    """
    found: dict[str, Calculator] = {}
    for module in iter_modules(calculators.__path__):
        name = f"{calculators.__name__}.{module.name}"
        try:
            calculator = import_module(name).CALCULATOR
        except Exception as problem:
            raise RuntimeError(f"the calculator {name} does not load: {problem}") from problem
        if not isinstance(calculator, Calculator):
            raise RuntimeError(f"{name}.CALCULATOR is a {type(calculator).__qualname__}, not a Calculator")
        if calculator.slug in found:
            raise RuntimeError(f"the calculator {name} is called {calculator.slug!r}, as another is already")
        found[calculator.slug] = calculator
    return dict(sorted(found.items()))
