"""The REST API of jobs: what it answers, to whom, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import AsyncClient, Client
from django.urls import get_resolver, reverse

from portal.accounts.models import User
from portal.jobs import artifacts
from portal.jobs.execute import job_run
from portal.jobs.models import Job
from portal.jobs.services import job_cancel, job_submit

pytestmark = pytest.mark.django_db(transaction=True)
Submit = Callable[..., Job]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def api(client: Client, owner: User) -> Client:
    client.force_login(owner, backend=BACKEND)
    return client


def test_a_job_is_told_whole(api: Client, submit: Submit) -> None:
    parent = submit(payload={"steps": 1})
    job = submit(payload={"steps": 2}, quote={"seconds": 3}, parent=parent)
    body = api.get(f"/api/v1/jobs/{job.uid}/").json()
    assert (body["state"], body["place"], body["wait_seconds"]) == ("queued", 2, None)
    job_run(job.pk)
    body = api.get(f"/api/v1/jobs/{job.uid}/").json()
    assert (body["state"], body["place"], body["made_from"]) == ("done", None, parent.uid)
    assert body["configuration"] == {"steps": 2}
    assert body["results"] == {"count": 2}
    assert body["measures"] == {"steps_per_second": 10.0}
    assert body["error"] is None
    assert body["device_seconds"] > 0
    [made] = body["artifacts"]
    assert made["url"] == f"/api/v1/jobs/{job.uid}/artifacts/diary"
    assert "visitor" not in body
    assert "lease_owner" not in body


def test_an_etag_saves_the_body(api: Client, submit: Submit) -> None:
    job = submit()
    first = api.get(f"/api/v1/jobs/{job.uid}/")
    again = api.get(f"/api/v1/jobs/{job.uid}/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    job_cancel(job=job, by=None)
    changed = api.get(f"/api/v1/jobs/{job.uid}/", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_the_list_is_ones_own_in_pages(api: Client, submit: Submit, stranger: User) -> None:
    submit(owner=stranger)
    mine = [submit(title=str(n)).uid for n in range(7)][::-1]
    seen, url = [], "/api/v1/jobs/?page_size=3"
    while url:
        body = api.get(url).json()
        assert len(body["results"]) <= 3
        seen += [job["uid"] for job in body["results"]]
        url = body["next"]
    assert seen == mine
    assert "configuration" not in body["results"][0]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("state=queued", 200),
        ("state=asleep", 400),
        ("mode=%00", 400),
        ("page_size=1000000000", 200),
        ("page_size=-1", 200),
        ("cursor=x", 404),
        ("cursor=cD0%3D", 404),  # an empty position
        ("cursor=cD1h", 404),  # one that is no number
        ("cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ==", 404),
        ("owner__password__startswith=p", 200),
    ],
)
def test_odd_queries_are_answered(api: Client, submit: Submit, query: str, status: int) -> None:
    for _ in range(3):
        submit()
    answer = api.get(f"/api/v1/jobs/?{query}")
    assert answer.status_code == status, answer.content
    if status == 200:
        assert len(answer.json()["results"]) == 3


def test_the_list_holds_at_most_two_hundred(api: Client, submit: Submit) -> None:
    job = submit()
    Job.objects.bulk_create(
        Job(runner="count", title="x", payload={}, mode="training", queue="cpu", workspace=job.workspace)
        for _ in range(250)
    )
    assert len(api.get("/api/v1/jobs/?page_size=100000").json()["results"]) == 200


def test_the_number_of_queries_does_not_grow(api: Client, submit: Submit, django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        submit()
    with django_assert_max_num_queries(5):
        api.get("/api/v1/jobs/")


def test_cancel_and_retry(api: Client, submit: Submit) -> None:
    job = submit()
    refused = api.post(f"/api/v1/jobs/{job.uid}/retry")
    assert refused.status_code == 409
    assert "Only a failed or cancelled job" in refused.content.decode()
    for _ in range(2):
        body = api.post(f"/api/v1/jobs/{job.uid}/cancel").json()
        assert body["state"] == "cancelled"
    answer = api.post(f"/api/v1/jobs/{job.uid}/retry")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")


def test_retries_of_demos_are_counted(client: Client, settings: Any) -> None:
    from django.core.cache import cache

    cache.clear()
    settings.DEMO_RATE = "1/h"
    session = client.session
    session["visitor"] = "mark"
    session.save()
    job = job_submit(runner="count", title="x", payload={}, mode="interactive", owner=None, visitor="mark")
    client.post(f"/api/v1/jobs/{job.uid}/cancel")
    assert client.post(f"/api/v1/jobs/{job.uid}/retry").status_code == 202
    client.post(f"/api/v1/jobs/{job.uid}/cancel")
    answer = client.post(f"/api/v1/jobs/{job.uid}/retry")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_a_file_is_sent_to_be_saved_and_its_bytes_are_proven(api: Client, submit: Submit, owner: User) -> None:
    job = submit("make", {"files": {"page": "<script>alert(1)</script>"}, "artifacts": {"page.html": "page"}})
    job_run(job.pk)
    url = f"/api/v1/jobs/{job.uid}/artifacts/page.html"
    answer = api.get(url)
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox"
    path = artifacts.work_folder(job.uid) / "page"
    path.write_text("<script>alert(2)</script>")
    answer = api.get(url)
    assert answer.status_code == 410
    assert b"SHA-256" in answer.content


def test_a_file_is_sent_in_pieces_under_asgi(submit: Submit, owner: User) -> None:
    from asgiref.sync import async_to_sync

    job = submit("make", {"files": {"big": "x"}, "repeat": 1_000_000, "artifacts": {"big": "big"}})
    job_run(job.pk)

    async def read() -> tuple[int, list[int]]:
        client = AsyncClient()
        await client.aforce_login(owner, backend=BACKEND)
        response = await client.get(f"/api/v1/jobs/{job.uid}/artifacts/big")
        return response.status_code, [len(chunk) async for chunk in response.streaming_content]

    status, sizes = async_to_sync(read)()
    assert (status, sum(sizes)) == (200, 1_000_000)
    assert max(sizes) <= 256 * 1024


@pytest.mark.parametrize("name", ["..", "%2e%2e%2fsecret-key", "diary%00", "missing", "..%5c..%5cx", "a" * 3000])
def test_files_are_found_by_row_only(api: Client, submit: Submit, name: str) -> None:
    job = submit(payload={"steps": 1})
    job_run(job.pk)
    assert api.get(f"/api/v1/jobs/{job.uid}/artifacts/{name}").status_code == 404


def routes() -> list[tuple[str, str]]:
    """Every address below the API of jobs that names one, and its methods."""
    methods = {"job": "get", "cancel": "post", "retry": "post", "artifact": "get"}
    patterns = {p.name: p for r in get_resolver().url_patterns if getattr(r, "namespace", "") == "jobs-api"
                for p in r.url_patterns}  # fmt: skip
    named = set(patterns) - {"jobs", "events"}  # the list has no id; streams are tried in test_stream
    assert named == set(methods), "a new route needs its line in this table"
    return sorted(methods.items())


@pytest.mark.parametrize(("route", "method"), routes())
@pytest.mark.parametrize("who", ["nobody", "stranger", "stranger with a token", "another visitor"])
def test_what_is_somebody_elses_does_not_exist(
    client: Client, submit: Submit, stranger: User, route: str, method: str, who: str
) -> None:
    from knox.models import get_token_model

    job = submit(payload={"steps": 1})
    job_run(job.pk)
    before = Job.objects.filter(pk=job.pk).values().get()
    headers = {}
    if who == "stranger":
        client.force_login(stranger, backend=BACKEND)
    elif who == "stranger with a token":
        headers = {"Authorization": f"Token {get_token_model().objects.create(user=stranger)[1]}"}
    elif who == "another visitor":
        session = client.session
        session["visitor"] = "someone"
        session.save()
    arguments = [job.uid, "diary"] if route == "artifact" else [job.uid]
    answer = getattr(client, method)(reverse(f"jobs-api:{route}", args=arguments), headers=headers)
    assert answer.status_code == 404
    assert Job.objects.filter(pk=job.pk).values().get() == before


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_jobs_cannot_be_written_by_the_api(api: Client, submit: Submit, method: str) -> None:
    job = submit()
    body = {"state": "done", "usd": 0, "owner": 1, "workspace": 1, "uid": "job_mine"}
    for path in ("/api/v1/jobs/", f"/api/v1/jobs/{job.uid}/"):
        assert getattr(api, method)(path, body, content_type="application/json").status_code == 405


def test_the_schema_names_every_operation_once() -> None:
    from drf_spectacular.generators import SchemaGenerator

    paths = SchemaGenerator(patterns=_api_patterns()).get_schema(public=True)["paths"]
    operations = sorted(operation["operationId"] for methods in paths.values() for operation in methods.values())
    assert operations == ["jobs_artifact", "jobs_cancel", "jobs_list", "jobs_read", "jobs_retry"]


def _api_patterns() -> list[Any]:
    from django.urls import include, path

    return [path("api/v1/jobs/", include("portal.jobs.api_urls"))]


@pytest.mark.parametrize("key", ["x" * 256, "with space", "ümlaut", "tab\there"])
def test_odd_idempotency_keys_are_refused(rf: Any, key: str) -> None:
    from rest_framework.exceptions import ValidationError

    from portal.jobs.idempotency import key_of

    with pytest.raises(ValidationError, match="Idempotency-Key"):
        key_of(rf.post("/", headers={"Idempotency-Key": key}))
    assert key_of(rf.post("/", headers={"Idempotency-Key": "a-1"})) == "a-1"
    assert key_of(rf.post("/")) == ""


def test_a_reused_key_is_answered_with_422(submit: Submit) -> None:
    from portal.jobs.idempotency import Reused, answered

    submit(idempotency_key="k")
    with pytest.raises(Reused) as refusal, answered():
        submit(payload={"steps": 9}, idempotency_key="k")
    assert refusal.value.status_code == 422


# --- administration ----------------------------------------------------------------------------------------------


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("root@example.com", "a long password"), backend=BACKEND)
    return client


def test_the_admin_lists_cancels_and_retries(admin: Client, submit: Submit) -> None:
    waiting, failed, done = submit(), submit("raises", {"kind": "value"}), submit(payload={"steps": 1})
    job_run(failed.pk)
    job_run(done.pk)
    page = admin.get("/admin/jobs/job/").content.decode()
    assert 'data-state="failed"' in page
    chosen = [waiting.pk, failed.pk, done.pk]
    url = "/admin/jobs/job/"
    page = admin.post(url, {"action": "retry", "_selected_action": chosen}, follow=True).content.decode()
    assert "1 job is queued again" in page
    assert "Only a failed or cancelled job" in page
    page = admin.post(url, {"action": "cancel", "_selected_action": chosen}, follow=True).content.decode()
    assert "2 jobs are cancelled" in page
    states = {job.pk: job.state for job in Job.objects.all()}
    assert states == {waiting.pk: "cancelled", failed.pk: "cancelled", done.pk: "done"}


@pytest.mark.parametrize("model", ["job", "jobevent", "artifact", "idempotencykey"])
def test_the_admin_shows_each_model_and_changes_none(admin: Client, submit: Submit, model: str) -> None:
    from django.apps import apps

    job = submit("make", {"files": {"<b>": "x"}, "artifacts": {"f": "<b>"}}, idempotency_key="k")
    job_run(job.pk)
    row = apps.get_model("jobs", model).objects.first()
    assert admin.get(f"/admin/jobs/{model}/").status_code == 200
    page = admin.get(f"/admin/jobs/{model}/{row.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert "<b>" not in page.content.decode().split("<main")[-1]
    assert admin.get(f"/admin/jobs/{model}/add/").status_code == 403


def test_a_job_is_deleted_with_its_events(admin: Client, submit: Submit) -> None:
    job = submit(payload={"steps": 1})
    job_run(job.pk)
    answer = admin.post(f"/admin/jobs/job/{job.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    assert not Job.objects.exists()


def test_staff_without_the_permission_see_no_jobs(client: Client, submit: Submit) -> None:
    submit()
    client.force_login(User.objects.create_user("staff@example.com", "a long password", is_staff=True), backend=BACKEND)
    assert client.get("/admin/jobs/job/").status_code == 403
