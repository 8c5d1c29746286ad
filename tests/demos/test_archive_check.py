"""Archives that are given: traps are refused by the list of contents, or by what comes out."""

import io
import stat
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.demos.checks import CSV, PNG, TEXT, ZIP, Refused, archive
from portal.demos.models import Upload
from portal.demos.services import upload_save


def packed(files, method=zipfile.ZIP_DEFLATED):
    """An archive of ``files``, names or ZipInfo to contents."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file.getvalue()


def entry(name, mode=0):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def encrypted():
    """The flag of encryption, in the entry and in the list."""
    content = bytearray(packed({"a.png": b"x"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + offset] |= 1
    return bytes(content)


def lying(size):
    """The list says that ``size`` bytes come out of ten."""
    content = bytearray(packed({"a.txt": b"0123456789"}, zipfile.ZIP_STORED))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", content, content.find(signature) + offset, size)
    return bytes(content)


def crowded(count, *, stated=None):
    """An archive of ``count`` entries that all point to one file, and an end that states another number."""
    one = packed({"a": b"x"}, zipfile.ZIP_STORED)
    at = one.find(b"PK\x01\x02")
    line = one[at : one.find(b"PK\x05\x06")]
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, stated or count, stated or count, len(line) * count, at, 0)
    return one[:at] + line * count + end


def broken_checksum():
    content = bytearray(packed({"a.txt": b"0123456789"}, zipfile.ZIP_STORED))
    content[content.find(b"0123")] ^= 1
    return bytes(content)


INNER = packed({"b.txt": b"b"})
REFUSED = {
    "an empty one": (packed({}), "files in it, got an empty one"),
    "folders only": (packed({"a/": b""}), "files in it, got an empty one"),
    "cut off": (packed({"a.txt": b"a" * 500})[:-30], "without its end"),
    "cut in the middle": (packed({"a.txt": b"a" * 500})[40:], None),
    "noise": (b"PK\x03\x04" + bytes(range(256)) * 4, "without its end"),
    "a wrong checksum": (broken_checksum(), "damaged"),
    "out of its folder": (packed({"../../etc/passwd": b"x"}), "within one folder, got “../../etc/passwd”"),
    "from the root": (packed({"/etc/passwd": b"x"}), "within one folder"),
    "from a drive": (packed({"C:/boot.ini": b"x"}), "within one folder"),
    "with backslashes": (packed({"a\\..\\b": b"x"}), "within one folder"),
    "a link": (packed({entry("link", stat.S_IFLNK | 0o777): b"/etc/passwd"}), "a link or a device"),
    "a device": (packed({entry("null", stat.S_IFCHR | 0o666): b""}), "a link or a device"),
    "with a password": (encrypted(), "without a password, got “a.png”"),
    "an archive by name": (packed({"b.zip": b"x"}), "no archive within the archive, got “b.zip”"),
    "an archive by content": (packed({"b.png": INNER}), "no archive within the archive, got “b.png”"),
    "a gzip called PNG": (packed({"b.png": b"\x1f\x8b\x08\0"}), "no archive within the archive"),
    "packed by LZMA": (packed({"a.txt": b"x"}, zipfile.ZIP_LZMA), "stored or deflated"),
    "a bomb": (packed({"zeros.png": bytes(20_000_000)}), "packed at most 100 to one"),
    "many small bombs": (packed({f"{at}.png": bytes(900_000) for at in range(30)}), "the whole packed tighter"),
    "more than stated": (lying(5), "damaged"),
    "less than stated": (lying(500), "damaged"),
    "too much when unpacked": (lying(600_000_000), None),
    "too many files": (crowded(20_001), "at most 20,000 files, got 20,001"),
    "more than it says": (crowded(30_000, stated=3), "at most 20,000 files, got 30,000"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_trap_is_refused_and_leaves_nothing(user, settings, what):
    content, told = REFUSED[what]
    with pytest.raises(Refused) as caught:
        upload_save(chunks=[content], name="a.zip", owner=user, accepted=(ZIP,))
    assert caught.value.code in ("not_archive", "wrong_type")
    assert told is None or told in str(caught.value), str(caught.value)
    assert not Upload.objects.exists()
    assert not list(settings.UPLOADS.iterdir())


def test_a_list_of_any_length_costs_little_memory(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(crowded(400_000, stated=7))
    tracemalloc.start()
    with pytest.raises(Refused, match="at most 20,000 files"):
        archive.check(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000


def test_the_sixty_four_bit_form_is_refused(tmp_path):
    content = packed({"a.txt": b"a"})
    at = content.rfind(b"PK\x05\x06")
    path = tmp_path / "a.zip"
    path.write_bytes(content[:at] + b"PK\x06\x07" + bytes(16) + content[at:])
    with pytest.raises(Refused, match="more than 65,535"):
        archive.check(path)


def test_pictures_in_folders_are_kept_as_they_came(user):
    content = packed({"cats/": b"", "cats/1.png": b"\x89PNG" + bytes(100), "dogs/猫.png": zlib.compress(b"x" * 99)})
    upload = upload_save(chunks=[content[:20], content[20:]], name="pets.zip", owner=user, accepted=(ZIP,))
    assert (upload.media_type, upload.path.read_bytes()) == (ZIP, content)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_leads_to_anything_but_a_refusal(tmp_path, data):
    content = bytearray(packed({"a/1.txt": b"one " * 40, "a/2.txt": b"two " * 40}))
    for _ in range(data.draw(st.integers(1, 10))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    try:
        archive.check(path)
    except Refused:
        return
    with zipfile.ZipFile(path) as made:
        assert made.testzip() is None


@pytest.mark.parametrize(
    ("content", "name", "accepted", "kept"),
    [
        (b"text,label\na,b\n", "a.csv", (), CSV), (b"a\tb\n", "A.TSV", (), CSV), (b"hello", "a.txt", (), TEXT),
        (b"hello", "a.csv", (TEXT,), CSV), (b"text,label\n", "export", (CSV,), CSV), (b"a", "a.png", (), TEXT),
        (packed({"a": b"a"}), "a.txt", (CSV, ZIP), ZIP),
    ],
)  # fmt: skip
def test_what_a_file_is_its_content_says(user, content, name, accepted, kept):
    upload = upload_save(chunks=[content], name=name, owner=user, accepted=accepted)
    assert upload.media_type == kept


@pytest.mark.parametrize(
    ("content", "accepted", "told"),
    [
        (packed({"a": b"a"}), (CSV,), "got a file of the kind ZIP, DOCX, XLSX"),
        (packed({"a": b"a"}), (PNG,), "Wanted a picture (PNG, JPEG or WebP), got a ZIP archive."),
        (b"a,b\n", (ZIP,), "Wanted a ZIP archive, got a text."),
        (b"a,b\n", (ZIP, PNG), "Wanted a ZIP archive / a picture (PNG, JPEG or WebP), got a text."),
        (b"\x1f\x8b\x08", (ZIP,), "got gzip."),
        ("a,b\n".encode("utf-16"), (CSV,), "got UTF-16"),
        (b"a,b\n\xff", (CSV,), "byte 5 is not"),
    ],
)  # fmt: skip
def test_another_kind_than_a_field_wants_is_named(user, content, accepted, told):
    with pytest.raises(Refused) as caught:
        upload_save(chunks=[content], name="a", owner=user, accepted=accepted)
    assert told in str(caught.value)
