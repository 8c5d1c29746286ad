"""Every kind of result on the page of its demo and of its job, and the pages of actions that write no text."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import override

from mlcore.progress import Quiet
from mlcore.registry import all_tasks
from mlcore.task import Result
from portal.accounts.selectors import workspace_of
from portal.demos import cards
from portal.demos.kinds import Shown
from portal.demos.models import Upload
from portal.demos.runner import run
from portal.demos.services import upload_save
from portal.jobs.models import Job
from portal.jobs.runners import describer
from tests.demos.pictures import png

PAGE, TRAIN = "/demos/toy-kinds/", "/demos/toy-kinds/train/"
LIVE = {"HX-Request": "true"}


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def ada(client, user):
    client.force_login(user)
    return client


class Attempt(Quiet):
    job_uid, queue, device, usd_per_hour, watts = "job_toy", "cpu", "", 0.1, 65.0


@pytest.fixture
def finished(user, tmp_path):
    """A function that runs an action of the toy here and records its end."""

    def finished(action="look", inputs=None, **fields):
        upload = upload_save(chunks=[png()], name="snow.png", owner=user)
        inputs = {"picture": upload.uid, "words": "a <b> day"} if inputs is None else inputs
        payload = {"task": "toy-kinds", "action": action, "inputs": inputs, "files": {"picture": upload.uid}}
        payload["files"] = payload["files"] if action == "look" else {}
        made = run(payload, Attempt(tmp_path))
        return Job.objects.create(**{
            "owner": user, "workspace": workspace_of(user), "runner": "task", "state": "done", "queue": "cpu",
            "title": "Look", "mode": "interactive", "payload": payload, "results": made["results"],
            "measures": made["measures"], "created_at": timezone.now(), "started_at": timezone.now(),
            "finished_at": timezone.now(),
        } | fields)  # fmt: skip

    return finished


def test_each_kind_is_drawn_on_the_demo(ada, finished):
    job = finished()
    response = ada.get(f"/demos/runs/{job.uid}/results")
    page, told = response.content.decode(), text_of(response)
    assert re.search(
        r"<span>Bright</span> <svg aria-hidden=\"true\"><rect width=\"100%\" height=\"100%\"/></svg>", page
    )
    assert "100%" in told
    assert re.search(r'<img src="data:image/png;base64,[\w+/=]+" alt="The picture in grey, 28 by 28 pixels" '
                     r'width="140" height="140" class="pixels">', page)  # fmt: skip
    assert 'data-mark="for" data-strength="3" title="+1">a </span>' in page
    assert 'title="−0.416">day </span>' in page
    assert '<th scope="col" class="n">Share</th>' in page
    assert "No. 1 &lt;b&gt;" in page
    assert '<td class="n">100%</td><td>–</td>' in page
    assert page.count('data-chart="j-result-') == 2
    assert "bright of" not in told
    assert "Confusion: 5 of bright taken for dark, the most of all mistakes." in page
    assert page.count("<figcaption>Quarter") == 4
    assert re.search(r'<audio controls [^>]*src="data:audio/wav;base64,[\w+/=]+" aria-label="A tone', page)
    for words in ("Verdict Bright", "Grey yes", "Mean 100%", "Cost of one $0.50", "Speed 80 pictures/s"):
        assert words in told, told
    assert "Unknown" not in told
    assert "<h3>Brightness</h3>" not in page, "the heading of the output says it"
    assert "<b> day" not in page


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["a ", "good ", "day."], "a good day."), (["a", "good", "day", "."], "a good day."),
        (["un", "known", " word"], "unknown word"), (["一只", "，", "猫"], "一只， 猫"), ([], ""),
    ],
)  # fmt: skip
def test_marked_pieces_read_as_the_text_that_they_are(pieces, text):
    result = Result(label="Marks", kind="marks")
    drawn = Shown("marks", result, [[piece, 0.9] for piece in pieces]).html
    first = re.search(r'<p class="marks">(.*?)</p>', drawn, re.DOTALL)
    assert first
    assert re.sub(r"<[^>]+>", "", first[1]) == text


def test_what_was_measured_can_be_sent_on_from_the_demo(ada, client, finished, stranger):
    page = ada.get(f"/demos/runs/{finished().uid}/results").content.decode()
    assert 'action="/scenarios/from-job"' in page or 'name="job"' in page
    assert "Use in a plan" in page


def test_the_job_page_draws_the_same(ada, finished):
    job = finished()
    page = ada.get(f"/jobs/{job.uid}/").content.decode()
    for words in ('class="scores"', 'data-mark="for"', "<h3>Brightness</h3>", "<audio", 'data-chart="j-result-course"'):
        assert words in page, words
    assert "plotly" in page
    assert "<dt>Picture</dt><dd>snow.png</dd>" in page


def test_a_result_that_has_become_of_another_kind_is_left_out(ada, finished):
    job = finished()
    job.results |= {"classes": "bright", "table": [1], "seen": {"png": "eA==", "alt": "x"}}
    job.save()
    for path in (f"/demos/runs/{job.uid}/results", f"/jobs/{job.uid}/"):
        response = ada.get(path)
        assert response.status_code == 200
        assert "scores" not in response.content.decode()


def test_a_wrong_shape_fails_the_run_with_its_name(finished):
    with pytest.raises(ValueError, match=r"Result 'classes' of kind labels: wanted \[label, score from 0 to 1\], got"):
        finished(inputs={"picture": "", "words": "a", "wrong": "wrong"})


def test_only_an_action_that_writes_shows_where_it_writes(client, db):
    looks = client.get(PAGE).content.decode()
    assert "The result appears here." in looks
    assert "What the model writes appears here." not in looks
    assert "data-tokens" not in looks
    assert "plotly" in looks
    compares = client.get(f"{PAGE}?action=compare").content.decode()
    assert "Comparison" in compares
    assert "plotly" not in compares
    writes = client.get("/demos/toy-echo/").content.decode()
    assert "What the model writes appears here." in writes
    assert "js/media.js" not in writes


def test_a_run_that_writes_nothing_has_no_tokens(client, db, rings):
    answer = client.post("/demos/toy-kinds/compare/run", {"times": "2"}, headers=LIVE)
    assert answer.status_code == 202
    assert "Tokens and their probabilities" not in answer.content.decode()
    assert "data-run-progress" in answer.content.decode()


def test_a_field_for_a_picture_offers_its_ways(client, db):
    page = client.get(PAGE).content.decode()
    assert '<input type="file" id="f_picture" name="picture" accept="image/png,image/jpeg,image/webp"' in page
    assert re.search(r'<div class="media" data-media="f_picture" data-most="4000000"[^>]* hidden>', page)
    for words in ("data-draw", "data-camera", "js/draw.js", "js/camera.js", "js/media.js", "js/counter.js"):
        assert words in page
    training = client.get(TRAIN).content.decode()
    assert "js/media.js" in training
    assert "js/draw.js" not in training
    assert "js/rows.js" in training, "a field that depends on another has to appear"


def test_the_camera_is_permitted_where_a_picture_may_be_taken(client, db):
    for path in (PAGE, TRAIN, f"{PAGE}?action=compare"):
        assert "camera=(self)" in client.get(path).headers["Permissions-Policy"]
        assert "microphone=()" in client.get(path).headers["Permissions-Policy"]
    for path in ("/", "/demos/", "/jobs/"):
        assert "camera=()" in client.get(path).headers["Permissions-Policy"]
    assert "media-src 'self' data:" in client.get(PAGE).headers["Content-Security-Policy"]


def test_a_picture_is_given_by_the_form(ada, user, rings):
    file = SimpleUploadedFile("me.jpg", png(), "application/pdf")
    answer = ada.post("/demos/toy-kinds/look/run", {"picture": file, "besides": SimpleUploadedFile("b", b"b")})
    assert answer.status_code == 302
    upload = Upload.objects.get()
    assert (upload.media_type, upload.owner) == ("image/png", user)
    assert Job.objects.get().payload["files"] == {"picture": upload.uid}


@pytest.mark.parametrize(
    ("field", "data", "content", "told"),
    [
        ("archive", "archive", b"PK\x03\x04", "without its end"),
        ("archive", "archive", b"a,b", "Wanted a ZIP archive, got a text."),
        ("archive", "archive", b"x" * 1_000_001, "Wanted a ZIP archive, got a text."),
        ("table", "table", b"a,b\n" * 300_000, "at most 1 MB"),
        ("table", "table", png(), "got a file of the kind PNG"),
    ],
)
def test_a_file_that_does_not_fit_is_told_beside_its_field(ada, field, data, content, told):
    given = {"data": data, field: SimpleUploadedFile("a.bin", content)}
    answer = ada.post("/demos/toy-kinds/learn/run", given)
    assert answer.status_code == 422
    error = re.search(rf'<p class="error" id="e-f_{field}" role="alert">([^<]*)</p>', answer.content.decode())
    assert error
    assert told in error[1], error[1]
    assert not Upload.objects.exists()


def test_a_table_may_come_as_any_text(ada, user, rings):
    upload = upload_save(chunks=[b"a,b\n"], name="a.txt", owner=user)
    assert upload.media_type == "text/plain"
    assert ada.post("/demos/toy-kinds/learn/run", {"data": "table", "table": upload.uid}).status_code == 302


def test_a_quote_does_not_wait_for_a_file(client, db):
    for placeholder in ("[object File]", ""):
        given = {"data": "archive", "archive": placeholder}
        assert client.get("/demos/toy-kinds/learn/quote", given).status_code == 200
        assert "curl" in client.get("/demos/toy-kinds/look/code", {"picture": placeholder}).content.decode()


def test_curves_are_those_of_the_declaration(ada, finished):
    job = finished("learn", {"data": "own"}, mode="training")
    curves = describer("task")(job).curves
    assert [curve.title for curve in curves] == ["Loss", "Accuracy", "Throughput"]
    assert "data-measures" not in ada.get(f"/jobs/{job.uid}/").content.decode()
    job.events.create(kind="step", data={"done": 1, "total": 2, "validation_accuracy": 0.5})
    page = ada.get(f"/jobs/{job.uid}/").content.decode()
    assert 'data-measures="validation_accuracy" data-labels="Held out" data-unit="%" data-best="max"' in page
    assert "pictures_per_second" not in page.split('id="job-steps"')[0]


def test_words_of_a_value_are_said_in_the_readers_language(ada, finished):
    job = finished()
    with override("zh-hans"):
        page = ada.get(f"/zh-hans/demos/runs/{job.uid}/results").content.decode()
    assert "<span>Bright</span>" in page, "the toy has no translation, but a word for it"
    assert "<dt>Grey</dt><dd>是</dd>" in page


def test_a_card_holds_each_starter_with_its_interval(tmp_path, monkeypatch):
    task = all_tasks()["toy-kinds"]
    (tmp_path / "starter" / "table").mkdir(parents=True)
    (tmp_path / "starter" / "body").mkdir()
    (tmp_path / "starter" / "body" / "model.json").write_text('{"facts": {"data": "Offered by no input"}}')
    facts = '{"facts": {"data": "Snow", "accuracy": 0.93, "accuracy_low": 0.91, "accuracy_high": 0.95, "bytes": 3}}'
    (tmp_path / "starter" / "table" / "model.json").write_text(facts)
    (tmp_path / "starter" / "archive.json").write_text('{"facts": {"data": "Rain"}}')
    (tmp_path / "starter" / "words.json").write_text('["no", "facts"]')
    (tmp_path / "card.md").write_text("## Known failures\n\n- It *never* sees\n  rain.\n- Snow.\n")

    class Found:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(cards, "find_spec", lambda _package: Found)
    monkeypatch.setattr(cards, "_MEASURED", ("accuracy", "bytes"))
    learn = task.action("learn")
    monkeypatch.setitem(learn.results, "accuracy", Result(label="Accuracy", kind="number", unit="%"))
    monkeypatch.setattr(cards, "_read", cards._read.__wrapped__)  # not what was read before
    card = cards.card_of(task)
    assert [starter.name for starter in card.starters] == ["Pictures", "A table"]
    assert card.starters[1].facts == [("Data", "Snow"), ("Accuracy", "93% (91% to 95%)"), ("Bytes", "3")]
    headings, rows = card.table
    assert headings == ["Accuracy", "Bytes", "Data"]
    assert rows == [["Pictures", "–", "–", "Rain"], ["A table", "93% (91% to 95%)", "3", "Snow"]]
    assert card.failures == ["It never sees rain.", "Snow."]


def test_the_list_names_every_action(client, db):
    page = client.get("/demos/").content.decode()
    assert f'href="{PAGE}?action=compare"' in page
    assert f'href="{TRAIN}"' in page
