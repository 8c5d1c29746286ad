"""``manage.py prepare``: what ``make install`` and ``make start`` need Django for, in one process."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Bring the database, the sample workspace and the collected static files up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", action="store_true", help="migrate, and make the sample workspace once")
        parser.add_argument("--static", action="store_true", help="collect and compress the static files")

    def handle(self, *args: Any, database: bool, static: bool, **options: Any) -> None:
        if database:
            call_command("migrate", interactive=False, verbosity=0)
            call_command("sample", verbosity=0)
        if static:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
