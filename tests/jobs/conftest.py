"""What the tests of jobs share: people, sample runners, and doorbells that are only written down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.accounts.models import User
from portal.accounts.services import user_open
from portal.jobs import services
from portal.jobs.models import Job
from tests.jobs import sample_runners


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> None:
    sample_runners.register()
    settings.ARTIFACTS = tmp_path / "artifacts"
    settings.JOB_POLL_SECONDS = 0.05
    settings.JOB_BEAT_SECONDS = 0.1


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[int], str]]:
    """Every doorbell that was rung: task, arguments, queue."""
    bells: list[tuple[str, list[int], str]] = []

    def send_task(name: str, args: list[int], queue: str, **_: Any) -> None:
        bells.append((name, args, queue))

    monkeypatch.setattr(services.current_app, "send_task", send_task)
    return bells


@pytest.fixture
def owner(db: None) -> User:
    return user_open(email="ada@example.com", password="a long password")


@pytest.fixture
def stranger(db: None) -> User:
    return user_open(email="eve@example.com", password="a long password")


@pytest.fixture
def submit(owner: User) -> Callable[..., Job]:
    def make(runner: str = "count", payload: dict[str, Any] | None = None, **more: Any) -> Job:
        given = {"title": "Count", "mode": "training", "owner": owner, **more}
        return services.job_submit(runner=runner, payload=payload or {"steps": 3}, **given)

    return make
