"""The pages of jobs, with and without scripts: what they show, to whom, and what their buttons do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils.safestring import SafeString

from mlcore.task import LOSS, Curve
from portal.accounts.models import User
from portal.jobs import lease, present, runners
from portal.jobs.execute import job_run
from portal.jobs.models import Job, JobEvent
from portal.jobs.outbox import Batch
from portal.jobs.runners import Description, Row
from portal.jobs.selectors import queue_ahead
from portal.jobs.services import job_submit
from portal.jobs.templatetags.jobs import clock, length

pytestmark = pytest.mark.django_db(transaction=True)
Submit = Callable[..., Job]


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text(response: Any) -> str:
    assert response.status_code == 200, response.content.decode()[:500]
    return response.content.decode()


def test_a_waiting_job_tells_its_place(signed_in: Client, submit: Submit) -> None:
    first = submit(quote={"seconds": 600.0, "usd": 0.02})
    second = submit()
    assert "Number 1 in the queue, starts in about" in text(signed_in.get(f"/jobs/{first.uid}/"))
    page = text(signed_in.get(f"/jobs/{second.uid}/"))
    assert "Number 2 in the queue, starts in about 10 minutes" in page
    assert f'data-job-events="/jobs/{second.uid}/events"' in page
    assert "Cancel" in page


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> Description:
    """What the runner of the jobs here says of each of them."""
    told = Description(
        (Row("Layers", "4"), Row("Data", "a line " * 30, is_long=True)),
        (
            Row("Note", "b < c\nd", is_long=True),
            Row("Picture", "", is_long=True, html=SafeString("<svg></svg>")),
            Row("Loss", "0.2", help="Held out."),
            Row("Seen", "", has_title=True, is_long=True, html=SafeString("<figure></figure>")),
        ),
        (LOSS, Curve(title="Accuracy", measures={"hits": "Held out"}, unit="%", best="max")),
    )
    monkeypatch.setattr(runners, "describer", lambda _name: lambda _job: told)
    return told


def test_results_are_drawn_where_the_runner_draws_them(
    signed_in: Client, submit: Submit, described: Description
) -> None:
    job = submit()
    Job.objects.filter(pk=job.pk).update(state="done")
    page = text(signed_in.get(f"/jobs/{job.uid}/"))
    assert "<h3>Picture</h3>" in page
    assert "<svg></svg>" in page
    assert "b &lt; c\nd</pre>" in page
    assert '<dt title="Held out.">Loss</dt><dd>0.2</dd>' in page
    assert "<h3>Seen</h3>" not in page, "the drawing has its own title"
    assert "plotly" not in page
    assert "<h2>Accuracy</h2>" not in page, "a job that is over shows no curve of which it told nothing"


def test_charts_among_results_bring_the_chart_library(
    signed_in: Client, submit: Submit, described: Description, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = replace(described, has_charts=True)
    monkeypatch.setattr(runners, "describer", lambda _name: lambda _job: told)
    assert "plotly" in text(signed_in.get(f"/jobs/{submit().uid}/"))


def test_a_running_job_shows_its_curve_cost_and_log_without_scripts(
    signed_in: Client, submit: Submit, described: Description
) -> None:
    job = submit(payload={"steps": 10, "model": {"layers": 4}})
    claimed = lease.claim(job.pk, "w")
    assert claimed
    steps = [("step", {"done": n, "total": 10, "loss": 1 / n, "usd": 0.01 * n, "eta": 90.0}) for n in range(1, 6)]
    events = [("stage", {"name": "training"}), *steps, ("log", {"message": "<b>going on</b>"})]
    lease.report(claimed, Batch(events, {"stage": "training", "done": 5, "total": 10}))
    page = text(signed_in.get(f"/jobs/{job.uid}/"))
    assert 'data-state="running"' in page
    assert "&lt;b&gt;going on&lt;/b&gt;" in page
    assert 'max="10" value="5"' in page
    assert 'data-reading="eta" data-unit="seconds">1:30<' in page
    assert re.search(r'<li data-state="now" aria-current="step">Training<time data-elapsed datetime=', page)
    assert "<dt>Layers</dt><dd>4</dd>" in page
    last = JobEvent.objects.latest("pk").pk
    assert f'data-after="{last}"' in page, "the stream goes on after what the page shows"
    assert '"loss": 0.2' in page
    rows = re.search(r'<tbody id="curve-0-rows">(.*?)</tbody>', page, re.S)
    assert rows
    assert rows[1].count("<tr>") == 5
    assert 'data-measures="hits" data-labels="Held out" data-unit="%" data-best="max"' in page, "it may yet come"


def test_a_job_that_nobody_describes_shows_its_names_and_values(signed_in: Client, submit: Submit) -> None:
    job = submit(payload={"steps": 10, "model": {"layers": 4}})
    page = text(signed_in.get(f"/jobs/{job.uid}/"))
    assert "<dt>model.layers</dt><dd>4</dd>" in page
    assert "data-measures" not in page


def test_a_finished_job_keeps_its_page(signed_in: Client, submit: Submit) -> None:
    job = submit(payload={"steps": 3})
    job_run(job.pk)
    page = text(signed_in.get(f"/jobs/{job.uid}/"))
    assert "data-job-events" not in page, "there is nothing to follow any more"
    assert f"/api/v1/jobs/{job.uid}/artifacts/diary" in page
    assert "abacus" in page
    assert 'data-state="done"' in page


def test_a_failed_job_says_what_to_do_and_resumes(signed_in: Client, submit: Submit) -> None:
    job = submit("raises", {"kind": "disk"})
    job_run(job.pk)
    page = text(signed_in.get(f"/jobs/{job.uid}/"))
    assert "The disk of the worker is full" in page
    assert "Traceback" not in page
    answer = signed_in.post(f"/jobs/{job.uid}/retry")
    assert (answer.status_code, answer.url) == (302, f"/jobs/{job.uid}/")
    job.refresh_from_db()
    assert job.state == "queued"
    assert signed_in.post(f"/jobs/{job.uid}/retry").status_code == 302
    assert "Only a failed or cancelled job" in text(signed_in.get(f"/jobs/{job.uid}/"))


def test_the_buttons_need_post_and_a_token(signed_in: Client, owner: User, submit: Submit) -> None:
    job = submit()
    for action in ("cancel", "retry"):
        assert signed_in.get(f"/jobs/{job.uid}/{action}").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert strict.post(f"/jobs/{job.uid}/cancel").status_code == 403
    assert signed_in.post(f"/jobs/{job.uid}/cancel").status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"


@pytest.mark.parametrize("path", ["", "now", "made", "events", "cancel", "retry"])
def test_what_is_somebody_elses_does_not_exist(client: Client, submit: Submit, stranger: User, path: str) -> None:
    job = submit()
    ask = client.post if path in ("cancel", "retry") else client.get
    expected = 501 if path == "events" else 404  # the test client speaks WSGI; test_stream has the ASGI one
    assert ask(f"/jobs/{job.uid}/{path}").status_code == expected
    client.force_login(stranger, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert ask(f"/jobs/{job.uid}/{path}").status_code == expected
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_visitors_jobs_are_those_of_the_session_and_stay_after_signing_in(client: Client, owner: User) -> None:
    session = client.session
    session["visitor"] = "mark"
    session.save()
    mine = job_submit(runner="count", title="Mine", payload={}, mode="interactive", owner=None, visitor="mark")
    other = job_submit(runner="count", title="Other", payload={}, mode="interactive", owner=None, visitor="else")
    page = text(client.get("/jobs/"))
    assert "Mine" in page
    assert "Other" not in page
    assert client.get(f"/jobs/{other.uid}/").status_code == 404
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Mine" in text(client.get(f"/jobs/{mine.uid}/"))


def test_the_list_filters_by_state_and_pages(signed_in: Client, submit: Submit) -> None:
    for number in range(35):
        submit(title=f"Job {number}")
    page = text(signed_in.get("/jobs/"))
    assert "Job 34" in page
    assert "Job 4<" not in page
    assert "Job 4<" in text(signed_in.get("/jobs/?page=2"))
    assert "No job is in this state" in text(signed_in.get("/jobs/?state=done"))
    for odd in ("?page=x", "?page=99999999999999999999", "?state=%00", "?page=-1"):
        text(signed_in.get(f"/jobs/{odd}"))
    fragment = text(signed_in.get("/jobs/", headers={"HX-Request": "true"}))
    assert "<html" not in fragment


def test_the_list_asks_a_fixed_number_of_questions(
    signed_in: Client, submit: Submit, django_assert_max_num_queries: Any
) -> None:
    for _ in range(25):
        submit()
    signed_in.get("/jobs/")
    with django_assert_max_num_queries(8):
        signed_in.get("/jobs/", headers={"HX-Request": "true"})


def test_pages_in_chinese_have_their_own_addresses(signed_in: Client, submit: Submit) -> None:
    job = submit()
    page = text(signed_in.get(f"/zh-hans/jobs/{job.uid}/"))
    assert f'data-job-events="/zh-hans/jobs/{job.uid}/events"' in page


def test_odd_ids_are_not_found(signed_in: Client) -> None:
    for uid in ("x", "job_" + "f" * 18, "%00", "a" * 5000, "%F0%9F%98%80"):
        assert signed_in.get(f"/jobs/{uid}/").status_code == 404


# --- what lies behind --------------------------------------------------------------------------------------------


def test_time_in_stages_adds_up_over_attempts(submit: Submit) -> None:
    job = submit(payload={"steps": 2, "pause": 0.05})
    job_run(job.pk)
    job.refresh_from_db()
    stages = {stage.label: stage for stage in present.stages(job)}
    assert list(stages) == ["Queued", "Preparing", "Training"]
    assert stages["Training"].seconds >= 0.05  # type: ignore[operator]
    total = sum(stage.seconds or 0 for stage in stages.values())
    assert total == pytest.approx((job.finished_at - job.created_at).total_seconds(), abs=0.1)


@pytest.mark.parametrize(
    ("seconds", "on_a_clock", "in_words"),
    [
        (None, "–", "–"),
        (0.44, "0:00", "400 ms"),
        (42, "0:42", "42 seconds"),
        (724, "12:04", "12 minutes"),
        (3723, "1:02:03", "62 minutes"),
        (90_000, "25:00:00", "25 hours"),
    ],
)
def test_lengths_of_time(seconds: float | None, on_a_clock: str, in_words: str) -> None:
    assert clock(seconds) == on_a_clock
    assert length(seconds) == in_words


def test_thinning_keeps_rare_measures_and_the_end() -> None:
    steps = [{"done": n, "loss": 1.0, "usd": 0.1} for n in range(9001)]
    for step in steps[::500]:
        step["validation_loss"] = 2.0
    kept = present._thinned(steps)
    assert 900 < len(kept) < 1100
    assert sum("validation_loss" in step for step in kept) == 19
    assert kept[-1]["done"] == 9000
    assert not any("usd" in step for step in kept)
    assert present._thinned([]) == []


def test_what_is_ahead_in_the_queue(submit: Submit) -> None:
    assert (queue_ahead("cpu").jobs, queue_ahead("cpu").wait_seconds) == (0, 0.0)
    running = submit(quote={"seconds": 100})
    lease.claim(running.pk, "worker")
    Job.objects.filter(pk=running.pk).update(device_seconds=40)
    waiting = submit(quote={"seconds": 50})
    assert (queue_ahead("cpu").jobs, queue_ahead("cpu").wait_seconds) == (2, 110.0)
    assert queue_ahead("cpu", before=waiting).wait_seconds == 60.0
    assert queue_ahead("cuda").jobs == 0
    unquoted = submit()
    assert queue_ahead("cpu").wait_seconds is None, "nothing is known of the third"
    done = submit()
    Job.objects.filter(pk=done.pk).update(state="done", device_seconds=30)
    assert queue_ahead("cpu").wait_seconds == 140.0, "jobs alike took 30 s"
    assert unquoted.pk


def test_visitors_run_demos_within_the_rate(settings: Any) -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.core.cache import cache
    from rest_framework.exceptions import Throttled

    from portal.jobs.admission import demo_admit

    cache.clear()
    settings.DEMO_RATE = "3/h"
    nobody = AnonymousUser()
    for _ in range(3):
        demo_admit(user=nobody, visitor="a", address="192.0.2.1")
    with pytest.raises(Throttled) as refusal:
        demo_admit(user=nobody, visitor="a", address="192.0.2.2")
    assert 0 < refusal.value.wait <= 3600
    with pytest.raises(Throttled):
        demo_admit(user=nobody, visitor="new-cookie", address="192.0.2.1")
    demo_admit(user=nobody, visitor="b", address="2001:db8::1")
    for n in range(2, 4):
        demo_admit(user=nobody, visitor=f"c{n}", address=f"2001:db8::{n}")
    with pytest.raises(Throttled):
        demo_admit(user=nobody, visitor="d", address="2001:db8::ffff")


def test_requests_that_come_together_are_all_counted(settings: Any) -> None:
    import threading

    from django.core.cache import cache
    from rest_framework.exceptions import Throttled

    from portal.jobs.admission import demo_admit

    cache.clear()
    settings.DEMO_RATE = "20/h"
    admitted: list[bool] = []

    def one() -> None:
        try:
            demo_admit(user=None, visitor="v", address="192.0.2.9")
            admitted.append(True)
        except Throttled:
            admitted.append(False)

    threads = [threading.Thread(target=one) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert admitted.count(True) == 20


def test_a_count_that_cannot_be_kept_refuses_visitors_only(settings: Any, owner: User) -> None:
    from portal.jobs.admission import Uncounted, demo_admit

    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    demo_admit(user=owner, visitor="", address="192.0.2.1")
    with pytest.raises(Uncounted) as refusal:
        demo_admit(user=None, visitor="v", address="192.0.2.1")
    assert refusal.value.status_code == 503


@pytest.mark.parametrize("rate", ["", "20", "20/x", "/m", "-1/m", "1e3/m"])
def test_a_rate_that_says_nothing_is_refused(rate: str) -> None:
    from portal.jobs.admission import rate_read

    with pytest.raises(ImproperlyConfigured, match="20/m"):
        rate_read(rate)


@pytest.mark.parametrize(("name", "value"), [("DEMO_RATE", "often"), ("WORKER_QUEUES", ["cpu", "tpu"])])
def test_a_portal_with_such_settings_does_not_start(settings: Any, name: str, value: Any) -> None:
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        apps.get_app_config("jobs").ready()
