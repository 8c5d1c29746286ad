import hashlib
import io
import os
import random
import tarfile
import tempfile
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portal.demos.checks import Refused
from portal.demos.checks.text import NotText, checked
from portal.demos.models import Upload
from portal.demos.selectors import upload_access, uploads_of
from portal.demos.services import UPLOADS_EACH, upload_delete, upload_save, uploads_expire
from portal.demos.upload_handler import limit_upload
from portal.jobs.models import Job

TAR = io.BytesIO()
tarfile.open(fileobj=TAR, mode="w").close()

NOT_TEXT = {
    b"": "empty file",
    b" \r\n\t": "empty file",
    "\ufeff".encode(): "empty file",
    "Call me Ishmael".encode("utf-16"): "UTF-16",
    "Call me Ishmael".encode("utf-32"): "UTF-16 or UTF-32",
    "Call me Ishmael".encode("utf-16-le"): "NUL at byte 2",
    b"Call me\x00Ishmael": "NUL at byte 8",
    "déjà vu".encode("latin-1"): "byte 2 is not",
    b"half a character: \xe4\xb8": "byte 19 is not",
    b"surrogate: \xed\xa0\x80": "byte 12 is not",
    b"overlong: \xc0\xaf": "byte 11 is not",
    b"%PDF-1.7\n%\xe2\xe3": "PDF",
    b"PK\x03\x04zip": "ZIP",
    b"\x1f\x8b\x08gz": "gzip",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"{\\rtf1 plain": "RTF",
    TAR.getvalue(): "NUL at byte 1",
    random.Random(1).randbytes(64) + b"\xff\x00": "",
}


@pytest.mark.parametrize("size", [1, 3, 4096], ids="chunks-of-{}".format)
@pytest.mark.parametrize("content", NOT_TEXT, ids=lambda content: repr(content[:12]))
def test_what_is_not_text_is_named_with_what_to_do(content, size):
    # Signatures are looked for in the first chunk, which the parser fills to 64 kB.
    chunks = [content[:8], *(content[at : at + size] for at in range(8, len(content), size))]
    with pytest.raises(NotText) as caught:
        list(checked(chunks))
    if size == 4096:
        assert NOT_TEXT[content] in str(caught.value)


@given(st.text(min_size=1).filter(lambda text: text.strip("\ufeff \t\r\n")), st.integers(1, 7))
def test_any_text_without_nul_passes_in_any_chunks(text, size):
    content = text.replace("\x00", " x").encode("utf-8", "replace")
    chunks = [content[at : at + size] for at in range(0, len(content), size)]
    if not content.startswith((b"{\\rtf", b"%PDF-", b"PK\x03\x04")):
        assert b"".join(checked(chunks)) == content


def test_the_position_of_a_broken_byte_counts_over_chunks():
    with pytest.raises(NotText, match="byte 6 "):
        list(checked([b"ab\xe4", b"\xb8\xad", b"\xffcd"]))
    with pytest.raises(NotText, match="byte 3 "):
        list(checked([b"ab\xe4", b"xd"]))


def test_a_text_is_kept_under_a_name_of_ours(user):
    upload = upload_save(chunks=[b"Call me ", b"Ishmael."], name="moby.txt", owner=user)
    assert upload.path.read_bytes() == b"Call me Ishmael."
    assert upload.sha256 == hashlib.sha256(b"Call me Ishmael.").hexdigest()
    assert (upload.size, upload.name, upload.media_type) == (16, "moby.txt", "text/plain")
    assert [path.name for path in upload.path.parent.iterdir()] == [upload.uid]
    upload_delete(upload=upload)
    assert not list(upload.path.parent.iterdir())


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/", "file"),
        ("", "file"),
        ("a\x00b\u202etxt.exe\r\n", "abtxt.exe"),
        (".htaccess", ".htaccess"),
        ("x" * 400, "x" * 120),
        ("<script>alert(1)<script>", "<script>alert(1)<script>"),
        ("小说.txt", "小说.txt"),
    ],
)
def test_the_name_given_is_shown_and_never_a_path(user, given_name, shown):
    upload = upload_save(chunks=[b"text"], name=given_name, owner=user)
    assert upload.name == shown
    assert upload.path.name == upload.uid


