"""Find every ``portal.planning.evidence.families.<name>``. A broken family stops with its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from portal.planning.evidence import families
from portal.planning.evidence.family import Family


@cache
def all_families() -> dict[str, Family]:
    """Slug to family, in the order in which they are shown. A file holds one family or several in ``FAMILIES``.

    Raises:
        RuntimeError: naming the file that is broken, or the slug that two families share.
    """
    found: dict[str, Family] = {}
    for module in iter_modules(families.__path__):
        name = f"{families.__name__}.{module.name}"
        try:
            declared: tuple[Family, ...] = import_module(name).FAMILIES
        except Exception as problem:
            raise RuntimeError(f"the family {name} does not load: {problem}") from problem
        for family in declared:
            if family.slug in found:
                raise RuntimeError(f"the family {name} is called {family.slug!r}, as another is already")
            found[family.slug] = family
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))
