from datetime import timedelta

import pytest
from django.utils import timezone

from mlcore.reading import Invalid
from portal.plans.models import Revision, Scenario
from portal.plans.selectors import scenario_access, scenario_open, scenarios_access, scenarios_of, summary_of
from portal.plans.services import (
    UNDO_FOR,
    Stale,
    scenario_delete,
    scenario_duplicate,
    scenario_rename,
    scenario_restore,
    scenario_undelete,
    scenario_update,
    scenarios_purge,
)

HUGE = {"low": 10.0, "high": 20.0, "family": "uniform"}


def test_a_saved_scenario_keeps_every_input_in_plain_json(save):
    scenario = save(inputs={"price": "1.5 to 3", "layers": "4"})
    assert scenario.inputs == {
        "device": "listed",
        "speed": 100.0,
        "layers": 4,
        "tokens": {"low": 1e6, "high": 2e6, "family": "lognormal"},
        "price": {"low": 1.5, "high": 3.0, "family": "lognormal"},
    }
    assert scenario.version == 2
    assert {name: source["kind"] for name, source in scenario.provenance.items()} == {
        "device": "default", "speed": "default", "layers": "typed", "tokens": "default", "price": "typed",
    }  # fmt: skip
    (revision,) = scenario.revisions.all()
    assert (revision.number, revision.inputs, revision.by) == (1, scenario.inputs, scenario.created_by)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"inputs": {"price": "free"}}, "price"),
        ({"inputs": {"colour": 1}}, "colour"),
        ({"inputs": []}, ""),
        ({"inputs": {"price": 1e-300}}, "price"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": None}, "name"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
    ],
)
def test_what_cannot_be_read_or_computed_stores_nothing(save, fields, path):
    with pytest.raises(Invalid) as caught:
        save(**fields)
    assert list(caught.value.problems) == [path]
    assert not Scenario.objects.exists()
    assert not Revision.objects.exists()


def test_an_update_is_a_revision_and_keeps_the_source_of_what_did_not_change(save, user):
    measured = {"kind": "measured", "job": "job_1", "device": "CPU", "date": "2026-11-22"}
    scenario = save(inputs={"device": "custom", "speed": 500}, sources={"speed": measured})
    scenario = scenario_update(
        scenario=scenario, by=user, revision=1, inputs={"device": "custom", "speed": 500, "layers": 8}
    )
    assert scenario.revision == 2
    assert scenario.provenance["speed"] == measured
    assert scenario.provenance["layers"] == {"kind": "typed"}
    scenario = scenario_update(scenario=scenario, by=user, revision=2, inputs={"device": "custom", "speed": 501})
    assert scenario.provenance["speed"] == {"kind": "typed"}
    assert [revision.number for revision in scenario.revisions.all()] == [3, 2, 1]


def test_a_save_without_a_change_adds_no_revision(save, user):
    scenario = save()
    again = scenario_update(scenario=scenario, by=user, revision=1, inputs={}, name="Base")
    assert again.revision == 1
    assert scenario.revisions.count() == 1


def test_of_two_writers_of_one_revision_the_second_is_refused(save, user):
    scenario = save()
    scenario_update(scenario=scenario, by=user, revision=1, inputs={"layers": 8})
    with pytest.raises(Stale) as caught:
        scenario_update(scenario=scenario, by=user, revision=1, inputs={"layers": 9})
    assert caught.value.revision == 2
    scenario.refresh_from_db()
    assert scenario.inputs["layers"] == 8
    assert scenario.revisions.count() == 2


def test_the_database_refuses_a_lost_update_even_without_row_locks(save, user, monkeypatch):
    """SQLite has no row locks: a writer whose read is overtaken is stopped by the comparison in its UPDATE."""
    scenario = save()
    read = Scenario.objects.select_for_update
    raced = []

    def overtaken():
        if not raced:
            raced.append(True)
            Scenario.objects.filter(pk=scenario.pk).update(revision=2)
            stale = Scenario.objects.get(pk=scenario.pk)
            stale.revision = 1

            class Late:
                def get(self, pk):
                    return stale

            return Late()
        return read()

    monkeypatch.setattr(type(Scenario.objects), "select_for_update", lambda self: overtaken())
    with pytest.raises(Stale):
        scenario_update(scenario=scenario, by=user, revision=1, inputs={"layers": 8})
    assert scenario.revisions.count() == 1