@pytest.mark.parametrize("content", [b"", b"\x00", "text".encode("utf-16")])
def test_a_refused_file_leaves_nothing(user, settings, content):
    with pytest.raises(Refused) as caught:
        upload_save(chunks=[content], name="a.txt", owner=user)
    assert caught.value.code == "not_text"
    assert not Upload.objects.exists()
    assert not list(Path(settings.UPLOADS).iterdir())


def test_too_large_a_file_leaves_nothing(user, settings):
    settings.MAX_UPLOAD_BYTES = 1_000_000
    with pytest.raises(Refused, match="at most 1 MB") as caught:
        upload_save(chunks=[b"x" * 600_000] * 2, name="a.txt", owner=user)
    assert caught.value.code == "too_large"
    assert not list(Path(settings.UPLOADS).iterdir())


def test_one_person_keeps_a_bounded_amount(user, stranger, settings):
    settings.MAX_UPLOAD_BYTES = 10
    for _ in range(UPLOADS_EACH):
        upload_save(chunks=[b"0123456789"], name="a.txt", owner=user)
    with pytest.raises(Refused) as caught:
        upload_save(chunks=[b"x"], name="a.txt", owner=user)
    assert caught.value.code == "quota"
    upload_save(chunks=[b"x"], name="a.txt", owner=stranger)


def test_the_door_opens_to_ones_own_uploads_only(user, stranger):
    mine = upload_save(chunks=[b"mine"], name="a", owner=user)
    visitors = upload_save(chunks=[b"theirs"], name="b", owner=None, visitor="s1")
    assert upload_access(user, "", mine.uid) == mine
    assert upload_access(None, "s1", visitors.uid) == visitors
    for who, session, uid in [
        (stranger, "", mine.uid),
        (None, "", mine.uid),
        (None, "", visitors.uid),
        (None, "s2", visitors.uid),
        (user, "s1", visitors.uid),
        (user, "", "upl_none"),
    ]:
        with pytest.raises(Upload.DoesNotExist):
            upload_access(who, session, uid)
    assert list(uploads_of(user)) == [mine]


def test_uploads_expire_unless_in_use(user, settings):
    old, used, new = (upload_save(chunks=[b"x"], name=name, owner=user) for name in "abc")
    late = timezone.now() - timedelta(hours=settings.UPLOAD_HOURS, minutes=1)
    Upload.objects.filter(uid__in=[old.uid, used.uid]).update(created_at=late)
    orphan = Path(settings.UPLOADS) / "upl_orphan.part"
    orphan.write_bytes(b"left by a killed process")
    os.utime(orphan, (late.timestamp(), late.timestamp()))
    Job.objects.create(
        owner=user, runner="task", title="Waits", mode="training", queue="cpu", payload={"files": {"text": used.uid}}
    )
    assert uploads_expire() == 1
    assert {path.name for path in Path(settings.UPLOADS).iterdir()} == {used.uid, new.uid}


def test_the_handler_stops_at_the_limit_and_keeps_memory_flat():
    body = (
        b"--b\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\nContent-Type: text/plain\r\n\r\n"
        + b"x" * 8_000_000
        + b"\r\n--b--\r\n"
    )
    request = RequestFactory().generic("POST", "/", body, content_type="multipart/form-data; boundary=b")
    handler = limit_upload(request, most=1_000_000)
    before = set(os.listdir(tempfile.gettempdir()))
    tracemalloc.start()
    assert not request.FILES
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert handler.too_large
    assert handler.received < 1_200_000
    assert peak < 4_000_000
    assert not {name for name in set(os.listdir(tempfile.gettempdir())) - before if name.endswith(".upload")}


def test_the_handler_takes_a_file_within_the_limit():
    body = b"--b\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\n\r\nhello\r\n--b--\r\n"
    request = RequestFactory().generic("POST", "/", body, content_type="multipart/form-data; boundary=b")
    handler = limit_upload(request, most=5)
    assert request.FILES["file"].read() == b"hello"
    assert not handler.too_large
