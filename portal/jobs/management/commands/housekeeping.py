"""``manage.py housekeeping``: the chores of ``portal.jobs.housekeeping``, round after round until SIGTERM."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from portal.jobs.housekeeping import sweep

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Recover jobs of silent workers, ring again for waiting ones, remove what is old. Any number may run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do one round and end")

    def handle(self, *args: Any, **options: Any) -> None:
        ending = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        logger.info("housekeeping every %g s", settings.JOB_SWEEP_SECONDS)
        while not ending.is_set():
            sweep()
            close_old_connections()
            if options["once"]:
                return
            ending.wait(settings.JOB_SWEEP_SECONDS)
