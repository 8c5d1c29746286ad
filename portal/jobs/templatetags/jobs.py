"""Lengths of time on the pages of jobs."""

from __future__ import annotations

from django import template

from portal.derive.wording import figure

register = template.Library()


@register.filter
def clock(seconds: float | None) -> str:
    """As a running clock shows it, and as ``intl.js`` goes on writing it: 0:42, 12:04, 1:02:03."""
    if seconds is None:
        return "–"
    whole = max(int(seconds), 0)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


@register.filter
def length(seconds: float | None) -> str:
    """In words and about as exact as it is known: 0.4 seconds, 12 minutes, 3.5 hours."""
    if seconds is None:
        return "–"
    if seconds < 90:
        return figure(round(seconds, 1 if seconds < 10 else None), "seconds")
    if seconds < 5400:
        return figure(round(seconds / 60), "minutes")
    return figure(round(seconds / 3600, 1), "hours")
