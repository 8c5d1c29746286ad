"""Every page in both languages and both themes: no accessibility finding, no policy violation, no console error, and
nothing that sticks out of a telephone's width.

A page is loaded once a language. Light and dark differ only in colours, so the second theme is checked for contrast;
colours are the same in every language, and contrast, which takes longest, is checked in one.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlcore.registry import all_tasks
from mlcore.task import Mode
from portal.planning.evidence.registry import all_families
from portal.planning.registry import all_calculators
from tests.pages.conftest import Filled
from tests.pages.visits import Visit

PHONE = {"width": 390, "height": 844}
LANGUAGES = ("", "/zh-hans")

# Where the page of an action lies below that of its task.
PLACES = {Mode.INTERACTIVE: "", Mode.TRAINING: "train/"}

# Name, path with places for what was filled in, and whether the owner is signed in.
PAGES: tuple[tuple[str, str, bool], ...] = (
    ("home", "/", False),
    ("home of the owner", "/", True),
    ("all pages", "/go/", False),
    ("tools", "/tools/", False),
    *((slug, f"/tools/{slug}/", False) for slug in all_calculators()),
    ("open a cap table", "/interchange/ocf", False),
    ("scenarios, none", "/scenarios/", False),
    ("scenarios", "/scenarios/", True),
    ("scenario", "/scenarios/{first}/", True),
    ("compare", "/scenarios/compare?ids={first}&ids={second}", True),
    ("demos", "/demos/", False),
    *(
        (f"{task.slug} {action.slug}", f"/demos/{task.slug}/{PLACES[action.mode]}?action={action.slug}", True)
        for task in all_tasks().values()
        for action in task.actions
    ),
    ("jobs", "/jobs/", True),
    ("job, done", "/jobs/{done}/", True),
    ("job, failed", "/jobs/{failed}/", True),
    ("catalogue", "/catalogue/", False),
    ("catalogue, prices", "/catalogue/prices/", True),
    ("scorecard", "/scorecard/", False),
    ("scorecard, layouts", "/scorecard/layouts/", False),
    *((f"scorecard, {slug}", f"/scorecard/{slug}/", False) for slug in list(all_families())[:1]),
    ("docs", "/docs/", False),
    ("docs of a calculator", "/docs/calculators/runway", False),
    ("docs of a task", "/docs/tasks/text-generation", False),
    ("guide", "/docs/guides/calculator", False),
    ("docs of settings", "/docs/settings", False),
    ("docs of the API", "/docs/api", False),
    ("sign in", "/accounts/login/", False),
    ("sign up", "/accounts/signup/", False),
    ("tokens", "/accounts/tokens/", True),
    ("not found", "/no-such-page/", False),
)
ADMIN = (
    "/admin/", "/admin/jobs/job/", "/admin/accounts/user/", "/admin/catalogue/priceedit/",
    "/admin/catalogue/priceedit/import/",
)  # fmt: skip


def path_of(pattern: str, filled: Filled) -> str:
    first, second = filled.scenarios
    return pattern.format(first=first, second=second, done=filled.done, failed=filled.failed)


@pytest.mark.parametrize("language", LANGUAGES, ids=("en", "zh"))
@pytest.mark.parametrize(("pattern", "owner"), [page[1:] for page in PAGES], ids=[page[0] for page in PAGES])
def test_page(revisit: Callable[[bool], Visit], filled: Filled, pattern: str, owner: bool, language: str) -> None:
    seen = revisit(owner)
    status = seen.goto(language + path_of(pattern, filled))
    assert status == (404 if "no-such" in pattern else 200)
    assert seen.axe(without=["color-contrast"] if language else []) == []
    if not language:
        seen.page.emulate_media(color_scheme="dark")
        seen.settle()
        assert seen.axe(rules=["color-contrast"]) == []
    seen.page.set_viewport_size(PHONE)
    assert seen.sticks_out() == []
    assert seen.violations() == []
    assert seen.complaints == []


@pytest.mark.parametrize("path", ADMIN)
def test_admin(revisit: Callable[[bool], Visit], filled: Filled, path: str) -> None:
    """The stock admin is Django's to make accessible; ours are its colours and the policy under which it runs."""
    seen = revisit(True)
    assert seen.goto(path) == 200
    assert seen.axe(rules=["color-contrast"]) == []
    seen.page.emulate_media(color_scheme="dark")
    assert seen.axe(rules=["color-contrast"]) == []
    assert seen.violations() == []
    assert seen.complaints == []
