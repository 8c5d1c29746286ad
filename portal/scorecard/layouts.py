"""Does it fit? What is said of layouts that are known to have run, and of some that are known not to fit."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.translation import gettext_noop as _

from portal.planning.catalog.accelerators import PACKAGED as ACCELERATORS
from portal.planning.evidence.layouts import KnownLayout, LayoutScore, read, score

SLUG = "layouts"  # where a family's would stand
WANTED = 0.97  # of layouts that ran are to be said to fit
RAN, FAILED = _("ran"), _("does not fit")
FITS, REFUSED = _("fits"), _("refused")
RIGHT, WRONG = _("right"), _("wrong")
_SPLITS = (("tensor", "TP"), ("pipeline", "PP"), ("context", "CP"), ("expert", "EP"), ("data", "DP"))


@cache
def known_layouts() -> tuple[KnownLayout, ...]:
    return read()


@cache
def layout_score() -> LayoutScore:
    return score(known_layouts())


@cache
def layout_lines() -> tuple[dict[str, Any], ...]:
    """What each layout shows."""
    return tuple(_line(known) for known in known_layouts())


def layouts_met(found: LayoutScore) -> bool:
    """Whether enough layouts that ran are said to fit, and every one that cannot is refused."""
    return found.said_to_fit >= WANTED * found.ran and found.refused == found.misfits


def _line(known: KnownLayout) -> dict[str, Any]:
    layout = known.layout
    splits = [f"{name} {getattr(layout, field)}" for field, name in _SPLITS if getattr(layout, field) > 1]
    return {
        "model": known.model,
        "accelerator": ACCELERATORS[known.accelerator].name,
        "devices": known.devices,
        "layout": ", ".join([*splits, f"ZeRO {layout.zero_stage}", layout.precision]),
        "needed": known.needed,
        "capacity": known.capacity,
        "happened": RAN if known.fits else FAILED,
        "said": FITS if known.said_to_fit else REFUSED,
        "verdict": RIGHT if known.fits == known.said_to_fit else WRONG,
        "source": known.source,
        "as_of": known.as_of,
    }


def layouts_summary() -> dict[str, Any]:
    found = layout_score()
    return {
        "ran": found.ran,
        "said_to_fit": found.said_to_fit,
        "misfits": found.misfits,
        "refused": found.refused,
        "wanted": WANTED,
        "met": layouts_met(found),
    }
