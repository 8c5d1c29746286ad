"""The REST API of ML tasks and uploads; nothing is run here."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.accounts.services import token_make
from portal.demos.models import Upload
from portal.jobs.models import Job
from tests.demos.pictures import png

TASKS, UPLOADS = "/api/v1/tasks/", "/api/v1/uploads/"
GENERATE, TRAIN, QUOTE = (f"{TASKS}text-generation/{path}" for path in ("generate/runs", "train/runs", "train/quote"))
PROBLEM = "application/problem+json"


def client_of(user=None):
    token = token_make(user=user, name="test", days=1)[1] if user else ""
    return Client(headers={"Authorization": f"Token {token}"} if token else {})


def post(client, path, body, **headers):
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, data, content_type="application/json", headers=named)


def send(client, content, name="mine.txt", kind="text/plain"):
    return client.post(UPLOADS, {"file": SimpleUploadedFile(name, content, kind)})


@pytest.fixture
def ada(user):
    return client_of(user)


def test_every_task_tells_its_actions_and_where_to_run_them(client, db):
    (task,) = [task for task in client.get(TASKS).json() if task["slug"] == "text-generation"]
    generate, serve, train = task["actions"]
    assert (generate["mode"], generate["runs"], generate["has_quote"]) == ("interactive", GENERATE, False)
    assert serve["results"]["tokens_per_second"]["quantity"] == "serve.tokens_per_second"
    assert (train["mode"], train["runs"], train["has_quote"]) == ("training", TRAIN, True)
    assert train["results"]["tokens_per_second"]["quantity"] == "tokens_per_second"


def test_a_visitors_run_is_accepted_and_theirs_alone(client, db, rings):
    response = post(client, GENERATE, {"prompt": "Once", "max_new_tokens": "1k"})
    job = Job.objects.get()
    assert response.status_code == 202
    assert response.headers["Location"] == f"/api/v1/jobs/{job.uid}/"
    body = response.json()
    assert (body["state"], body["place"], body["events_url"]) == ("queued", 1, f"/api/v1/jobs/{job.uid}/events")
    assert job.payload["inputs"]["max_new_tokens"] == 1_000
    assert client.get(body["url"]).status_code == 200
    assert Client().get(body["url"]).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"prompt": 1}, "#/prompt"),
        ({"prompt": "a\x00b"}, "#/prompt"),
        ({"prompt": "x" * 8_001}, "#/prompt"),
        ({"temperature": "hot"}, "#/temperature"),
        ({"temperature": -1}, "#/temperature"),
        ({"temperature": "NaN"}, "#/temperature"),
        ({"max_new_tokens": 10**6}, "#/max_new_tokens"),
        ({"max_new_tokens": 1.5}, "#/max_new_tokens"),
        ({"top_k": -1}, "#/top_k"),
        ({"colour": 1}, "#/colour"),
        ({"model": "job_none"}, "#/model"),
        ({"model": "../../etc/passwd"}, "#/model"),
        ([], "#"),
        ("null", "#"),
    ],
)
def test_refused_inputs_are_named_and_start_nothing(client, db, body, pointer):
    response = post(client, GENERATE, body)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == PROBLEM
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not Job.objects.exists()


@pytest.mark.parametrize("body", ["{", "[" * 100_000, '{"top_k": 1e999}', b"\xff", '{"seed": ' + "9" * 5_000 + "}"])
def test_bodies_that_cannot_be_read_are_no_fault(client, db, body):
    response = post(client, GENERATE, body)
    assert (response.status_code, response.headers["Content-Type"]) == (400, PROBLEM)


def test_unknown_tasks_and_actions_are_not_there(client, db):
    for path in (
        f"{TASKS}none/generate/runs",
        f"{TASKS}text-generation/none/runs",
        f"{TASKS}text-generation/generate/quote",
    ):
        assert post(client, path, {}).status_code == 404


def test_one_key_makes_one_job(ada, rings):
    first = post(ada, GENERATE, {"seed": 1}, Idempotency_Key="k1").json()["uid"]
    assert post(ada, GENERATE, {"seed": 1}, Idempotency_Key="k1").json()["uid"] == first
    other = post(ada, GENERATE, {"seed": 2}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert post(ada, GENERATE, {"seed": 2}, Idempotency_Key="k2").json()["uid"] != first
    assert post(ada, GENERATE, {}, Idempotency_Key="x" * 300).status_code == 400
    assert Job.objects.count() == 2


def test_a_used_up_rate_says_when_to_come_back(client, db, rings, settings):
    settings.DEMO_RATE = "2/h"
    for _ in range(2):
        assert post(client, GENERATE, {}).status_code == 202
    refused = post(client, GENERATE, {})
    assert (refused.status_code, refused.headers["Content-Type"]) == (429, PROBLEM)
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert post(Client(), GENERATE, {}).status_code == 429
    assert Job.objects.count() == 2


def test_training_is_for_people_with_an_account(client, ada, rings):
    refused = post(client, TRAIN, {"steps": 1})
    assert (refused.status_code, refused.headers["Content-Type"]) == (401, PROBLEM)
    assert not Job.objects.exists()
    started = post(ada, TRAIN, {"steps": 1})
    assert started.status_code == 202
    assert started.json()["quote"]["seconds"] > 0


def test_a_quote_starts_nothing_and_says_what_it_rests_on(client, db, settings):
    settings.DEVICE_USD_PER_HOUR = 36.0
    body = post(client, QUOTE, {"steps": 600}).json()
    assert body["basis"] == "reference"
    assert body["usd"] == pytest.approx(body["seconds"] / 100)
    assert body["ahead"] == {"place": 1, "wait_seconds": 0.0}
    assert body["facts"]["parameters"] > 0
    assert post(client, QUOTE, {"steps": 0}).json()["errors"][0]["pointer"] == "#/steps"
    assert not Job.objects.exists()


# Uploads


def test_a_text_is_given_known_used_and_removed(ada, user, rings):
    given = send(ada, b"word " * 5_000)
    assert given.status_code == 201
    body = given.json()
    upload = Upload.objects.get()
    assert given.headers["Location"] == f"{UPLOADS}{upload.uid}/"
    assert (body["uid"], body["name"], body["size"], body["media_type"]) == (
        upload.uid, "mine.txt", 25_000, "text/plain",
    )  # fmt: skip
    assert "word" not in ada.get(given.headers["Location"]).content.decode()
    assert ada.get(UPLOADS).json()["count"] == 1
    started = post(ada, TRAIN, {"data": "upload", "upload": upload.uid, "steps": 1})
    assert started.json()["configuration"]["files"] == {"upload": upload.uid}
    assert ada.delete(given.headers["Location"]).status_code == 204
    assert (ada.get(given.headers["Location"]).status_code, upload.path.exists()) == (404, False)


def test_every_kind_of_file_is_taken_and_named_by_its_content(ada):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("a/1.png", png())
    for content, media_type in [(png(), "image/png"), (packed.getvalue(), "application/zip"), (b"word", "text/plain")]:
        response = send(ada, content)
        assert (response.status_code, response.json()["media_type"]) == (201, media_type)


@pytest.mark.parametrize(
    ("content", "status", "code", "words"),
    [
        ("Jane".encode("utf-16"), 422, "not_text", "UTF-16"),
        (b"a\x00b", 422, "not_text", "NUL at byte 2"),
        (b"\x89PNG\r\n", 422, "not_text", "PNG"),
        (b"caf\xe9", 422, "not_text", "byte 4 is not"),
        (b"   ", 422, "not_text", "empty file"),
        (png((1, 1)), 422, "not_image", "got 1 × 1"),
        (png((300, 300))[:-60], 422, "not_image", "cut off"),
        (b"PK\x05\x06", 422, "not_archive", "without its end"),
        (b"x" * 1_000_001, 413, "too_large", "at most 1 MB"),
        (b"", 400, "invalid", ""),
    ],
)
def test_what_is_no_text_is_refused_and_not_kept(ada, settings, content, status, code, words):
    settings.MAX_UPLOAD_BYTES = 1_000_000
    response = send(ada, content)
    body = response.json()
    assert (response.status_code, body["code"], response.headers["Content-Type"]) == (status, code, PROBLEM)
    assert words in body["detail"]
    assert not Upload.objects.exists()
    assert not settings.UPLOADS.exists() or not list(settings.UPLOADS.iterdir())


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\x", ".htaccess", "a\u202etxt.exe", "x" * 400])
def test_the_name_given_never_becomes_a_path(ada, settings, name):
    assert send(ada, b"text", name=name).status_code == 201
    upload = Upload.objects.get()
    assert [path.name for path in settings.UPLOADS.iterdir()] == [upload.uid]
    assert "/" not in upload.name
    assert "\u202e" not in upload.name


def test_forms_without_a_file_or_without_a_boundary_are_no_fault(ada):
    assert ada.post(UPLOADS, {}).status_code == 400
    assert ada.post(UPLOADS, {"file": "text, not a file"}).status_code == 400
    assert ada.post(UPLOADS, b"--b\r\n", content_type="multipart/form-data").status_code == 400
    assert ada.post(UPLOADS, b"rubbish", content_type="multipart/form-data; boundary=b").status_code == 400
    assert post(ada, UPLOADS, {"file": "x"}).status_code == 415


def test_uploads_of_others_are_not_there(ada, stranger, client):
    other = client_of(stranger)
    uid = send(other, b"theirs").json()["uid"]
    visitors = send(client, b"a visitor's").json()["uid"]
    for path in (f"{UPLOADS}{uid}/", f"{UPLOADS}{visitors}/"):
        assert ada.get(path).status_code == 404
        assert ada.delete(path).status_code == 404
        assert Client().get(path).status_code == 404
    assert ada.get(UPLOADS).json()["count"] == 0
    assert client.get(f"{UPLOADS}{visitors}/").status_code == 200
    refused = post(ada, TRAIN, {"data": "upload", "upload": uid})
    assert refused.json()["errors"][0]["pointer"] == "#/upload"
    assert Upload.objects.count() == 2


def test_visitors_upload_within_the_rate(client, db, settings):
    settings.DEMO_RATE = "1/h"
    assert send(client, b"text").status_code == 201
    assert send(client, b"text").status_code == 429
