"""Which workspace a person works in, who owns the portal, and the API tokens of a person."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from portal.accounts.models import Token, User, Workspace


def workspace_of(user: User | AnonymousUser) -> Workspace | None:
    """The workspace that a person works in: the first they joined. None for a visitor."""
    if not isinstance(user, User):
        return None
    return Workspace.objects.filter(memberships__user=user).order_by("memberships__created_at", "pk").first()


def owner() -> User | None:
    """The first active account that may use the admin."""
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()


def tokens_of(user: User) -> QuerySet[Token]:
    return Token.objects.filter(user=user)
