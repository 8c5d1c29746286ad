import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from rest_framework.exceptions import Throttled

from mlcore.progress import Quiet
from mlcore.reading import Invalid
from portal.demos.quotes import ASSUMED, quote
from portal.demos.runner import run
from portal.demos.runs import action_of, run_read, run_start
from portal.demos.selectors import model_access, models_of
from portal.demos.services import upload_delete, upload_save
from portal.jobs.artifacts import artifacts_seal, work_folder
from portal.jobs.models import Job
from portal.jobs.services import KeyReused


class Attempt(Quiet):
    """What the runner needs of a ``JobRun``, without its lease."""

    def __init__(self, job, settings):
        super().__init__(work_folder(job.uid))
        self.job_uid, self.queue, self.device = job.uid, job.queue, ""
        self.usd_per_hour, self.watts = settings.DEVICE_USD_PER_HOUR, settings.DEVICE_WATTS


@pytest.fixture
def attempt(settings):
    return lambda job: Attempt(job, settings)


@pytest.fixture
def start(task, user, rings):
    """A function that starts an action, by default as a signed-in person."""

    def start(action="say", given=None, **options):
        options = {"user": user, "visitor": "", "address": "127.0.0.1"} | options
        return run_start(task=task, action=task.action(action), given=given or {}, **options)

    return start


@pytest.fixture
def finish(attempt):
    """A function that runs a job here and records its end as a worker does."""

    def finish(job, seconds=10.0):
        ran = attempt(job)
        made = run(job.payload, ran)
        for artifact in artifacts_seal(job, made["artifacts"]):
            artifact.save()
        job.state, job.results, job.measures = "done", made["results"], made["measures"]
        job.device, job.device_seconds, job.finished_at = ran.device, seconds, timezone.now()
        job.save()
        return job

    return finish


