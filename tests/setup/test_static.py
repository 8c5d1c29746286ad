"""Static files as the real web server sends them: hashed names for ever, compressed; pages and streams as they are."""

import re

import pytest

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def page(portal_server):
    with portal_server.visitor() as client:
        yield client.get("/accounts/login/")


def addresses(page):
    return re.findall(r'(?:href|src)="(/static/[^"#]+)"', page.text)


def test_every_file_of_a_page_has_a_hashed_name_and_is_kept_for_ever(portal_server, page):
    found = addresses(page)
    assert len(found) > 5
    with portal_server.visitor() as client:
        for address in found:
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", address), address
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "Access-Control-Allow-Origin" not in answer.headers


def test_text_is_compressed_and_fonts_are_not(portal_server, page):
    with portal_server.visitor() as client:
        kinds = {address.rsplit(".")[-1]: client.get(address).headers for address in addresses(page)}
    assert kinds["css"]["Content-Encoding"] == "gzip"
    assert kinds["js"]["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in kinds["woff2"]


def test_modules_import_one_another_by_hashed_names(portal_server, page):
    with portal_server.visitor() as client:
        code = client.get(next(address for address in addresses(page) if "/js/app." in address)).text
    imported = re.findall(r"""from\s*["']([^"']+)["']""", code)
    assert imported
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imported)


def test_pages_are_not_compressed(page):
    assert "Content-Encoding" not in page.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../secret-key",
        "/static/%2e%2e/secret-key",
        "/static//etc/passwd",
        "/static/staticfiles.json%00",
        "/static/",
    ],
)
def test_nothing_else_is_served(portal_server, path):
    with portal_server.visitor() as client:
        answer = client.get(path)
    assert answer.status_code in (400, 404)
    assert "root:" not in answer.text


def test_the_real_worker_leaves_its_heartbeat(portal_server):
    portal_server.until_ready()
    with portal_server.visitor() as client:
        assert client.get("/readyz").json()["status"] == "ok"
