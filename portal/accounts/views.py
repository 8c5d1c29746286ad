"""Signing in by a one-time link, and the page of API tokens."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from sesame.views import LoginView

from portal.accounts.forms import TokenForm
from portal.accounts.models import User
from portal.accounts.selectors import tokens_of
from portal.accounts.services import token_make, token_revoke


class LinkView(LoginView):
    """Signs in whoever holds an unused link from ``services.sign_in_link``."""

    def login_failed(self) -> HttpResponse:
        return render(self.request, "account/link_failed.html", status=403)


@login_required
@never_cache  # the page after making a token shows it
def tokens(request: HttpRequest) -> HttpResponse:
    user, made = cast(User, request.user), ""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _token, made = token_make(user=user, **form.cleaned_data)
            form = TokenForm()
        except ValueError as problem:
            form.add_error(None, str(problem))
    context = {"form": form, "made": made, "tokens": tokens_of(user)}
    return render(request, "account/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def token_end(request: HttpRequest, key: str) -> HttpResponse:
    if token_revoke(user=cast(User, request.user), key=key):
        messages.success(request, _("The token is revoked."))
    return redirect("account_tokens")