def test_restoring_is_a_new_revision_with_the_old_inputs_and_the_present_name(save, user):
    scenario = save(inputs={"layers": 4})
    scenario = scenario_update(scenario=scenario, by=user, revision=1, inputs={"layers": 8}, name="Deep")
    scenario = scenario_restore(scenario=scenario, by=user, revision=2, number=1)
    assert (scenario.revision, scenario.inputs["layers"], scenario.name) == (3, 4, "Deep")
    assert scenario.revisions.first().note == "Restored from revision 1"
    with pytest.raises(Revision.DoesNotExist):
        scenario_restore(scenario=scenario, by=user, revision=3, number=9)


def test_a_duplicate_has_a_history_of_its_own(save, user):
    scenario = save(inputs={"layers": 4})
    copy = scenario_duplicate(scenario=scenario, by=user, name="Base, copied")
    scenario_rename(scenario=copy, by=user, revision=1, name="Other")
    scenario.refresh_from_db()
    assert scenario.name == "Base"
    assert copy.uid != scenario.uid
    assert copy.inputs == scenario.inputs
    assert copy.revisions.count() == 2


def test_a_deleted_scenario_is_gone_comes_back_and_is_purged_in_time(save, user):
    scenario = save()
    with pytest.raises(Stale):
        scenario_delete(scenario=scenario, by=user, revision=7)
    scenario = scenario_delete(scenario=scenario, by=user, revision=1)
    with pytest.raises(Scenario.DoesNotExist):
        scenario_access(user, scenario.uid)
    assert not scenarios_of(user).exists()
    assert scenarios_purge() == 0
    scenario = scenario_undelete(scenario=scenario, by=user)
    assert scenario_access(user, scenario.uid) == scenario
    scenario = scenario_delete(scenario=scenario, by=user, revision=scenario.revision)
    Scenario.objects.update(deleted_at=timezone.now() - UNDO_FOR - timedelta(minutes=1))
    assert scenarios_purge() == 1
    assert not Revision.objects.exists()


def test_the_door_opens_to_ones_own_workspace_only(save, stranger, user):
    mine, theirs = save(), save(by=stranger)
    assert scenario_access(user, mine.uid) == mine
    for uid in (theirs.uid, "scn_0", "", "\x00"):
        with pytest.raises(Scenario.DoesNotExist):
            scenario_access(user, uid)
    assert list(scenarios_of(user)) == [mine]
    with pytest.raises(Scenario.DoesNotExist):
        scenarios_access(user, [mine.uid, theirs.uid])


def test_several_come_in_the_order_asked_for(save, user):
    first, second = save(), save()
    assert scenarios_access(user, [second.uid, first.uid, second.uid]) == [second, first]


def test_inputs_of_an_older_version_open_upgraded(save, user):
    scenario = save()
    Scenario.objects.update(version=1, inputs={"rate": 5.0, "layers": 3})
    scenario.refresh_from_db()
    opened = scenario_open(scenario)
    assert (opened.inputs.price, opened.inputs.layers) == (5.0, 3)
    scenario = scenario_update(scenario=scenario, by=user, revision=1, inputs={"price": 5.0, "layers": 4})
    assert scenario.version == 2


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ({"calculator": "gone"}, "not part of this portal"),
        ({"version": 3}, "newer version"),
        ({"inputs": {"price": -1}}, "no longer permitted"),
        ({"inputs": {"colour": 1}}, "no longer permitted"),
    ],
)
def test_what_cannot_be_opened_says_why(save, user, stored, words):
    scenario = save()
    Scenario.objects.update(**stored)
    scenario.refresh_from_db()
    opened = scenario_open(scenario)
    assert opened.inputs is None
    assert words in opened.problem
    assert summary_of(opened) is None
    renamed = scenario_rename(scenario=scenario, by=user, revision=1, name="Old")
    assert renamed.name == "Old"


def test_inputs_of_a_calculator_that_is_gone_cannot_change(save, user):
    scenario = save()
    Scenario.objects.update(calculator="gone")
    scenario.refresh_from_db()
    with pytest.raises(Invalid, match="gone"):
        scenario_update(scenario=scenario, by=user, revision=1, inputs={})


def test_the_summary_is_the_explained_output_with_its_spread(save):
    summary = summary_of(scenario_open(save(inputs={"tokens": "360k to 720k as uniform"})))
    assert summary.label == "Cost"
    assert summary.low == pytest.approx(7.2 * 1.05, rel=0.01)
    assert summary.median == pytest.approx(7.2 * 1.5, rel=0.01)
    assert summary.high == pytest.approx(7.2 * 1.95, rel=0.01)
