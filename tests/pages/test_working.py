"""What pages do under the hand: keyboard, sliders, undo, addresses, theme, jumping."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.visits import Visit
from tests.servers import Server

RUNWAY = "/tools/runway/"
# Does the focused element look focused? An outline or a ring of its own or of the field around it.
_FOCUS_SHOWS = """() => {
  const e = document.activeElement;
  const looks = (x) => x && (getComputedStyle(x).outlineStyle !== "none" || getComputedStyle(x).boxShadow !== "none");
  return looks(e) || looks(e.closest(".field, label")) ? "" : e.outerHTML.slice(0, 160);
}"""


@pytest.fixture
def open_runway(visit: Callable[..., Visit]) -> Callable[[], Visit]:
    def opened() -> Visit:
        seen = visit(viewport={"width": 1280, "height": 900})
        seen.goto(RUNWAY)
        return seen

    return opened


def answer(page: Page) -> str:
    return page.locator("#results .answer").inner_text()


def commit(page: Page, act: Callable[[], None]) -> None:
    """Do something that the server answers with the full number of draws."""
    with page.expect_response(lambda response: "/results" in response.url and "draws=2000" not in response.url):
        act()


def drag(page: Page, name: str, share: float) -> None:
    """Move a slider by the mouse to a share of its track, in steps, and let go."""
    slider = page.locator(f'input[type="range"][data-for="{name}"]')
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    now = int(slider.input_value()) / 1000
    page.mouse.move(box["x"] + 8 + now * (box["width"] - 16), middle)
    page.mouse.down()
    page.mouse.move(box["x"] + share * box["width"], middle, steps=8)
    page.mouse.up()


def test_the_first_stop_of_the_keyboard_leads_past_the_navigation(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    link = page.locator(".skip")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("path", ["/", RUNWAY])
def test_whatever_has_the_focus_looks_like_it(page: Page, path: str) -> None:
    page.goto(path)
    stops = 0
    while stops < 25:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break  # past the last link, in the browser's own bar
        assert page.evaluate(_FOCUS_SHOWS) == ""
        stops += 1
    assert stops > 10


def test_a_drag_recomputes_while_it_lasts_and_the_sentence_changes(open_runway: Callable[[], Visit]) -> None:
    runway = open_runway()
    page = runway.page
    before, drafts = answer(page), []
    page.on("request", lambda request: drafts.append(request.url) if "draws=2000" in request.url else None)
    commit(page, lambda: drag(page, "f_cash", 0.85))
    expect(page.locator("#results .answer")).not_to_have_text(before)
    assert drafts, "while the slider moves, few draws are asked for"
    assert runway.violations() == []
    assert runway.complaints == []


def test_a_slider_keeps_the_ratio_of_a_range(open_runway: Callable[[], Visit]) -> None:
    runway = open_runway()
    page = runway.page
    box = page.locator("#f_growth")
    low, high = _range(box.input_value())
    commit(page, lambda: drag(page, "f_growth", 0.8))
    new_low, new_high = _range(box.input_value())
    assert new_low > low
    assert new_high / new_low == pytest.approx(high / low, rel=0.02)


def _range(text: str) -> tuple[float, float]:
    low, high = re.findall(r"[\d.]+", text)
    return float(low), float(high)


def test_undo_and_redo_restore_number_and_sentence(open_runway: Callable[[], Visit]) -> None:
    runway = open_runway()
    page = runway.page
    box, before, said = page.locator("#f_cash"), page.locator("#f_cash").input_value(), answer(page)
    commit(page, lambda: (box.fill("9.5M"), box.press("Tab")))
    expect(page.locator("#results .answer")).not_to_have_text(said)
    changed = answer(page)
    commit(page, lambda: page.keyboard.press("ControlOrMeta+z"))
    expect(box).to_have_value(before)
    expect(page.locator("#results .answer")).to_have_text(said)
    expect(page.locator(".toast")).to_contain_text("Undone")
    commit(page, lambda: page.locator(".toast button").click())
    expect(box).to_have_value("9.5M")
    expect(page.locator("#results .answer")).to_have_text(changed)


def test_the_address_carries_the_numbers(open_runway: Callable[[], Visit]) -> None:
    runway = open_runway()
    page = runway.page
    box = page.locator("#f_cash")
    commit(page, lambda: (box.fill("1.25M"), box.press("Tab")))
    expect(page).to_have_url(re.compile("cash=1.25M"))
    said = answer(page)
    figures = page.locator(".kpis dd:not(.d)").all_inner_texts()
    page.reload()
    expect(box).to_have_value("1.25M")
    assert answer(page) == said
    assert page.locator(".kpis dd:not(.d)").all_inner_texts() == figures


def test_a_wrong_number_is_told_at_its_field_and_the_rest_stays(open_runway: Callable[[], Visit]) -> None:
    runway = open_runway()
    page = runway.page
    box = page.locator("#f_cash")
    with page.expect_response(lambda response: "/results" in response.url):
        box.fill("lots")
    expect(page.locator("#results")).to_contain_text("lots")
    assert runway.violations() == []


def test_what_is_typed_outside_the_track_moves_the_slider(open_runway: Callable[[], Visit]) -> None:
    runway = open_runway()
    page = runway.page
    commit(page, lambda: (page.locator("#f_cash").fill("900M"), page.locator("#f_cash").press("Tab")))
    assert int(page.locator('input[data-for="f_cash"]').input_value()) > 500


def test_rows_are_added_and_removed_and_undone(open_runway: Callable[[], Visit]) -> None:
    runway = open_runway()
    page = runway.page
    rows = page.locator("[data-rows]").first.locator("tr")
    before = rows.count()
    commit(page, lambda: page.locator("[data-row-add]").first.click())
    expect(rows).to_have_count(before + 1)
    expect(rows.last.locator("input").first).to_be_focused()
    commit(page, lambda: rows.last.locator("[data-row-remove]").click())
    expect(rows).to_have_count(before)
    commit(page, lambda: page.locator("[data-undo]").click())
    expect(rows).to_have_count(before + 1)
    assert runway.complaints == []


def test_fields_show_when_the_field_they_depend_on_asks_for_them(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.goto("/tools/training-run/")
    hidden = seen.page.locator("[data-when][hidden]").first
    dependent = seen.page.locator(f'[data-label="{hidden.get_attribute("data-label")}"]')
    source, wanted = hidden.get_attribute("data-when"), (hidden.get_attribute("data-values") or "").split()[0]
    commit(seen.page, lambda: seen.page.locator(f"#{source}").select_option(wanted))
    expect(dependent).to_be_visible()


def test_a_demo_streams_its_text_token_by_token(visit: Callable[..., Visit], portal_server: Server) -> None:
    portal_server.until_ready()
    seen = visit()
    seen.goto("/demos/text-generation/")
    page = seen.page
    page.locator("#f_max_new_tokens").fill("12")
    page.locator("#f_prompt").press("ControlOrMeta+Enter")
    expect(page.locator("[data-run] .tok").first).to_be_visible(timeout=30_000)
    expect(page.locator("[data-run]")).to_have_attribute("aria-busy", "false", timeout=30_000)
    expect(page.locator("[data-token-table] tr")).to_have_count(12)
    expect(page.locator("#run-results .state")).to_have_attribute("data-state", "done")
    assert page.locator(".tok").first.get_attribute("title")
    assert seen.violations() == []
    assert seen.complaints == []


def test_a_stopped_demo_keeps_what_was_written(visit: Callable[..., Visit], portal_server: Server) -> None:
    portal_server.until_ready()
    seen = visit()
    seen.goto("/demos/text-generation/")
    page = seen.page
    page.locator("#f_max_new_tokens").fill("1000")
    page.locator("#f_prompt").press("ControlOrMeta+Enter")
    expect(page.locator("[data-run] .tok").first).to_be_visible(timeout=30_000)
    page.keyboard.press("Escape")
    expect(page.locator("[data-run]")).to_have_attribute("aria-busy", "false", timeout=30_000)
    assert 0 < page.locator("[data-token-table] tr").count() < 1000


def test_a_broken_stream_says_when_it_last_heard_and_goes_on(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.route("**/events**", lambda route: route.abort())
    page.goto("/jobs/")
    notice = page.locator("[data-stream-notice]")
    expect(notice).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
    page.unroute("**/events**")
    expect(notice).to_be_hidden(timeout=15_000)


def test_the_theme_stays(page: Page) -> None:
    page.goto("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator('[data-theme-choice] input[value="dark"]').check(force=True)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.goto("/go/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.locator('[data-theme-choice] input[value=""]').check(force=True)
    page.goto("/")
    assert page.locator("html").get_attribute("data-theme") is None


def test_the_keyboard_jumps_to_any_page(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("ControlOrMeta+k")
    dialog = page.locator("#palette")
    expect(dialog).to_be_visible()
    page.keyboard.type("runw")
    expect(dialog.locator("a:visible").first).to_contain_text("Runway")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(RUNWAY))


def test_jumping_says_when_nothing_has_that_name(page: Page) -> None:
    page.goto("/")
    page.locator(".find").click()
    page.keyboard.type("zzzz")
    expect(page.locator(".palette-none")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_narrow_window_has_the_navigation_behind_a_button(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto("/")
    expect(page.locator("#side")).to_be_hidden()
    page.locator(".menu-button").click()
    expect(page.locator("#side")).to_be_visible()
    page.locator("#side").get_by_role("link", name="Tools").click()
    expect(page).to_have_url(re.compile("/tools/$"))


def test_charts_are_drawn_anew_in_the_colours_of_the_theme(open_runway: Callable[[], Visit]) -> None:
    runway = open_runway()
    page = runway.page
    line = page.locator(".plot .js-line").last
    light = line.evaluate("e => getComputedStyle(e).stroke")
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".plot .js-line").last).not_to_have_css("stroke", light)


def test_nothing_shifts_while_a_page_with_charts_loads(visit: Callable[..., Visit]) -> None:
    seen = visit(viewport={"width": 1280, "height": 900})
    seen.page.add_init_script(
        """window.shift = 0; new PerformanceObserver((list) => {
             for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
           }).observe({ type: "layout-shift", buffered: true });"""
    )
    seen.goto(RUNWAY)
    assert seen.page.evaluate("window.shift") <= 0.02


def test_the_page_works_on_paper(open_runway: Callable[[], Visit]) -> None:
    runway = open_runway()
    page = runway.page
    page.emulate_media(media="print")
    expect(page.locator("#side")).to_be_hidden()
    expect(page.locator(".answer")).to_be_visible()
    expect(page.locator('input[type="range"]').first).to_be_hidden()


@pytest.mark.parametrize("language", ["", "/zh-hans"], ids=("en", "zh"))
def test_a_pasted_table_is_shown_before_it_is_taken(visit: Callable[..., Visit], language: str) -> None:
    """Headings become the attributes, a line that does not fit is named, and undo brings the old rows back."""
    seen = visit(viewport={"width": 1280, "height": 900})
    page = seen.page
    page.emulate_media(reduced_motion="reduce")  # or colours are read half-way to the other theme
    seen.goto(f"{language}/tools/positioning/")
    before = answer(page)
    page.locator('[popovertarget="paste-f_competitors"]').click()
    paste = page.locator("#paste-f_competitors")
    paste.locator("textarea").fill(
        "Firm\tMarket share\tPrice\tSpeed\tSafety\nUs\t1%\t4\t9\t7\nAda\t40%\t8\t3\t5\nBob\tmuch\t1\t2\t3\n"
        "Cyd\t30%\t2\t6\t8"
    )
    paste.locator("[type=submit]").click()
    taken = paste.locator("[data-use-rows]")
    expect(taken).to_be_visible()
    expect(paste.locator(".notice.warn")).to_contain_text("4")
    assert answer(page) == before, "a preview changes nothing"
    assert seen.axe() == []
    page.emulate_media(color_scheme="dark")
    seen.settle()
    assert seen.axe(rules=["color-contrast"]) == []
    commit(page, taken.click)
    expect(page.locator("#f_attributes input[name$='.name']").first).to_have_value("Price")
    expect(page.locator("#f_competitors tr")).to_have_count(3)
    expect(page.locator("#results .answer")).not_to_have_text(before)
    commit(page, lambda: page.keyboard.press("Control+z"))
    expect(page.locator("#results .answer")).to_have_text(before)
    assert seen.violations() == []
    assert seen.complaints == []
