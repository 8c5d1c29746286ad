from django.core.management import call_command

from portal.accounts.models import User, Workspace
from portal.accounts.selectors import owner, workspace_of
from portal.plans.models import Scenario


def test_the_sample_workspace_is_made_once(db):
    call_command("sample")
    someone = owner()
    assert someone is not None
    assert not someone.has_usable_password()
    made = Scenario.objects.filter(workspace=workspace_of(someone)).count()
    assert made >= 2
    call_command("sample")
    assert (User.objects.count(), Workspace.objects.count(), Scenario.objects.count()) == (1, 1, made)
