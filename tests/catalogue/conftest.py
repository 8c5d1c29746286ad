from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.services import user_open
from portal.catalogue import live
from portal.planning.catalog import edits


@pytest.fixture(autouse=True)
def _no_edits() -> Iterator[None]:
    """Edits hold in this process until they are taken away."""
    yield
    edits.connect(None)
    edits.apply({})
    live._seen, live._asked_at = (0, 0), float("-inf")


@pytest.fixture
def owner(db: None) -> User:
    user = user_open(email="owner@example.com", password="correct horse battery")
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    user.refresh_from_db()
    return user


@pytest.fixture
def admin(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def price() -> Callable[..., dict[str, str]]:
    """Cells of a row that the packaged table does not have, with changes."""

    def made(**changes: str) -> dict[str, str]:
        return {
            "accelerator": "h100-sxm", "seller": "Testcloud", "kind": "on_demand", "as_of": "2026-10",
            "usd_per_hour": "0.5", "source": "https://example.com/prices", "note": "",
        } | changes  # fmt: skip

    return made
