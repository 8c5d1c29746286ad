"""A small task beside the portal's own, and people."""

import importlib
from pathlib import Path

import pytest
from django.core.cache import cache
from django.urls import clear_url_caches

from mlcore import tasks
from mlcore.registry import all_tasks
from portal.accounts.services import user_open

TOYS = str(Path(__file__).parent / "toys")


@pytest.fixture(scope="module", autouse=True)
def _toys():
    tasks.__path__.append(TOYS)
    _read_again()
    yield
    tasks.__path__.remove(TOYS)
    _read_again()


def _read_again():
    """Addresses are made from the registries once, so they are made again when a registry changes."""
    all_tasks.cache_clear()
    for name in ("portal.tools.api_urls", "portal.demos.api_urls", "portal.urls"):
        importlib.reload(importlib.import_module(name))
    clear_url_caches()


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    settings.ARTIFACTS = tmp_path / "artifacts"
    cache.clear()


@pytest.fixture
def user(db):
    return user_open(email="ada@example.com", password="correct horse")


@pytest.fixture
def stranger(db):
    return user_open(email="eve@example.com", password="correct horse")


@pytest.fixture
def task():
    return all_tasks()["toy-echo"]


@pytest.fixture
def rings(monkeypatch):
    """Jobs of which a worker was told, without a broker."""
    rung = []
    monkeypatch.setattr("portal.jobs.services.job_ring", lambda job: rung.append(job.uid))
    return rung
