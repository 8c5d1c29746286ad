"""``manage.py welcome``: says where the portal answers and how its owner signs in. A part of ``make start``."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from portal.accounts.selectors import owner
from portal.accounts.services import sign_in_link

PATIENCE = 120  # seconds until the web server must have answered
LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}  # noqa: S104  names, not a bind


class Command(BaseCommand):
    help = "Wait until the portal answers, then print its address and a one-time sign-in link for the owner."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--link", action="store_true", help="print only the link, without waiting")

    def handle(self, *args: Any, link: bool, **options: Any) -> None:
        host, port = settings.ENV["HOST"], settings.ENV["PORT"]
        here = f"http://{LOOPBACK.get(host, host)}:{port}"
        address = f"https://{settings.ALLOWED_HOSTS[0]}" if settings.ENV["HTTPS"] else here
        someone = owner()
        if link:
            if someone is None:
                raise CommandError("there is no owner yet: run `make install`")
            self.stdout.write(address + sign_in_link(user=someone))
            return
        _wait(here + reverse("healthz"))
        lines = ["", f"  Plumbline answers at   {address}/"]
        if someone is not None:
            lines += ["  Sign in as the owner   " + address + sign_in_link(user=someone)]
            lines += ["                         (works once, for an hour; `make link` prints another)"]
        lines += [f"  Logs                   {settings.STATE / 'logs'}", "  Ctrl-C ends everything.", "", ""]
        self.stdout.write("\n".join(lines))


def _wait(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310  our own address
                return
        except urllib.error.HTTPError:
            return  # it answers; what it answers is in its log
        except OSError:
            time.sleep(0.1)
    raise CommandError(f"the web server did not answer at {address} within {PATIENCE} seconds; see its log")
