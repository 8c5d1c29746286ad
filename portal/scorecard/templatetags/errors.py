"""Errors as the scorecard writes them: to a tenth of a per cent, since no more is known."""

from __future__ import annotations

from django import template

from portal.derive.wording import figure

register = template.Library()
DECIMALS = 3


@register.filter
def share(value: float) -> str:
    """0.0934 as 9.3%."""
    return figure(round(value, DECIMALS), "%")


@register.filter
def signed(value: float) -> str:
    """The same with a plus where it is above zero."""
    return f"{'+' if round(value, DECIMALS) > 0 else ''}{share(value)}"
