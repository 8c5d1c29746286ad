"""A board under the hand: by its lists, by dragging, with undo, and beside rows that come and go."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.pages.visits import Visit

FIT = "/tools/investor-fit/"


def opened(visit: Callable[..., Visit]) -> Visit:
    seen = visit(viewport={"width": 1440, "height": 900})
    assert seen.goto(FIT) == 200
    return seen


def card(page: Page, name: str) -> Locator:
    return page.locator(".card").filter(has=page.get_by_role("button", name=name, exact=True))


def lane(page: Page, value: str) -> Locator:
    return page.locator(f'.lane[data-value="{value}"]')


def expect_in(page: Page, name: str, value: str) -> None:
    expect(card(page, name).and_(lane(page, value).locator(".card"))).to_be_visible()


def test_a_card_moves_by_its_list_and_the_person_stays_there(visit: Callable[..., Visit]) -> None:
    seen = opened(visit)
    page = seen.page
    chosen = card(page, "Ivy Example Family Office").locator("select")
    chosen.focus()
    chosen.select_option("terms")
    expect_in(page, "Ivy Example Family Office", "terms")
    expect(page.locator('[name="investors.8.stage"]')).to_have_value("terms")
    expect(chosen).to_be_focused()
    page.wait_for_url("**investors=**")
    page.keyboard.press("Control+z")
    expect_in(page, "Ivy Example Family Office", "listed")
    expect(chosen).to_have_value("listed")
    assert seen.complaints == seen.violations() == []


def test_a_card_finds_its_row_after_others_were_removed_and_moves_by_dragging(visit: Callable[..., Visit]) -> None:
    seen = opened(visit)
    page = seen.page
    page.locator("[data-row-remove]").first.click()
    expect(page.locator(".card")).to_have_count(9)
    card(page, "Cedar Example Compute").drag_to(lane(page, "contacted"))
    expect_in(page, "Cedar Example Compute", "contacted")
    expect(page.locator('[name="investors.2.stage"]')).to_have_value("contacted")
    card(page, "Elm Example Capital").get_by_role("button").click()
    expect(page.locator('[name="investors.4.name"]')).to_be_focused()
    assert seen.complaints == seen.violations() == []
