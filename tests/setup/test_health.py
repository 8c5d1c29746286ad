"""The probes: alive whatever lies elsewhere, ready only when all that is configured answers."""

from types import SimpleNamespace

import pytest
import redis
from django.core.cache import cache
from django.db.migrations.executor import MigrationExecutor

from portal.web import health


@pytest.fixture
def ready(settings, valkey, db, monkeypatch):
    settings.REDIS_URL = valkey
    cache.clear()
    health.beat()


def checks(client, status):
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]
    return answer.json()["checks"]


def test_ready_when_everything_answers(client, ready):
    assert checks(client, 200) == dict.fromkeys(("database", "migrations", "redis", "worker", "disk"), "ok")


def test_without_a_worker_it_is_not_ready(client, ready):
    cache.clear()
    assert "no worker was seen" in checks(client, 503)["worker"]


def test_without_redis_it_is_not_ready_but_alive(client, ready, settings):
    settings.REDIS_URL = "redis://:a-secret@127.0.0.1:1/0"
    found = checks(client, 503)
    assert found["redis"] == "failed: see the log"
    assert "secret" not in str(found)
    assert client.get("/healthz").json() == {"status": "ok"}


def test_missing_migrations_are_counted(client, db, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda executor, targets: [("first", False)] * 3)
    assert checks(client, 503)["migrations"] == "3 migrations are not applied: run `make install`"


def test_a_full_disk_is_told(client, ready, monkeypatch):
    monkeypatch.setattr(health, "FREE_BYTES", 10**18)
    assert "are free, wanted" in checks(client, 503)["disk"]


def test_a_database_that_is_away_is_told(client, ready, monkeypatch):
    def away():
        raise ConnectionError("no route to the host db.internal")

    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=away))
    assert checks(client, 503)["database"] == "failed: see the log"


def test_the_probe_of_life_needs_no_database_and_takes_no_posts(client):
    assert client.get("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405
    assert not client.cookies


def test_a_heartbeat_survives_a_cache_that_is_away(monkeypatch):
    def away(*_):
        raise redis.ConnectionError

    monkeypatch.setattr(cache, "set", away)
    health.beat()
