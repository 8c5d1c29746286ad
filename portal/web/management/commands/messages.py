"""``manage.py messages``: collect every text into the translation catalogues, or check that they are complete."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.web import catalogue


class Command(BaseCommand):
    help = "Bring the translation catalogues up to date with the texts in code, templates and declarations."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a translation is missing")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        texts = catalogue.collect()
        for language in (code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE):
            if check:
                found = list(catalogue.faults(catalogue.load(language), texts))
                if found:
                    shown = "\n".join(f"  {fault}" for fault in found[:50])
                    raise CommandError(f"{len(found)} faults in {catalogue.path_of(language)}:\n{shown}")
            else:
                updated = catalogue.update(language, texts)
                missing = sum(1 for message in updated if message.id and not message.string)
                self.stdout.write(f"{catalogue.path_of(language)}: {len(updated)} texts, {missing} not translated")
