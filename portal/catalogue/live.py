"""Bring edits to the tables that calculators read, in every process within seconds."""

from __future__ import annotations

import logging
import time

from django.apps import apps
from django.conf import settings
from django.core.exceptions import SynchronousOnlyOperation
from django.db import DatabaseError
from django.db.models import Count, Max

from portal.planning.catalog import edits

log = logging.getLogger(__name__)
_asked_at = float("-inf")
_seen = (0, 0)  # newest change and number of changes that this process knows


def refresh() -> None:
    """Look for changes, at most once in ``CATALOGUE_POLL_SECONDS``.

    Whoever calculates must not fail because edits cannot be read: what held goes on holding, and the log says so.
    """
    global _asked_at
    now = time.monotonic()
    # Declarations are read while Django starts, before the database may be asked.
    if not apps.ready or now - _asked_at < (settings.CATALOGUE_POLL_SECONDS or 0):
        return
    _asked_at = now
    try:
        load()
    except SynchronousOnlyOperation:
        _asked_at = float("-inf")  # the next reader outside of an event loop looks again
    except DatabaseError as problem:
        log.warning("catalogue: edits cannot be read: %s", problem)


def load() -> None:
    """Read the edits if there are newer ones than this process has."""
    from portal.catalogue.models import Change

    global _seen
    # Keys are given before a transaction is seen by others, so the newest alone could hide one that came late.
    counted = Change.objects.aggregate(newest=Max("pk"), count=Count("pk"))
    newest = (counted["newest"] or 0, counted["count"])
    if newest == _seen:
        return
    edits.apply(stored())
    _seen = newest


def stored() -> dict[str, dict[str, edits.Cells | None]]:
    """Every edit as the database has it, by table and key."""
    from portal.catalogue.models import Edit

    found: dict[str, dict[str, edits.Cells | None]] = {}
    for edit in Edit.objects.all():
        found.setdefault(edit.table, {})[edit.key] = edit.held
    return found
