"""The REST API of scenarios: preconditions, whose they are, what is refused."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.selectors import workspace_of
from portal.accounts.services import token_make
from portal.jobs.models import Job
from portal.plans.models import Scenario
from portal.plans.selectors import scenarios_of
from portal.plans.services import scenario_delete, scenario_update

ROOT = "/api/v1/scenarios/"


class Api:
    """JSON requests as one person, by an API token; none for a visitor."""

    def __init__(self, user=None):
        token = token_make(user=user, name="test", days=1)[1] if user else ""
        self.client = Client(headers={"Authorization": f"Token {token}"} if token else {})

    def __call__(self, method, path, body=None, **headers):
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        send = getattr(self.client, method)
        if method == "get":
            return send(path, headers=names)
        return send(path, data if body is not None else "", content_type="application/json", headers=names)


@pytest.fixture
def api(user):
    return Api(user)


def at(scenario, what=""):
    return f"{ROOT}{scenario.uid}/{what}"


def test_create_read_change_replace_and_delete(api, user):
    made = api("post", ROOT, {"calculator": "toy-cost", "name": "Base", "inputs": {"price": "1.5 to 3"}})
    assert made.status_code == 201
    scenario = scenarios_of(user).get()
    assert made.headers["Location"] == at(scenario)
    body = made.json()
    assert (body["uid"], body["revision"], body["version"], body["problem"]) == (scenario.uid, 1, 2, "")
    assert body["provenance"]["price"] == {"kind": "typed", "text": ""}
    assert body["provenance"]["tokens"] == {"kind": "default", "text": "A guess"}

    read = api("get", at(scenario))
    assert read.headers["ETag"] == made.headers["ETag"]
    assert api("get", at(scenario), If_None_Match=read.headers["ETag"]).status_code == 304

    changed = api("patch", at(scenario), {"inputs": {"layers": 8}}, If_Match=read.headers["ETag"])
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    assert changed.json()["inputs"]["layers"] == 8
    assert changed.json()["inputs"]["price"] == body["inputs"]["price"]

    replaced = api("put", at(scenario), {"name": "New", "inputs": {}}, If_Match=changed.headers["ETag"])
    assert (replaced.json()["name"], replaced.json()["inputs"]["layers"]) == ("New", 2)

    gone = api("delete", at(scenario), If_Match=replaced.headers["ETag"])
    assert (gone.status_code, gone.content) == (204, b"")
    assert api("get", at(scenario)).status_code == 404
    assert api("post", at(scenario, "undelete")).json()["name"] == "New"


def test_writing_without_or_with_an_old_etag_changes_nothing(api, save, user):
    scenario = save(inputs={"layers": 4})
    old = api("get", at(scenario)).headers["ETag"]
    scenario_update(scenario=scenario, by=user, revision=1, inputs={"layers": 5})
    for method, body in (("patch", {"name": "x"}), ("put", {"name": "x", "inputs": {}}), ("delete", None)):
        missing = api(method, at(scenario), body)
        assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
        late = api(method, at(scenario), body, If_Match=old)
        assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
        assert late.headers["Content-Type"] == "application/problem+json"
        weak = api(method, at(scenario), body, If_Match='W/"x"')
        assert weak.status_code == 412
    assert api("post", at(scenario, "revisions/1/restore")).status_code == 428
    scenario.refresh_from_db()
    assert (scenario.revision, scenario.inputs["layers"]) == (2, 5)
    assert api("patch", at(scenario), {"name": "y"}, If_Match="*").status_code == 200


def test_revisions_restore_and_duplicate(api, save):
    scenario = save(inputs={"layers": 4})
    etag = api("get", at(scenario)).headers["ETag"]
    etag = api("patch", at(scenario), {"inputs": {"layers": 8}}, If_Match=etag).headers["ETag"]
    found = api("get", at(scenario, "revisions/")).json()
    assert [revision["number"] for revision in found["results"]] == [2, 1]
    restored = api("post", at(scenario, "revisions/1/restore"), If_Match=etag)
    assert (restored.json()["revision"], restored.json()["inputs"]["layers"]) == (3, 4)
    missing = api("post", at(scenario, "revisions/9/restore"), If_Match=restored.headers["ETag"])
    assert missing.status_code == 404
    copy = api("post", at(scenario, "duplicate"), {"name": "Copy"})
    assert (copy.status_code, copy.json()["name"]) == (201, "Copy")
    assert copy.json()["uid"] != scenario.uid


def test_measured_values_come_by_job_with_their_source(api, user, save):
    job = Job.objects.create(
        workspace=workspace_of(user), owner=user, runner="task", title="T", mode="training", queue="cpu", payload={},
        state="done", device="Epyc", measures={"toy_speed": 250.0},
    )  # fmt: skip
    made = api("post", f"{ROOT}from-job", {"job": job.uid, "calculator": "toy-cost"})
    assert made.status_code == 201
    origin = made.json()["provenance"]["speed"]
    assert (origin["kind"], origin["job"], origin["device"]) == ("measured", job.uid, "Epyc")
    assert origin["text"].startswith(f"Measured by {job.uid} on Epyc, ")
    cost = save(inputs={"tokens": 1e6})
    into = api("post", f"{ROOT}from-job", {"job": job.uid, "calculator": "toy-cost", "into": cost.uid, "revision": 1})
    assert (into.status_code, into.json()["inputs"]["speed"]) == (200, 250.0)
    again = api("post", f"{ROOT}from-job", {"job": job.uid, "calculator": "toy-cost", "into": cost.uid, "revision": 1})
    assert again.status_code == 412
    nothing = api("post", f"{ROOT}from-job", {"job": job.uid, "calculator": "toy-cash"})
    assert (nothing.status_code, nothing.json()["code"]) == (400, "invalid")
    sent = api("post", at(cost, "send"), {"calculator": "toy-cash"})
    assert sent.json()["provenance"]["training"]["kind"] == "computed"
    exported = api("get", f"{ROOT}{sent.json()['uid']}/export").json()
    assert exported["report"]["provenance"]["training"]["scenario"] == cost.uid


def test_comparison_as_json(api, save):
    first, second = save(name="A", inputs={"tokens": 360_000}), save(name="B", inputs={"tokens": 720_000})
    body = api("get", f"{ROOT}compare?ids={first.uid},{second.uid}").json()
    assert body["inputs"]["tokens"] == {
        "label": "Tokens", "unit": "tokens", "differs": True, "values": [360_000, 720_000],
    }  # fmt: skip
    assert body["inputs"]["price"]["differs"] is False
    costs = [value["p50"] for value in body["outputs"]["cost"]["values"]]
    assert costs == [pytest.approx(7.2), pytest.approx(14.4)]
    assert body["outputs"]["cost"]["best"] == first.uid
    for ids in ("", first.uid, f"{first.uid},{save('toy-cash').uid}"):
        refused = api("get", f"{ROOT}compare?ids={ids}")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "#/ids")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"calculator": "toy-cost", "name": "x", "workspace": "wsp_1"}, "#/workspace"),
        ({"calculator": "toy-cost", "name": "x", "uid": "scn_1"}, "#/uid"),
        ({"calculator": "toy-cost", "name": "x", "provenance": {"price": {"kind": "measured"}}}, "#/provenance"),
        ({"calculator": "toy-cost", "name": "x", "created_by": 1}, "#/created_by"),
        ({"calculator": "toy-cost", "name": "x", "revision": 9}, "#/revision"),
        ({"calculator": "toy-cost", "name": "x", "sample": True}, "#/sample"),
        ({"calculator": "toy-cost", "name": "x", "inputs": {"price": float("1e30")}}, "#/inputs/price"),
        ({"calculator": "toy-cost", "name": "x", "inputs": {"colour": 1}}, "#/inputs/colour"),
        ({"calculator": "toy-cost", "name": "x", "inputs": [1]}, "#/inputs"),
        ({"calculator": "toy-cost", "name": "x", "inputs": None}, "#/inputs"),
        ({"calculator": "toy-cost", "name": "x", "seed": -1}, "#/seed"),
        ({"calculator": "toy-cost", "name": "x", "seed": "9" * 5000}, "#/seed"),
        ({"calculator": "toy-cost", "name": "x" * 121}, "#/name"),
        ({"calculator": "toy-cost", "name": " "}, "#/name"),
        ({"calculator": "toy-cost"}, "#/name"),
        ({"name": "x"}, "#/calculator"),
    ],
)
def test_what_is_refused_names_the_value_and_stores_nothing(api, body, pointer):
    response = api("post", ROOT, body)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not Scenario.objects.exists()


@pytest.mark.parametrize(
    "body", ["{", "[" * 100_000, '{"name": NaN}', '"x"', "[]", "null", b"\xff\xfe", '{"name": 1e999}', "9" * 5000]
)
def test_bodies_that_are_no_object_are_no_fault(api, body):
    response = api("post", ROOT, body)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


def test_an_unknown_calculator_is_not_there(api):
    assert api("post", ROOT, {"calculator": "none", "name": "x"}).status_code == 404


def test_the_list_is_ones_own_in_bounded_pages(api, save, stranger):
    for index in range(3):
        save(name=f"S{index}")
    save("toy-cash", name="Cash")
    save(by=stranger, name="Theirs")
    body = api("get", f"{ROOT}?page_size=2").json()
    assert (body["count"], len(body["results"])) == (4, 2)
    assert [each["name"] for each in api("get", f"{ROOT}?calculator=toy-cash").json()["results"]] == ["Cash"]
    assert len(api("get", f"{ROOT}?page_size=1000000000").json()["results"]) == 4
    assert api("get", f"{ROOT}?page=1000000000000").status_code == 404
    assert "Theirs" not in api("get", ROOT).content.decode()


def test_another_persons_scenarios_are_not_there_on_any_route(api, save, stranger, user):
    theirs, mine = save(by=stranger, name="Secret"), save(inputs={"tokens": 1e6})
    deleted = scenario_delete(scenario=save(by=stranger), by=stranger, revision=1)
    job = Job.objects.create(
        workspace=workspace_of(stranger), owner=stranger, runner="task", title="T", mode="training", queue="cpu",
        payload={}, state="done", measures={"toy_speed": 2.0},
    )  # fmt: skip
    own_job = Job.objects.create(
        workspace=workspace_of(user), owner=user, runner="task", title="T", mode="training", queue="cpu",
        payload={}, state="done", measures={"toy_speed": 2.0},
    )  # fmt: skip
    attempts = [
        ("get", at(theirs), None),
        ("put", at(theirs), {"name": "x", "inputs": {}}),
        ("patch", at(theirs), {"name": "x"}),
        ("delete", at(theirs), None),
        ("post", at(theirs, "duplicate"), {"name": "x"}),
        ("post", at(theirs, "send"), {"calculator": "toy-cash"}),
        ("post", at(deleted, "undelete"), None),
        ("get", at(theirs, "revisions/"), None),
        ("get", at(theirs, "export"), None),
        ("post", at(theirs, "revisions/1/restore"), None),
        ("get", f"{ROOT}compare?ids={mine.uid},{theirs.uid}", None),
        ("post", f"{ROOT}from-job", {"job": job.uid, "calculator": "toy-cost"}),
        ("post", f"{ROOT}from-job", {"job": own_job.uid, "calculator": "toy-cost", "into": theirs.uid}),
        ("post", at(mine, "send"), {"calculator": "toy-cash", "into": theirs.uid}),
    ]
    for method, path, body in attempts:
        response = api(method, path, body, If_Match="*")
        assert response.status_code == 404, (method, path)
        assert "Secret" not in response.content.decode()
    theirs.refresh_from_db()
    assert (theirs.revision, theirs.name) == (1, "Secret")


def test_without_an_account_there_is_nothing(save):
    scenario, visitor = save(), Api()
    for method, path in (("get", ROOT), ("post", ROOT), ("get", at(scenario)), ("post", f"{ROOT}from-job")):
        response = visitor(method, path, None if method == "get" else {})
        assert response.status_code == 401, path
        assert response.headers["Content-Type"] == "application/problem+json"


def test_every_route_is_tried_above():
    """A new route must be added to the tests of access."""
    from portal.plans import api_urls, urls

    assert {pattern.name for pattern in api_urls.urlpatterns} == {
        "scenarios", "compare", "from-job", "scenario", "export", "undelete", "duplicate", "send", "revisions",
        "restore",
    }  # fmt: skip
    assert {pattern.name for pattern in urls.urlpatterns} == {
        "list", "save", "compare", "from-job", "samples", "export", "page", "update", "revisions", "rename",
        "duplicate", "restore", "delete", "undelete", "send",
    }  # fmt: skip
    assert reverse("plans-api:scenarios") == ROOT
