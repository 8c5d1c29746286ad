"""Pictures that are given: what is refused before a pixel is decoded, and what is left of what is taken."""

import io
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from portal.demos.checks import JPEG, PNG, WEBP, Refused, image
from portal.demos.models import Upload
from portal.demos.services import upload_save


def encoded(form="PNG", size=(40, 30), mode="RGB", **options):
    file = io.BytesIO()
    Image.new(mode, size, 1 if mode == "P" else None or 0).save(file, form, **options)
    return file.getvalue()


def animated(form):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    return encoded_frames(frames, form)


def encoded_frames(frames, form):
    file = io.BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:])
    return file.getvalue()


def png_of(width, height):
    """A PNG whose header states a size; nothing of that size is in it."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def text_bomb():
    """A PNG with a compressed comment of 80 MB."""
    about = PngImagePlugin.PngInfo()
    about.add_text("comment", "x" * 80_000_000, zip=True)
    return encoded(pnginfo=about)


def save(content, user, name="a.png", accepted=(PNG, JPEG, WEBP), **more):
    return upload_save(chunks=[content], name=name, owner=user, accepted=accepted, **more)


PICTURES = "a picture (PNG, JPEG or WebP)"
REFUSED = {
    "one pixel": (encoded(size=(1, 1)), "not_image", "at least 8 × 8 pixels, got 1 × 1"),
    "a thin line": (encoded(size=(400, 7)), "not_image", "got 400 × 7"),
    "20,000 to the square": (png_of(20_000, 20_000), "not_image", "at most 25 million pixels, got far more"),
    "6,000 to the square": (png_of(6_000, 6_000), "not_image", "25 million pixels, got 6,000 × 6,000"),
    "the largest header": (png_of(2**31 - 1, 2**31 - 1), "not_image", "25 million pixels"),
    "no size at all": (png_of(0, 0), "not_image", "damaged"),
    "a cut PNG": (encoded("PNG", (300, 300))[:-60], "not_image", "damaged or cut off"),
    "a cut JPEG": (encoded("JPEG", (300, 300))[:-200], "not_image", "damaged or cut off"),
    "a cut WebP": (encoded("WEBP", (300, 300))[:-20], "not_image", "damaged or cut off"),
    "only a start": (b"\x89PNG\r\n\x1a\n", "not_image", "damaged"),
    "an animated PNG": (animated("PNG"), "not_image", "animated"),
    "an animated WebP": (animated("WEBP"), "not_image", "animated"),
    "a comment of 80 MB": (text_bomb(), "not_image", "damaged"),
    "a GIF": (animated("GIF"), "wrong_type", f"Wanted {PICTURES}, got GIF."),
    "a BMP": (encoded("BMP"), "wrong_type", f"Wanted {PICTURES}, got another kind of file."),
    "a text called PNG": (b"I am a picture.", "wrong_type", f"Wanted {PICTURES}, got a text."),
    "a program called PNG": (b"\x7fELF\0\0", "wrong_type", "got ELF"),
    "a picture of a telephone": (b"\0\0\0\x18ftypheic\0\0\0\0", "wrong_type", "got HEIC"),
    "nothing": (b"", "wrong_type", f"Wanted {PICTURES}, got an empty file."),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_picture_to_look_at_is_refused_and_leaves_nothing(user, settings, what):
    content, code, told = REFUSED[what]
    with pytest.raises(Refused) as caught:
        save(content, user)
    assert (caught.value.code, told in str(caught.value)) == (code, True), str(caught.value)
    assert not Upload.objects.exists()
    assert not list(settings.UPLOADS.iterdir())


def test_a_header_of_any_size_costs_no_memory(user):
    tracemalloc.start()
    for content in (png_of(20_000, 20_000), png_of(6_000, 6_000), png_of(100_000, 100_000)):
        with pytest.raises(Refused):
            save(content, user)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize(("form", "media_type"), [("PNG", PNG), ("JPEG", JPEG), ("WEBP", WEBP)])
def test_a_picture_is_written_anew_under_what_it_is(user, form, media_type):
    upload = save(encoded(form), user, name="holiday.exe")
    with Image.open(upload.path) as kept:
        assert (kept.format, kept.size, kept.mode) == (form, (40, 30), "RGB")
    assert (upload.media_type, upload.name, upload.size) == (media_type, "holiday.exe", upload.path.stat().st_size)


def test_only_pixels_are_kept_and_they_stand_upright(user):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "Camera of Ada"
    about = PngImagePlugin.PngInfo()
    about.add_text("place", "51.5 N")
    for content in (encoded("JPEG", (40, 20), exif=exif), encoded("PNG", (40, 20), exif=exif, pnginfo=about)):
        upload = save(content, user)
        raw = upload.path.read_bytes()
        assert b"Camera" not in raw
        assert b"51.5" not in raw
        with Image.open(upload.path) as kept:
            assert kept.size == (20, 40)
            assert not kept.getexif()


def test_what_stands_behind_the_picture_is_dropped(user):
    upload = save(encoded() + b"PK\x03\x04 and a program", user)
    assert b"program" not in upload.path.read_bytes()


@pytest.mark.parametrize(
    ("mode", "kept"),
    [("1", "L"), ("L", "L"), ("LA", "RGBA"), ("P", "RGB"), ("RGBA", "RGBA"), ("I;16", "L")],
)  # fmt: skip
def test_every_mode_becomes_eight_bits_a_channel(user, mode, kept):
    upload = save(encoded(mode=mode), user)
    with Image.open(upload.path) as picture:
        assert picture.mode == kept


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off(user):
    file = io.BytesIO()
    Image.new("I;16", (10, 10), 32_768).save(file, "PNG")
    with Image.open(save(file.getvalue(), user).path) as kept:
        assert kept.getpixel((5, 5)) == 128


def test_a_large_picture_is_kept_smaller(user):
    upload = save(encoded("JPEG", (4_000, 3_000)), user)
    with Image.open(upload.path) as kept:
        assert kept.size == (image.MAX_KEPT_SIDE, 1_536)


def test_a_field_takes_no_more_bytes_than_it_says(user):
    with pytest.raises(Refused, match=r"at most 5e-05 MB"):
        save(encoded(), user, most=50)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.data())
def test_no_damage_leads_to_anything_but_a_refusal(tmp_path, form, data):
    content = bytearray(encoded(form, (24, 24)))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "picture"
    path.write_bytes(content)
    try:
        image.rewrite(path, {"PNG": PNG, "JPEG": JPEG, "WEBP": WEBP}[form])
    except Refused:
        return
    with Image.open(path) as kept:
        kept.load()
        assert max(kept.size) <= image.MAX_KEPT_SIDE
