"""``manage.py sample``: the owner's account with a workspace of examples, made once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from portal.accounts.selectors import owner, workspace_of
from portal.accounts.services import user_open
from portal.plans.join_services import sample_make

OWNER = "owner@localhost"  # who signs in by the link that `make start` prints, and may change the address


class Command(BaseCommand):
    help = "Make the owner's account with sample scenarios, unless there is an owner already."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if owner() is not None:
            return
        workspace = workspace_of(user_open(email=OWNER, owner=True))
        assert workspace is not None
        sample_make(workspace)
