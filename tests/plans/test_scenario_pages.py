"""Pages of scenarios: what they show, what they save, and that another's are not there."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from portal.accounts.selectors import workspace_of
from portal.jobs.models import Job
from portal.plans.models import Scenario
from portal.plans.selectors import scenarios_of
from portal.plans.services import scenario_delete, scenario_update

MEASURED = {"kind": "measured", "job": "job_1", "device": "Epyc", "date": "2026-11-22"}


@pytest.fixture
def ada(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def job(user):
    return Job.objects.create(
        workspace=workspace_of(user), owner=user, runner="task", title="Train small", mode="training", queue="cpu",
        payload={}, state="done", device="Epyc <7B13>", finished_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        measures={"toy_speed": 1234.5, "toy_layers": 4},
    )  # fmt: skip


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_list_shows_each_with_its_figure_and_range(ada, save):
    save(name="<b>Bold</b>", inputs={"tokens": "360k to 720k as uniform"})
    save("toy-cash", name="Cash")
    response = ada.get(reverse("plans:list"))
    page = response.content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "<b>Bold" not in page
    assert "between $7.56 and $14" in text_of(response)
    assert page.count('class="whisker"') == 2


def test_the_list_of_a_visitor_is_empty_and_offers_to_sign_in(client, save):
    save(name="Private")
    page = client.get(reverse("plans:list")).content.decode()
    assert "Private" not in page
    assert reverse("account_login") in page


def test_samples_fill_an_empty_list(ada, user, monkeypatch):
    monkeypatch.setattr("portal.plans.join_services.SAMPLES", (("toy-cash", ""), ("toy-cash", "lean")))
    assert ada.post(reverse("plans:samples")).status_code == 302
    assert [scenario.sample for scenario in scenarios_of(user)] == [True, True]


def test_the_page_shows_inputs_results_and_where_values_come_from(ada, save):
    scenario = save(inputs={"device": "custom", "speed": 500}, sources={"speed": MEASURED}, name="Ours")
    response = ada.get(scenario.get_absolute_url())
    assert response.status_code == 200
    assert "Measured by job_1 on Epyc, Nov 22, 2026" in text_of(response)
    assert f'href="{reverse("jobs:page", args=["job_1"])}"' in response.content.decode()
    assert "It costs" in text_of(response)
    assert 'name="revision" value="1"' in response.content.decode()


@pytest.mark.parametrize("change", [{"calculator": "gone"}, {"inputs": {"price": -1}}, {"version": 9}])
def test_what_cannot_be_opened_is_shown_as_it_is_stored(ada, save, change):
    scenario = save(inputs={"price": 9})
    Scenario.objects.update(**change)
    for path in (scenario.get_absolute_url(), reverse("plans:list")):
        response = ada.get(path)
        assert response.status_code == 200
    page = text_of(ada.get(scenario.get_absolute_url()))
    assert "What is stored" in page
    for suffix in ("json", "csv"):
        assert ada.get(reverse("plans:export", args=[scenario.uid, suffix])).status_code == 200


def test_saving_a_calculators_page_makes_a_scenario(ada, user):
    response = ada.post(reverse("plans:save"), {"calculator": "toy-cost", "price": "1.5 to 3", "layers": "4"})
    scenario = scenarios_of(user).get()
    assert response.headers["Location"] == scenario.get_absolute_url()
    assert scenario.inputs["price"] == {"low": 1.5, "high": 3.0, "family": "lognormal"}
    assert scenario.name.startswith("Toy cost, ")


def test_what_cannot_be_read_comes_back_with_what_was_typed(ada, user):
    response = ada.post(reverse("plans:save"), {"calculator": "toy-cost", "price": "<free>"})
    assert response.status_code == 422
    assert "&lt;free&gt;" in response.content.decode()
    assert not Scenario.objects.exists()
    assert ada.post(reverse("plans:save"), {"calculator": "none"}).status_code == 404


def test_a_visitor_signs_in_and_finds_the_numbers_saved(client, user):
    asked = client.post(reverse("plans:save"), {"calculator": "toy-cost", "layers": "7", "name": "Mine"})
    assert asked.status_code == 302
    assert asked.headers["Location"] == f"{reverse('account_login')}?next={reverse('plans:save')}"
    assert not Scenario.objects.exists()
    assert "Your numbers are kept" in text_of(client.get(asked.headers["Location"]))
    signed_in = client.post(asked.headers["Location"], {"login": user.email, "password": "correct horse"})
    assert signed_in.headers["Location"] == reverse("plans:save")
    saved = client.get(reverse("plans:save"))
    scenario = scenarios_of(user).get()
    assert saved.headers["Location"] == scenario.get_absolute_url()
    assert (scenario.name, scenario.inputs["layers"]) == ("Mine", 7)
    # Coming back once more saves nothing twice.
    assert client.get(reverse("plans:save")).headers["Location"] == reverse("plans:list")
    assert Scenario.objects.count() == 1


def test_update_saves_over_the_revision_that_was_shown(ada, save):
    scenario = save(inputs={"layers": 4})
    response = ada.post(reverse("plans:update", args=[scenario.uid]), {"revision": 1, "layers": "8"})
    assert response.status_code == 302
    scenario.refresh_from_db()
    assert (scenario.revision, scenario.inputs["layers"]) == (2, 8)
    bad = ada.post(reverse("plans:update", args=[scenario.uid]), {"revision": 2, "layers": "many"})
    assert bad.status_code == 422
    assert "many" in bad.content.decode()


def test_an_overtaken_update_keeps_both_versions(ada, save, user):
    scenario = save(inputs={"layers": 4}, name="Base")
    scenario_update(scenario=scenario, by=user, revision=1, inputs={"layers": 5})
    response = ada.post(reverse("plans:update", args=[scenario.uid]), {"revision": 1, "layers": "6"}, follow=True)
    scenario.refresh_from_db()
    assert scenario.inputs["layers"] == 5
    other = scenarios_of(user).exclude(pk=scenario.pk).get()
    assert (other.name, other.inputs["layers"]) == ("Base (my changes)", 6)
    assert "Your numbers are kept here" in text_of(response)


def test_rename_duplicate_restore_delete_and_undo(ada, save, user):
    scenario = save(name="Base", inputs={"layers": 4})
    at = lambda name: reverse(f"plans:{name}", args=[scenario.uid])  # noqa: E731
    ada.post(at("rename"), {"revision": 1, "name": "Lean"})
    ada.post(at("update"), {"revision": 2, "layers": "9"})
    ada.post(at("restore"), {"revision": 3, "number": 1})
    scenario.refresh_from_db()
    assert (scenario.revision, scenario.name, scenario.inputs["layers"]) == (4, "Lean", 4)
    ada.post(at("duplicate"))
    assert scenarios_of(user).filter(name="Lean (copy)").exists()
    drawer = text_of(ada.get(at("revisions"), headers={"HX-Request": "true"}))
    assert "Layers: 4 → 9" in drawer
    assert "Name: Base → Lean" in drawer
    deleted = ada.post(at("delete"), {"revision": 4}, follow=True)
    assert "“Lean” is deleted." in text_of(deleted)
    assert ada.get(scenario.get_absolute_url()).status_code == 404
    assert ada.post(at("undelete")).headers["Location"] == scenario.get_absolute_url()
    assert ada.get(scenario.get_absolute_url()).status_code == 200


def test_an_overtaken_button_says_so_and_changes_nothing(ada, save, user):
    scenario = save(name="Base")
    scenario_update(scenario=scenario, by=user, revision=1, name="Newer")
    for name, more in (("rename", {"name": "Mine"}), ("restore", {"number": 1}), ("delete", {})):
        response = ada.post(reverse(f"plans:{name}", args=[scenario.uid]), {"revision": 1, **more}, follow=True)
        assert "Someone saved revision 2 meanwhile" in text_of(response)
    scenario.refresh_from_db()
    assert (scenario.name, scenario.deleted_at) == ("Newer", None)


def test_two_to_five_are_compared_and_only_rows_that_differ_are_shown(ada, save):
    made = [save("toy-cash", name=f"Plan {cash}", inputs={"cash": cash}) for cash in (100, 200, 300, 400, 500, 600)]
    for count in range(2, 6):
        response = ada.get(reverse("plans:compare"), {"ids": ",".join(scenario.uid for scenario in made[:count])})
        page = text_of(response)
        assert response.status_code == 200
        assert page.count("Baseline") >= 1
        assert "$100" in page
        assert f"${count}00" in page
        assert "Horizon" not in page
        assert " Burn " not in page
    assert "↑" in page
    everything = text_of(ada.get(reverse("plans:compare"), {"ids": [made[0].uid, made[1].uid], "rows": "all"}))
    assert " Burn " in everything
    too_many = text_of(ada.get(reverse("plans:compare"), {"ids": ",".join(scenario.uid for scenario in made)}))
    assert "Wanted 2 to 5 scenarios to compare, got 6." in too_many
    assert "got 1" in text_of(ada.get(reverse("plans:compare"), {"ids": made[0].uid}))
    assert ada.get(reverse("plans:compare")).status_code == 200


def test_different_tools_are_not_compared(ada, save):
    response = ada.get(reverse("plans:compare"), {"ids": f"{save().uid},{save('toy-cash').uid}"})
    assert response.status_code == 200
    assert "Wanted scenarios of one calculator, got toy-cash, toy-cost." in text_of(response)


def test_exports_are_files_named_as_the_scenario(ada, save):
    scenario = save(name='Base "1"\r\n小')
    found = ada.get(reverse("plans:export", args=[scenario.uid, "json"]))
    assert found.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Base")
    assert found.json()["uid"] == scenario.uid
    sheet = ada.get(reverse("plans:export", args=[scenario.uid, "csv"]))
    assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sheet.content.startswith("\ufeffpart,name".encode())


def test_a_jobs_measures_go_into_a_scenario_by_one_button(ada, job, user, save):
    page = ada.get(reverse("jobs:page", args=[job.uid])).content.decode()
    assert reverse("plans:from-job") in page
    assert ada.post(reverse("plans:from-job"), {"job": job.uid, "to": "toy-cost"}).status_code == 302
    made = scenarios_of(user).get()
    assert (made.inputs["speed"], made.inputs["layers"]) == (1234.5, 4)
    existing = save(inputs={"price": 9})
    chosen = {"job": job.uid, "to": existing.uid, "quantity": ["toy_speed"]}
    response = ada.post(reverse("plans:from-job"), chosen, follow=True)
    existing.refresh_from_db()
    assert (existing.revision, existing.inputs["speed"], existing.inputs["layers"]) == (2, 1234.5, 2)
    assert f"Measured by {job.uid} on Epyc &lt;7B13&gt;, Nov 22, 2026" in response.content.decode()
    nothing = ada.post(reverse("plans:from-job"), {"job": job.uid, "to": "toy-cash"}, follow=True)
    assert "got none of them" in text_of(nothing)


def test_a_cost_is_sent_to_another_tool_from_the_page(ada, save, user):
    cost = save(name="Run", inputs={"tokens": 360_000})
    assert reverse("plans:send", args=[cost.uid]) in ada.get(cost.get_absolute_url()).content.decode()
    response = ada.post(reverse("plans:send", args=[cost.uid]), {"to": "toy-cash"}, follow=True)
    cash = scenarios_of(user).get(calculator="toy-cash")
    assert cash.inputs["training"] == pytest.approx(7.2)
    assert "Computed by scenario “Run”" in text_of(response)


def test_another_persons_scenarios_are_not_there_on_any_route(client, save, stranger, user, job):
    theirs = save(name="Secret of Ada")
    deleted = scenario_delete(scenario=save(), by=user, revision=1)
    mine = save(by=stranger, name="Mine")
    client.force_login(stranger)
    uid = theirs.uid
    gets = [reverse("plans:page", args=[uid]), reverse("plans:revisions", args=[uid]),
            reverse("plans:export", args=[uid, "json"]), reverse("plans:export", args=[uid, "csv"]),
            f"{reverse('plans:compare')}?ids={mine.uid},{uid}"]  # fmt: skip
    for path in gets:
        assert client.get(path).status_code == 404, path
    names = ("update", "rename", "duplicate", "restore", "delete", "send")
    posts = [(reverse(f"plans:{name}", args=[uid]), {"revision": 1, "number": 1, "to": "toy-cash"}) for name in names]
    posts += [
        (reverse("plans:undelete", args=[deleted.uid]), {}),
        (reverse("plans:send", args=[mine.uid]), {"to": uid}),
        (reverse("plans:from-job"), {"job": job.uid, "to": "toy-cost"}),
    ]
    for path, data in posts:
        assert client.post(path, data).status_code == 404, path
    assert "Secret of Ada" not in client.get(reverse("plans:list")).content.decode()
    theirs.refresh_from_db()
    assert (theirs.revision, theirs.name) == (1, "Secret of Ada")
    assert Scenario.objects.get(pk=deleted.pk).deleted_at
    assert scenarios_of(stranger).count() == 1


def test_visitors_are_asked_to_sign_in_before_anything_is_written(client, save):
    scenario = save()
    for name in ("update", "rename", "duplicate", "restore", "delete", "undelete", "send"):
        response = client.post(reverse(f"plans:{name}", args=[scenario.uid]), {"revision": 1})
        assert response.headers["Location"].startswith(reverse("account_login")), name
    assert client.get(scenario.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("given", ["", "-1", "1.5", "١", "9" * 30, "x"])
def test_a_revision_that_is_no_number_is_no_fault(ada, save, given):
    scenario = save()
    response = ada.post(reverse("plans:rename", args=[scenario.uid]), {"revision": given, "name": "x"})
    assert response.status_code == 404
