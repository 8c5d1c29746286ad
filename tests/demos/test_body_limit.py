import asyncio
import json

import pytest

from portal.web.body_limit import with_body_limit


async def reads_everything(scope, receive, send):
    """As Django does: the whole body first, and nothing for a client that went away."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def ask(chunks, *, most=10, length=None, path="/api/v1/uploads/"):
    """Status, body and how many chunks were read."""
    waiting, sent, read = list(chunks), [], []

    async def receive():
        chunk = waiting.pop(0)
        read.append(chunk)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope = {"type": "http", "path": path, "headers": headers}
    asyncio.run(with_body_limit(reads_everything, most=most)(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return sent[0]["status"], sent[1]["body"], len(read)


def test_what_fits_passes():
    assert ask([b"12345", b"67890"], length=10) == (200, b"10", 2)
    assert ask([b""], length=None) == (200, b"0", 1)


def test_a_declared_length_is_refused_before_anything_is_read():
    status, body, read = ask([b"x" * 11], length=11)
    assert (status, read, json.loads(body)["code"]) == (413, 0, "too_large")


def test_a_body_that_grows_beyond_its_word_is_stopped_at_the_limit():
    status, _body, read = ask([b"12345"] * 100, length=5)
    assert (status, read) == (413, 3)


def test_a_page_says_it_in_a_sentence():
    assert ask([b"x" * 11], path="/demos/x/train/run")[1] == b"Wanted a request of at most 10 bytes, got a larger one."


@pytest.mark.parametrize("length", ["-1", "1e3", "", "x"])
def test_a_length_that_is_none_counts_as_unknown(length):
    assert ask([b"x"], length=length)[0] == 200


def test_a_length_of_thousands_of_digits_is_too_large():
    assert ask([b"x"], length="9" * 5_000)[0] == 413
