"""In a browser: a picture drawn, photographed or dropped, run by a real worker, and every kind of result seen."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.demos.pictures import png
from tests.pages.visits import Visit

pytestmark = pytest.mark.live

PAGE = "/demos/toy-kinds/"
SHOWN = "#run[aria-busy='false'] .scores"
NAME = "document.getElementById('f_picture').files[0]?.name ?? ''"
LIGHT = """async () => {
  const file = document.getElementById("f_picture").files[0];
  const picture = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const data = canvas.getContext("2d").getImageData(0, 0, picture.width, picture.height).data;
  return [picture.width, picture.height, data.reduce((sum, value, at) => sum + (at % 4 === 0 ? value : 0), 0) > 0];
}"""


def draw(page: Page) -> None:
    page.locator("canvas[data-draw]").scroll_into_view_if_needed()
    box = page.locator("canvas[data-draw]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 80, steps=4)
    page.mouse.move(box["x"] + 120, box["y"] + 220, steps=4)
    page.mouse.up()


@pytest.mark.parametrize("language", ["", "/zh-hans"], ids=("en", "zh"))
def test_a_drawing_runs_and_every_kind_is_seen(visit: Callable[..., Visit], language: str) -> None:
    seen = visit(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    assert seen.goto(language + PAGE) == 200
    page = seen.page
    draw(page)
    assert page.evaluate(NAME) == "drawing.png"
    page.locator("#f button[type=submit]").click()
    page.wait_for_selector(SHOWN, timeout=60_000)
    seen.settle()
    assert page.locator("#run img").count() == 5
    assert page.locator("#run audio").evaluate("(e) => e.readyState >= 1 || new Promise((done) => "
                                               "e.addEventListener('loadedmetadata', () => done(true)))")  # fmt: skip
    assert page.locator("#run .main-svg").first.is_visible()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        seen.settle()
        assert seen.axe() == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert seen.sticks_out() == []
    page.goto(page.locator("#run-results a[href*='/jobs/']").last.get_attribute("href") or "")
    seen.settle()
    assert page.locator(".made .scores").is_visible()
    assert seen.axe() == []
    assert seen.sticks_out() == []
    assert seen.violations() == []
    assert seen.complaints == []


def test_a_stroke_can_be_taken_back(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.goto(PAGE)
    page = seen.page
    draw(page)
    draw(page)
    assert page.evaluate(LIGHT) == [280, 280, True]
    page.locator("[data-draw-undo]").click()
    assert page.evaluate(NAME) == "drawing.png"
    page.locator("[data-draw-undo]").click()
    assert page.evaluate(NAME) == ""
    draw(page)
    page.locator("[data-draw-clear]").click()
    assert page.evaluate(NAME) == ""
    assert page.locator(".chosen").is_hidden()
    assert seen.complaints == []


def test_the_camera_is_off_when_nobody_looks(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.page.add_init_script(
        """const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.tracks = [];
        navigator.mediaDevices.getUserMedia = async (wanted) => {
          const stream = await ask(wanted);
          window.tracks.push(...stream.getTracks());
          return stream;
        };"""
    )
    seen.goto(PAGE)
    page = seen.page
    page.locator("[data-way=camera]").click()
    for leave in ("[data-camera-take]", "[data-way=file]"):
        page.locator("[data-camera-start]").click()
        page.wait_for_selector("[data-camera-take]:not([hidden])")
        assert page.evaluate("tracks.at(-1).readyState") == "live"
        page.locator(leave).click()
        assert page.evaluate("tracks.map((track) => track.readyState)") == ["ended"] * page.evaluate("tracks.length")
    assert page.evaluate(NAME) == "photo.png"
    assert page.evaluate(LIGHT)[:2] == [640, 640]
    assert seen.violations() == []
    assert seen.complaints == []


def test_without_a_camera_the_page_says_what_to_do(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.page.add_init_script("navigator.mediaDevices.getUserMedia = async () => { throw new Error('none'); }")
    seen.goto(PAGE)
    seen.page.locator("[data-way=camera]").click()
    seen.page.locator("[data-camera-start]").click()
    assert "gives no camera" in seen.page.locator("[data-camera-problem]").inner_text()
    seen.page.evaluate("Object.defineProperty(window, 'isSecureContext', {value: false})")
    seen.page.locator("[data-camera-start]").click()
    assert "Recording needs HTTPS or localhost" in seen.page.locator("[data-camera-problem]").inner_text()


def test_a_file_is_dropped_and_one_too_large_is_told_at_once(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.goto(PAGE)
    page = seen.page
    page.locator("[data-way=file]").click()
    content = base64.b64encode(png()).decode()
    page.evaluate(
        """(content) => {
          const data = new DataTransfer();
          const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
          data.items.add(new File([bytes], "snow.png", { type: "image/png" }));
          document.querySelector("[data-drop]").dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        content,
    )
    assert page.evaluate(NAME) == "snow.png"
    assert "snow.png" in page.locator(".chosen").inner_text()
    page.locator("[data-media-remove]").click()
    assert page.evaluate(NAME) == ""
    page.set_input_files("#f_picture", {"name": "a.png", "mimeType": "image/png", "buffer": bytes(4_000_001)})
    assert page.locator("#e-f_picture").inner_text() == "Wanted a file of at most 4 MB, got 4 MB."
    assert page.evaluate(NAME) == ""


