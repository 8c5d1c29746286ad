"""Two small calculators beside the portal's own, and people with workspaces."""

import importlib
from pathlib import Path

import pytest
from django.urls import clear_url_caches

from portal.accounts.selectors import workspace_of
from portal.accounts.services import user_open
from portal.planning import calculators
from portal.planning.registry import all_calculators
from portal.plans.services import scenario_save

TOYS = str(Path(__file__).parent / "toys")


@pytest.fixture(scope="module", autouse=True)
def _toys():
    calculators.__path__.append(TOYS)
    _read_again()
    yield
    calculators.__path__.remove(TOYS)
    _read_again()


def _read_again():
    """Addresses are made from the registries once, so they are made again when a registry changes."""
    all_calculators.cache_clear()
    for name in ("portal.tools.api_urls", "portal.demos.api_urls", "portal.urls"):
        importlib.reload(importlib.import_module(name))
    clear_url_caches()


@pytest.fixture
def user(db):
    return user_open(email="ada@example.com", password="correct horse")


@pytest.fixture
def stranger(db):
    return user_open(email="eve@example.com", password="correct horse")


@pytest.fixture
def save(user):
    """A function that saves a scenario of ``user``, or of another person."""

    def save(slug="toy-cost", by=None, **fields):
        by = by or user
        given = {"name": "Base", "inputs": {}} | fields
        return scenario_save(workspace=workspace_of(by), by=by, calculator=all_calculators()[slug], **given)

    return save
