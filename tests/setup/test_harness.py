"""The fixtures of the test run itself."""

import asyncio

import redis


def test_a_valkey_answers(valkey):
    with redis.Redis.from_url(valkey) as client:
        assert client.set("a", "1")
        assert client.get("a") == b"1"


def test_a_browser_opens_the_portal_and_the_owner_is_signed_in(page, new_page):
    assert page.goto("/").status == 200
    page.goto("/accounts/tokens/")
    assert "/accounts/login/" in page.url
    signed_in = new_page(owner=True)
    signed_in.goto("/accounts/tokens/")
    assert signed_in.url.endswith("/accounts/tokens/")


def test_pages_and_the_database_go_together(page, db):
    assert page.goto("/healthz").status == 200


def test_asyncio_runs_where_a_browser_ran_before(db):
    asyncio.run(asyncio.sleep(0))
