"""Pages of ML tasks, from the declaration of the portal's own task; nothing is run here."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mlcore.registry import all_tasks
from portal.accounts.selectors import workspace_of
from portal.demos.models import Upload
from portal.jobs.models import Artifact, Job

TASK = "text-generation"
PAGE, TRAIN = f"/demos/{TASK}/", f"/demos/{TASK}/train/"
RUN, START = f"/demos/{TASK}/generate/run", f"/demos/{TASK}/train/run"
QUOTE = f"/demos/{TASK}/train/quote"
LIVE = {"HX-Request": "true"}


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def ada(client, user):
    client.force_login(user)
    return client


def finished(user, action="train", **fields):
    given = {
        "payload": {"task": TASK, "action": action, "inputs": {"size": "tiny"}, "files": {}},
        "mode": "training" if action == "train" else "interactive",
        "title": "Train a language model", "state": "done", "queue": "cpu", "runner": "task", "device": "Epyc <7B13>",
        "measures": {"achieved_flops": 1e11}, "device_seconds": 60.0,
        "created_at": timezone.now(), "started_at": timezone.now(), "finished_at": timezone.now(),
    }  # fmt: skip
    return Job.objects.create(owner=user, workspace=workspace_of(user), **(given | fields))


def test_the_list_leads_to_demo_and_training(client, db):
    page = client.get("/demos/").content.decode()
    assert f'href="{PAGE}"' in page
    assert f'href="{TRAIN}"' in page


@pytest.mark.parametrize("path", ["/demos/none/", "/demos/none/train/", f"{PAGE}?action=train", f"{TRAIN}?action=x",
                                  "/demos/text-generation/none/quote", "/demos/runs/job_none/results"])  # fmt: skip
def test_unknown_tasks_actions_and_runs_are_not_there(client, db, path):
    assert client.get(path).status_code == 404


def test_the_demo_is_filled_in_with_settings_folded_and_told(client, db):
    response = client.get(PAGE)
    page = response.content.decode()
    assert response.status_code == 200
    assert "It is a truth universally acknowledged, that</textarea>" in page
    assert "temperature 0.8" in text_of(response)
    assert "The starter model" in page
    assert "Hub model" not in page
    assert page.count('class="chip" href="?') == 4
    assert "curl -s" in page
    assert f'hx-post="{RUN}"' in page


def test_hub_models_are_offered_only_where_the_operator_allows_some(client, db, settings):
    settings.HUB_ENABLED, settings.HUB_MODELS = True, ("org/model@" + "0" * 40,)
    page = client.get(PAGE).content.decode()
    assert "Hub model" in page
    assert '<option value="org/model@' in page


def test_ones_own_finished_runs_are_models_to_choose(ada, user, stranger):
    mine, theirs, bare = finished(user), finished(stranger), finished(user)
    for job in (mine, theirs):
        Artifact.objects.create(job=job, name="model", path=f"{job.uid}/work/model", size=1, sha256="0" * 64)
    page = ada.get(PAGE).content.decode()
    assert f'<option value="{mine.uid}">' in page
    assert theirs.uid not in page
    assert bare.uid not in page


def test_the_address_fills_the_form_and_bad_values_are_told(client, db):
    assert "hello &lt;b&gt;</textarea>" in client.get(PAGE, {"prompt": "hello <b>"}).content.decode()
    bad = client.get(PAGE, {"temperature": "9"})
    assert bad.status_code == 422
    assert "Wanted at most 2, got 9." in text_of(bad)


def test_a_run_by_script_answers_the_place_where_it_streams(client, db, rings):
    response = client.post(RUN, {"prompt": "Once"}, headers=LIVE)
    job = Job.objects.get()
    page = response.content.decode()
    assert response.status_code == 202
    assert (job.payload["inputs"]["prompt"], job.mode) == ("Once", "interactive")
    assert job.visitor
    assert f'data-job-events="/jobs/{job.uid}/events"' in page
    assert f'hx-post="/demos/runs/{job.uid}/stop"' in page
    assert "Number 1 in the queue" in text_of(response)


def test_a_run_without_scripts_leads_to_the_page_of_the_job(client, db, rings):
    response = client.post(RUN, {"prompt": "Once"})
    assert response.headers["Location"] == f"/jobs/{Job.objects.get().uid}/"
    assert "Once" in client.get(response.headers["Location"]).content.decode()


def test_a_new_run_stops_the_one_whose_place_it_takes(client, db, rings):
    client.post(RUN, {"prompt": "a"}, headers=LIVE)
    first = Job.objects.get()
    client.post(RUN, {"prompt": "b", "replaces": first.uid}, headers=LIVE)
    first.refresh_from_db()
    assert first.state == "cancelled"
    # Nobody stops another's.
    other = Client()
    second = Job.objects.exclude(pk=first.pk).get()
    other.post(RUN, {"prompt": "c", "replaces": second.uid}, headers=LIVE)
    second.refresh_from_db()
    assert second.state == "queued"


def test_refused_inputs_come_back_beside_their_fields(client, db):
    live = client.post(RUN, {"temperature": "9"}, headers=LIVE)
    assert (live.status_code, live.headers["HX-Retarget"]) == (422, "#f")
    assert "Wanted at most 2, got 9." in text_of(live)
    assert "<html" not in live.content.decode()
    plain = client.post(RUN, {"temperature": "9"})
    assert (plain.status_code, "<html" in plain.content.decode()) == (422, True)
    assert not Job.objects.exists()


def test_visitors_are_told_when_their_rate_is_used_up(client, db, rings, settings):
    settings.DEMO_RATE = "1/h"
    assert client.post(RUN, {}, headers=LIVE).status_code == 202
    live = client.post(RUN, {}, headers=LIVE)
    assert live.status_code == 429
    assert 'id="run"' in live.content.decode()
    assert "1 demo runs in 3600 seconds" in text_of(live)
    assert client.post(RUN, {}).status_code == 429
    # A new session does not help: the address is counted too.
    assert Client().post(RUN, {}).status_code == 429


def test_results_are_drawn_by_kind_with_the_badge_of_the_server(ada, user):
    job = finished(
        user, "generate",
        results={"text": "<script>x</script>", "tokens": 41, "first_token_seconds": 0.18, "seconds": 3.2,
                 "tokens_per_second": 12.5, "stopped_by": "length"},
    )  # fmt: skip
    response = ada.get(f"/demos/runs/{job.uid}/results")
    assert "&lt;script&gt;x" in response.content.decode()
    told = text_of(response)
    for words in ("First token after 180 ms", "Writing speed 12.5 tokens/s", "Device Epyc", "41 tokens"):
        assert words in told, told
    job.events.create(kind="tokens", data={"tokens": []})
    assert "script" not in ada.get(f"/demos/runs/{job.uid}/results").content.decode()


def test_a_run_of_another_person_is_not_there(client, user, stranger):
    job = finished(user, "generate")
    client.force_login(stranger)
    assert client.get(f"/demos/runs/{job.uid}/results").status_code == 404
    assert client.post(f"/demos/runs/{job.uid}/stop").status_code == 404
    running = finished(user, "generate", state="queued", finished_at=None)
    assert client.post(f"/demos/runs/{running.uid}/stop").status_code == 404
    client.force_login(user)
    assert "Stopped; what was written stays" in text_of(client.post(f"/demos/runs/{running.uid}/stop"))
    running.refresh_from_db()
    assert running.state == "cancelled"


def test_the_job_page_says_what_was_asked_and_what_came(ada, user):
    job = finished(user, results={"validation_loss": 3.25, "sample": "Dear Jane"}, measures={})
    told = text_of(ada.get(f"/jobs/{job.uid}/"))
    assert "Size Tiny: 0.73 million parameters" in told
    assert "Held-out loss 3.25" in told
    assert "Dear Jane" in told


def test_training_is_quoted_before_it_runs(client, db, settings):
    settings.DEVICE_USD_PER_HOUR = 36.0
    response = client.get(TRAIN)
    told = text_of(response)
    assert response.status_code == 200
    assert "Nothing like it has run on this machine yet" in told
    assert "starts at once" in told
    assert "Sign in and start training" in told
    longer = text_of(client.get(QUOTE, {"steps": "1200"}))
    assert "$" in longer
    bad = client.get(QUOTE, {"steps": "many"})
    assert bad.status_code == 422
    assert "No quote" in text_of(bad)


def test_a_quote_names_the_run_on_which_it_rests(client, user, stranger):
    job = finished(user)
    client.force_login(user)
    mine = client.get(TRAIN).content.decode()
    assert f'href="/jobs/{job.uid}/"' in mine
    assert "Epyc &lt;7B13&gt;" in mine
    client.force_login(stranger)
    theirs = client.get(TRAIN).content.decode()
    assert job.uid not in theirs
    assert "an earlier run measured on Epyc" in theirs


def test_training_asks_a_visitor_to_sign_in_and_keeps_what_was_filled_in(client, db, user):
    response = client.post(START, {"size": "small", "steps": "50"})
    assert response.status_code == 302
    assert response.headers["Location"].startswith(f"{reverse('account_login')}?next={TRAIN}%3F")
    assert not Job.objects.exists()
    signed_in = client.post(response.headers["Location"], {"login": user.email, "password": "correct horse"})
    page = client.get(signed_in.headers["Location"]).content.decode()
    assert '<option value="small" selected>' in page
    assert 'value="50"' in page


def test_training_starts_with_an_uploaded_text(ada, user, rings):
    file = SimpleUploadedFile("mine.txt", b"word " * 5_000, "application/octet-stream")
    response = ada.post(START, {"data": "upload", "upload": file, "steps": "5"})
    job = Job.objects.get()
    assert response.headers["Location"] == f"/jobs/{job.uid}/"
    upload = Upload.objects.get()
    assert (upload.owner, upload.name, job.payload["files"]) == (user, "mine.txt", {"upload": upload.uid})
    assert job.quote["basis"] == "reference"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Jane".encode("utf-16"), "got UTF-16"), (b"%PDF-1.7", "PDF"), (b"a\x00b", "NUL at byte 2"),
        (b"", "empty file"), (b"x" * 1_000_001, "at most 1 MB"), (None, "got none"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_told_beside_the_field(ada, settings, content, words):
    settings.MAX_UPLOAD_BYTES = 1_000_000
    data = {"data": "upload"} if content is None else {"data": "upload", "upload": SimpleUploadedFile("a", content)}
    response = ada.post(START, data)
    assert response.status_code == 422
    assert words in text_of(response)
    assert not Upload.objects.exists()
    assert not Job.objects.exists()


def test_a_stored_upload_need_not_be_sent_again(ada, user, rings):
    file = SimpleUploadedFile("mine.txt", b"word " * 5_000)
    response = ada.post(START, {"data": "upload", "upload": file, "steps": "none"})
    upload = Upload.objects.get()
    page = response.content.decode()
    assert (response.status_code, "Kept: mine.txt" in page) == (422, True)
    assert f'name="upload" value="{upload.uid}"' in page
    ada.post(START, {"data": "upload", "upload": upload.uid, "steps": "5"})
    assert Job.objects.get().payload["files"] == {"upload": upload.uid}


def test_posts_need_the_token_against_forgery(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post(RUN, {"prompt": "x"}).status_code == 403
    assert not Job.objects.exists()


def test_examples_are_inputs_of_their_action():
    for task in all_tasks().values():
        for action in task.actions:
            for example in action.examples:
                assert action.inputs(**example)