def test_what_the_server_refuses_stands_beside_the_field_and_the_drawing_stays(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.goto(PAGE)
    page = seen.page
    page.set_input_files("#f_picture", {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    page.locator("#f button[type=submit]").click()
    page.wait_for_selector("#e-f_picture:has-text('got a text')")
    draw(page)
    page.locator("#f button[type=submit]").click()
    page.wait_for_selector(SHOWN, timeout=60_000)


def test_a_field_that_depends_on_a_choice_appears_with_its_ways(visit: Callable[..., Visit]) -> None:
    seen = visit(owner=True)
    seen.goto(f"{PAGE}train/")
    page = seen.page
    assert page.locator("#f_archive").is_hidden()
    assert page.locator("[data-media=f_archive]").is_hidden()
    page.select_option("#f_data", "archive")
    assert page.locator("#f_archive").is_visible()
    assert page.locator("[data-media=f_archive]").is_visible()
    assert page.locator("[data-media=f_table]").is_hidden()
    page.set_input_files("#f_archive", {"name": "a.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04"})
    page.locator("button[data-run]").click()
    page.wait_for_selector("#e-f_archive:has-text('without its end')")


def test_the_length_of_a_text_is_told(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.goto(PAGE)
    counter = seen.page.locator("[data-count-of=f_words]")
    assert counter.inner_text() == "10 of 2,000 characters"
    seen.page.fill("#f_words", "猫" * 2_001)
    assert counter.inner_text() == "2,001 of 2,000 characters"
    assert "error" in (counter.get_attribute("class") or "")


def test_without_scripts_a_file_is_given_and_seen(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(PAGE)
    assert page.locator("canvas").is_hidden()
    page.set_input_files("#f_picture", {"name": "snow.png", "mimeType": "image/png", "buffer": png()})
    page.locator("#f button[type=submit]").click()
    for _ in range(60):
        if page.locator(".scores").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    assert "Bright" in page.locator(".scores li").first.inner_text()
    assert "snow.png" in page.locator("main").inner_text()


def test_a_folder_is_packed_with_its_paths(visit: Callable[..., Visit], tmp_path: Path) -> None:
    for name in ("cats/1.png", "cats/2.png", "dogs/1.png", ".DS_Store"):
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / name).write_bytes(png((12, 12)) if name.endswith("png") else b"junk")
    seen = visit(viewport={"width": 1280, "height": 900})
    page = seen.page
    assert seen.goto("/demos/toy-kinds/train/?action=learn&data=archive") == 200
    assert page.locator("[data-folder]").is_visible()
    page.locator("[data-folder-files]").set_input_files(tmp_path / "pets")
    expect(page.locator('[data-media="f_archive"] figcaption')).to_contain_text("pets.zip")
    assert page.evaluate("document.getElementById('f_archive').files[0].name") == "pets.zip"
    content = page.evaluate(
        "async () => { const bytes = new Uint8Array(await document.getElementById('f_archive').files[0].arrayBuffer());"
        " return btoa(String.fromCharCode(...bytes)); }"
    )
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(content))) as packed:
        assert packed.testzip() is None
        assert sorted(packed.namelist()) == ["cats/1.png", "cats/2.png", "dogs/1.png"]
        assert packed.read("cats/1.png") == png((12, 12))

    (tmp_path / "large").mkdir()
    (tmp_path / "large" / "1.png").write_bytes(bytes(1_200_000))
    page.locator("[data-folder-files]").set_input_files(tmp_path / "large")
    expect(page.locator("#e-f_archive")).to_contain_text("1.2")
    assert seen.axe() == []
    assert seen.violations() == []
    assert seen.complaints == []
