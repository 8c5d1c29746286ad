"""What changes accounts, workspaces and API tokens."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from sesame.utils import get_query_string

from portal.accounts.models import Membership, Token, User, Workspace
from portal.accounts.selectors import tokens_of

MAX_TOKENS = 20  # of one person


@transaction.atomic
def workspace_open(*, user: User, name: str = "") -> Workspace:
    """A new workspace with ``user`` as its first member."""
    workspace = Workspace.objects.create(name=name or _("My workspace"))
    Membership.objects.create(user=user, workspace=workspace)
    return workspace


@transaction.atomic
def user_open(*, email: str, password: str | None = None, owner: bool = False) -> User:
    """A new account with its personal workspace; the owner of the portal may also use the admin."""
    create = User.objects.create_superuser if owner else User.objects.create_user
    user = create(email, password)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    workspace_open(user=user)
    return user


def sign_in_link(*, user: User) -> str:
    """The path of a link that signs ``user`` in once, within ``SESAME_MAX_AGE``."""
    return reverse("account_link") + get_query_string(user)


@transaction.atomic
def token_make(*, user: User, name: str, days: int) -> tuple[Token, str]:
    """A token for the API, valid for ``days``; the text that authenticates is returned here and kept nowhere.

    Raises:
        ValueError: when ``user`` has ``MAX_TOKENS`` already.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if tokens_of(user).count() >= MAX_TOKENS:
        raise ValueError(_("You have %(count)d tokens already; revoke one that is not used.") % {"count": MAX_TOKENS})
    return Token.objects.create(user=user, name=name, expiry=timedelta(days=days))


def token_revoke(*, user: User, key: str) -> bool:
    """Whether ``user`` had a token whose text begins with ``key``; it is valid no longer."""
    deleted, _by_model = tokens_of(user).filter(token_key=key).delete()
    return bool(deleted)