def test_a_run_is_a_job_with_the_inputs_in_plain_json(start, user, rings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = start(given={"words": "a b"})
    assert (job.runner, job.mode, job.queue, job.title, job.owner) == ("task", "interactive", "cpu", "Say it", user)
    assert job.payload == {
        "task": "toy-echo", "action": "say", "files": {},
        "inputs": {"words": "a b", "loud": "plain", "seconds": 0.0, "model": ""},
    }  # fmt: skip
    assert rings == [job.uid]
    task, action = action_of(job)
    assert (task.slug, action.slug) == ("toy-echo", "say")


@pytest.mark.parametrize("given", [{"words": 1}, {"loud": "very"}, {"colour": 1}, {"seconds": "1 to 2"}, [], None, "x"])
def test_bad_inputs_start_nothing(start, task, user, given):
    with pytest.raises(Invalid):
        run_start(task=task, action=task.action("say"), given=given, user=user, visitor="", address="")
    assert not Job.objects.exists()


def test_visitors_run_demos_within_their_rate_and_do_not_train(start, settings, db):
    settings.DEMO_RATE = "2/h"
    visitor = {"user": None, "visitor": "v1", "address": "203.0.113.9"}
    assert start(**visitor).visitor == "v1"
    start(**visitor)
    with pytest.raises(Throttled) as caught:
        start(**visitor)
    assert caught.value.wait > 0
    with pytest.raises(PermissionDenied):
        start("learn", **visitor)
    assert Job.objects.count() == 2


def test_one_key_starts_one_job(start):
    first = start(given={"words": "a"}, idempotency_key="k")
    assert start(given={"words": "a"}, idempotency_key="k") == first
    with pytest.raises(KeyReused):
        start(given={"words": "b"}, idempotency_key="k")


def test_the_runner_gives_results_measures_and_artifacts(start, finish):
    job = finish(start("learn", {"steps": 3}))
    assert job.results["words"] == 3
    assert job.measures == {"toy_words": 3, "toy_step_speed": 100.0}
    assert job.device == "Toy <1>"
    assert "artifacts" not in job.results
    assert job.artifacts.get().name == "model"


def test_an_entry_gets_what_it_names_and_no_more(start, finish, settings):
    settings.HUB_MODELS, settings.HUB_ENABLED = ("org/name@0123",), False
    assert finish(start()).results["hub"] == []
    settings.HUB_ENABLED = True
    assert finish(start()).results["hub"] == ["org/name@0123"]
    settings.DEVICE_USD_PER_HOUR = 2.5
    assert finish(start("learn")).results["usd"] == 2.5


def test_an_upload_goes_into_the_jobs_own_folder_and_outlives_its_row(start, user, attempt):
    upload = upload_save(chunks=[b"one two"], name="mine.txt", owner=user)
    job = start("learn", {"data": "upload", "upload": upload.uid})
    assert job.payload["files"] == {"upload": upload.uid}
    ran = attempt(job)
    assert run(job.payload, ran)["results"]["words"] == 2
    upload_delete(upload=upload)
    assert run(job.payload, ran)["results"]["words"] == 2
    with pytest.raises(ValueError, match="has expired"):
        run(job.payload, attempt(Job(uid="job_other")))


def test_files_are_refused_by_name(start, task, user, stranger):
    learn = task.action("learn")
    theirs = upload_save(chunks=[b"theirs"], name="a.txt", owner=stranger)
    large = upload_save(chunks=[b"x" * 1_001], name="a.txt", owner=user)
    image = upload_save(chunks=[b"x"], name="a.png", owner=user)
    image.media_type = "image/png"
    image.save()
    for uid, words in [
        ("", "got none"), (theirs.uid, "no upload of yours"), ("upl_none", "no upload of yours"),
        (large.uid, "at most 1,000 bytes, got 1,001"), (image.uid, "text/plain, got image/png"),
    ]:  # fmt: skip
        with pytest.raises(Invalid, match=words) as caught:
            run_read(task=task, action=learn, given={"data": "upload", "upload": uid}, user=user, visitor="")
        assert list(caught.value.problems) == ["upload"]
    # A file that the choice does not use is not looked at.
    run_read(task=task, action=learn, given={"data": "shipped", "upload": theirs.uid}, user=user, visitor="")
    assert not Job.objects.exists()


def test_a_trained_model_speaks_for_whoever_may_see_its_run(start, finish, task, user, stranger):
    trained = finish(start("learn"))
    assert list(models_of(task, user)) == [trained]
    spoken = finish(start(given={"words": "d", "model": trained.uid}))
    assert spoken.results["text"] == "a b c|d"
    for who, uid in [(stranger, trained.uid), (None, trained.uid), (user, "job_none"), (user, spoken.uid)]:
        with pytest.raises(Job.DoesNotExist):
            model_access(task, who, "", uid)
    with pytest.raises(Invalid, match="no finished run of yours"):
        start(given={"model": trained.uid}, user=stranger)


def test_a_model_whose_bytes_changed_is_refused(start, finish, attempt, settings):
    trained = finish(start("learn"))
    job = start(given={"model": trained.uid})
    (settings.ARTIFACTS / trained.artifacts.get().path).write_text("other")
    with pytest.raises(ValueError, match="SHA-256"):
        run(job.payload, attempt(job))
    trained.artifacts.all().delete()
    with pytest.raises(ValueError, match="not on this machine"):
        run(job.payload, attempt(job))


def test_a_job_of_a_task_that_is_gone_says_so(start, attempt):
    job = start()
    job.payload["task"] = "gone"
    assert action_of(job) is None
    with pytest.raises(ValueError, match="does not have the task"):
        run(job.payload, attempt(job))


def test_a_quote_rests_on_the_reference_until_something_was_measured(start, finish, task):
    learn = task.action("learn")
    first = quote(task, learn, learn.inputs(steps=100))
    assert (first.seconds, first.basis, first.outcomes) == (10.0, None, 0)
    assert first.seconds_high == pytest.approx(first.seconds * ASSUMED["reference"][1])
    small, large = finish(start("learn")), finish(start("learn", {"size": "large"}))
    large.measures = {"toy_step_speed": 50.0}
    large.save()
    measured = quote(task, learn, learn.inputs(steps=100))
    assert (measured.seconds, measured.basis) == (1.0, small)
    assert quote(task, learn, learn.inputs(steps=100, size="large")).basis == large
    assert measured.seconds_low < measured.seconds < measured.seconds_high
    assert quote(task, task.action("say"), task.action("say").inputs()) is None


def test_the_interval_of_a_quote_is_how_earlier_quotes_came_out(start, finish, task):
    learn = task.action("learn")
    finish(start("learn"))
    for factor in (0.9, 1.0, 1.1, 1.2, 2.0):
        job = start("learn", {"steps": 200})
        finish(job, seconds=job.quote["seconds"] * factor)
    told = quote(task, learn, learn.inputs(steps=100))
    assert told.outcomes == 5
    assert told.seconds_low == pytest.approx(0.92)
    assert told.seconds_high == pytest.approx(1.84)


def test_the_job_keeps_its_quote(start, settings):
    settings.DEVICE_USD_PER_HOUR = 36.0
    job = start("learn", {"steps": 100})
    assert job.quote["seconds"] == 10.0
    assert job.quote["usd"] == pytest.approx(0.1)
    assert job.quote["basis"] == "reference"
    assert job.quote["measured_by"] is None
