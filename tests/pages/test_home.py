"""The home page: what visitors and people see first."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.accounts.selectors import workspace_of
from portal.planning.registry import all_calculators
from portal.plans.services import scenario_save
from portal.web.home import HEIGHT, WIDTH, sample_headline, scenario_headline

pytestmark = pytest.mark.django_db


def test_a_visitor_sees_a_sample_with_an_answer_and_where_to_change_it(client):
    body = client.get("/").content.decode()
    assert "Sample" in body
    assert f'href="{reverse("tools:page", args=["runway"])}"' in body
    assert str(sample_headline().answer) in body


def test_the_sample_has_figures_and_a_fan_within_its_frame():
    headline = sample_headline()
    assert headline.is_sample
    assert 2 <= len(headline.figures) <= 4
    assert headline.fan is not None
    points = [
        point.split(",") for path in (headline.fan.outer, headline.fan.median) for point in path.strip("MZ").split("L")
    ]
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in points)
    assert len(points) % 3 == 0  # two edges of the band and the median, a point a month each


def test_the_scenario_that_was_changed_last_leads(client, user):
    runway = all_calculators()["runway"]
    workspace = workspace_of(user)
    for name, cash in (("Older", 1_000_000), ("Newer", 2_000_000)):
        scenario = scenario_save(workspace=workspace, by=user, calculator=runway, name=name, inputs={"cash": cash})
    client.force_login(user)
    body = client.get("/").content.decode()
    lead = body.split('class="over"')[1].split('class="answer"')[0]
    assert "Newer" in lead
    assert scenario.get_absolute_url() in lead
    assert str(scenario_headline(scenario).answer) in body
    assert "Older" in body


def test_a_scenario_that_cannot_be_opened_does_not_lead(client, user):
    runway = all_calculators()["runway"]
    scenario = scenario_save(workspace=workspace_of(user), by=user, calculator=runway, name="Gone", inputs={})
    scenario.calculator = "no-such-calculator"
    scenario.save()
    assert scenario_headline(scenario) is None
    client.force_login(user)
    assert client.get("/").status_code == 200
