"""The frame of every page: navigation, languages, theme, errors; and what templates may not hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import override
from rest_framework.exceptions import Throttled

from portal.web.errors import PageErrors, bad_request, csrf_failed, server_error

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(PROJECT.glob("templates/**/*.html"))
SCRIPTS = sorted(PROJECT.glob("static/own/js/*.js"))
STYLES = sorted(PROJECT.glob("static/own/css/*.css"))

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiet_client() -> Client:
    return Client(raise_request_exception=False)


def test_pages_say_their_language_and_link_to_themselves_in_the_other(client):
    english, chinese = client.get("/").content.decode(), client.get("/zh-hans/").content.decode()
    assert '<html lang="en"' in english
    assert '<html lang="zh-Hans"' in chinese
    for body in (english, chinese):
        assert 'hreflang="zh-Hans" href="http://testserver/zh-hans/"' in body
        assert 'hreflang="en" href="http://testserver/"' in body


def test_the_language_switch_keeps_page_and_query(client):
    body = client.get(reverse("go") + "?a=1&b=2").content.decode()
    assert 'href="/zh-hans/go/?a=1&amp;b=2"' in body


@pytest.mark.parametrize(("cookie", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"')])
def test_the_first_paint_has_the_chosen_theme(client, cookie, attribute):
    client.cookies["theme"] = cookie
    assert attribute in client.get("/").content.decode().split("<head>")[0]


def test_an_unknown_theme_is_no_theme(client):
    client.cookies["theme"] = '"><script>'
    assert "data-theme=" not in client.get("/").content.decode().split("<head>")[0]


@pytest.mark.parametrize(
    "name", ["home", "tools:list", "plans:list", "demos:list", "jobs:list", "docs:index", "docs:api"]
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_one_item_of_the_navigation_is_current(client, name, language):
    with override(language):
        url = reverse(name)
    rail = client.get(url).content.decode().split('<nav class="side"')[1].split("</nav>")[0]
    current = re.findall(r'<a href="([^"]+)" aria-current="(\w+)"', rail)
    assert (url, "page") in current
    assert len([found for found in current if found[1] == "page"]) == 1


def test_robots_are_told_to_stay_away(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    assert b"Disallow: /" in response.content


def test_all_pages_are_listed_as_a_page_and_as_a_fragment(client):
    page = client.get(reverse("go")).content.decode()
    fragment = client.get(reverse("go"), headers={"HX-Request": "true"}).content.decode()
    assert "<!doctype html>" in page
    assert "<!doctype html>" not in fragment
    for name in ("tools:list", "jobs:list", "docs:settings"):
        assert f'href="{reverse(name)}"' in fragment


# --- errors ---------------------------------------------------------------------------------------------------------


def test_what_is_not_there_is_a_page_in_the_frame(quiet_client):
    response = quiet_client.get("/no-such-page/")
    assert response.status_code == 404
    assert b'<nav class="side"' in response.content


def test_htmx_is_given_a_fragment_of_an_error(quiet_client):
    response = quiet_client.get("/no-such-page/", headers={"HX-Request": "true"})
    assert response.status_code == 404
    assert response.content.lstrip().startswith(b'<div class="notice danger" role="alert">')


def test_a_refusal_of_a_service_is_told_with_the_time_to_wait():
    request = RequestFactory().get("/demos/", headers={"HX-Request": "true"})
    response = PageErrors(lambda _: None).process_exception(request, Throttled(wait=11.2))
    assert response.status_code == 429
    assert response["Retry-After"] == "12"
    assert "12" in response.content.decode()


def test_other_exceptions_are_left_to_django():
    assert PageErrors(lambda _: None).process_exception(RequestFactory().get("/"), ValueError()) is None


def test_too_large_a_body_is_called_too_large():
    from django.core.exceptions import RequestDataTooBig, SuspiciousOperation

    request = RequestFactory().post("/", headers={"HX-Request": "true"})
    assert bad_request(request, RequestDataTooBig()).status_code == 413
    assert bad_request(request, SuspiciousOperation()).status_code == 400


def test_an_outdated_form_says_what_to_do():
    response = csrf_failed(RequestFactory().post("/", headers={"HX-Request": "true"}))
    assert response.status_code == 403
    assert b"Load the page again" in response.content


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_failure_is_told_without_the_database(headers, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = server_error(RequestFactory().get("/", headers=headers))
    assert response.status_code == 500
    assert b"The fault is ours" in response.content


# --- what templates and scripts may not hold --------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_templates_keep_the_content_policy(path):
    text = path.read_text()
    assert not re.search(r"\sstyle=", text), "a style attribute is blocked: use a class"
    assert not re.search(r"\son\w+=|hx-on|js:", text), "code in markup is blocked: write a module in static/own/js"
    assert "<style" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script, f"an inline script is blocked: {script}"


def test_every_file_that_templates_name_is_there():
    places = [PROJECT / "static" / "own", PROJECT / "static"]
    for path in TEMPLATES:
        for name in re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", path.read_text()):
            if name.startswith(("admin/", "drf_spectacular_sidecar/")):
                continue
            assert any((place / name).is_file() for place in places), f"{path.name}: {name}"


def test_every_colour_is_a_token():
    for path in STYLES:
        if path.name == "tokens.css":
            continue
        colours = re.findall(r"#[0-9a-f]{3,8}\b(?![^{]*\{)", path.read_text())
        assert not colours, f"{path.name}: {colours}; name it in tokens.css, for light and dark"
