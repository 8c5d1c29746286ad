"""Whether layouts fit, in public: the same counts on page, API and command line."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.management import call_command
from django.test import Client

from portal.planning.evidence.family import Family
from portal.planning.evidence.layouts import LayoutScore
from portal.scorecard.layouts import known_layouts, layout_score, layouts_met

pytestmark = pytest.mark.django_db


def command(*args: str) -> str:
    out = io.StringIO()
    call_command("scorecard", "layouts", *args, stdout=out)
    return out.getvalue()


def test_page_api_and_command_count_the_same(toys: Family, client: Client) -> None:
    found = layout_score()
    told = client.get("/api/v1/scorecard/layouts/").json()
    assert (told["ran"], told["said_to_fit"]) == (found.ran, found.said_to_fit)
    assert (told["misfits"], told["refused"]) == (found.misfits, found.refused)
    assert len(told["rows"]) == found.ran + found.misfits
    wrong = [row for row in told["rows"] if row["verdict"] == "wrong"]
    assert len(wrong) == found.ran - found.said_to_fit + found.misfits - found.refused
    for row in told["rows"]:
        assert (row["said"] == "fits") == (row["needed"] <= row["capacity"])
    counted = f"{found.said_to_fit} of {found.ran} layouts that ran are said to fit"
    assert counted in client.get("/scorecard/layouts/").content.decode()
    assert counted in client.get("/scorecard/").content.decode()
    assert f"{found.said_to_fit} of {found.ran} that ran are said to fit" in command()
    assert len(list(csv.DictReader(io.StringIO(command("--csv"))))) == len(told["rows"])


def test_layouts_are_filtered(client: Client) -> None:
    page = client.get("/scorecard/layouts/?happened=does+not+fit", headers={"HX-Request": "true"}).content.decode()
    assert page.count("<tr>") - 1 == sum(not known.fits for known in known_layouts())
    assert client.get("/zh-hans/scorecard/layouts/").status_code == 200


@pytest.mark.parametrize(
    ("found", "met"),
    [
        (LayoutScore(100, 97, 5, 5), True),
        (LayoutScore(100, 96, 5, 5), False),
        (LayoutScore(100, 100, 5, 4), False),
    ],
)
def test_the_bar_wants_most_that_ran_and_no_misfit(found: LayoutScore, met: bool) -> None:
    assert layouts_met(found) is met
