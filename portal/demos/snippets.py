"""The same run from a shell, from Python and from JavaScript, filled with the current inputs."""

from __future__ import annotations

import json
import shlex
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mlcore.task import Action, Mode, Task
from portal.derive.query import typed
from portal.tools.snippets import Snippet

_COOKIES = "-b cookies -c cookies"
_PYTHON = """import json
from http.cookiejar import CookieJar
from urllib.request import HTTPCookieProcessor, Request, build_opener

site = build_opener(HTTPCookieProcessor(CookieJar()))
headers = {headers!r}
inputs = {inputs}
job = json.load(site.open(Request({url!r}, json.dumps(inputs).encode(), headers)))
for line in site.open(Request({origin!r} + job["events_url"], headers=headers)):
    print(line.decode(), end="")
"""
_JAVASCRIPT = """const headers = {headers};
const inputs = {inputs};
const answer = await fetch({url}, {{ method: "POST", headers, body: JSON.stringify(inputs) }});
let job = await answer.json();
{follow}"""
_FOLLOW_STREAM = """const events = new EventSource(job.events_url);
events.addEventListener("tokens", (event) => console.log(JSON.parse(event.data).tokens));
events.addEventListener("end", () => events.close());
"""
# A stream in a browser sends no token, so a run that belongs to one is asked for instead.
_FOLLOW_POLL = """while (!job.finished_at) {
  await new Promise((done) => setTimeout(done, 2000));
  job = await (await fetch(job.url, { headers })).json();
}
"""


def snippets(request: HttpRequest, task: Task, action: Action, inputs: Any) -> list[Snippet]:
    """How to start the action with ``inputs`` and follow it. A visitor's runs belong to a session, so its cookie is
    kept; training needs a token of the person's."""
    url = request.build_absolute_uri(reverse(f"demos-api:{task.slug}-{action.slug}-runs"))
    origin = request.build_absolute_uri("/").rstrip("/")
    headers = {"Content-Type": "application/json"}
    if action.mode is Mode.TRAINING:
        headers["Authorization"] = "Token …"
    given = typed(inputs)
    body = json.dumps(given, ensure_ascii=False)
    literal = "".join(f"    {name!r}: {value!r},\n" for name, value in given.items())
    python = _PYTHON.format(headers=headers, inputs=f"{{\n{literal}}}", url=url, origin=origin)
    script = _JAVASCRIPT.format(
        url=json.dumps(url), headers=json.dumps(headers, ensure_ascii=False), inputs=body,
        follow=_FOLLOW_POLL if "Authorization" in headers else _FOLLOW_STREAM,
    )  # fmt: skip
    return [
        Snippet("curl", "curl", _curl(url, origin, headers, body)),
        Snippet("python", "Python", python),
        Snippet("js", "JavaScript", script),
    ]


def _curl(url: str, origin: str, headers: dict[str, str], body: str) -> str:
    who = f"-H {shlex.quote('Authorization: ' + headers['Authorization'])}" if "Authorization" in headers else _COOKIES
    return (
        f"curl -s {who} -H 'Content-Type: application/json' \\\n  {shlex.quote(url)} \\\n  -d {shlex.quote(body)}\n"
        f"# then follow the events_url of the answer:\n"
        f"curl -N {who} {origin}/api/v1/jobs/job_…/events"
    )
