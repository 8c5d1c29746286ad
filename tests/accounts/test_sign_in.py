"""Signing up, in and out, one-time links, passwords: what works, what is refused, what is given away."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User, Workspace
from portal.accounts.selectors import owner, workspace_of
from portal.accounts.services import sign_in_link, user_open

from .conftest import PASSWORD

SAVE = "/tools/runway/?cash=3M"
NEW = {"email": "new@example.com", "password1": "quite a long password"}


def without_tokens(answer):
    return answer.status_code, re.sub(r"[A-Za-z0-9]{64}", "", answer.content.decode())


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_signing_up_opens_a_workspace_signs_in_and_returns_to_the_page(client, db):
    answer = client.post(reverse("account_signup"), NEW | {"next": SAVE})
    assert (answer.status_code, answer.url) == (302, SAVE)
    assert is_signed_in(client)
    user = User.objects.get(email="new@example.com")
    assert workspace_of(user).members.get() == user


def test_a_refused_sign_up_leaves_nothing(client, db):
    answer = client.post(reverse("account_signup"), NEW | {"password1": "short"})
    assert answer.status_code == 200
    assert b"10" in answer.content  # the least length is named
    assert not User.objects.exists()
    assert not Workspace.objects.exists()


def test_sign_up_can_be_closed(client, db, settings):
    settings.SIGN_UP = False
    assert reverse("account_signup") not in client.get(reverse("account_login")).content.decode()
    assert client.post(reverse("account_signup"), NEW).status_code == 200
    assert not User.objects.exists()


def test_signing_in_returns_to_the_page_and_to_no_other_site(client, user):
    given = {"login": user.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), given | {"next": SAVE}).url == SAVE
    client.logout()
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "https:evil.example"):
        assert client.post(reverse("account_login"), given | {"next": elsewhere}).url == reverse("home")
        client.logout()


def test_the_page_to_return_to_survives_a_mistake_and_the_way_to_sign_up(client, user):
    page = client.get(reverse("account_login"), {"next": SAVE}).content.decode()
    assert f'name="next" value="{SAVE}"' in page
    assert re.search(r'href="[^"]*signup/\?next=%2Ftools%2Frunway%2F', page)
    again = client.post(reverse("account_login"), {"login": user.email, "password": "wrong", "next": SAVE})
    assert f'name="next" value="{SAVE}"' in again.content.decode()


def test_signing_out_needs_a_post(client, user):
    client.force_login(user)
    client.get(reverse("account_logout"))
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_look_the_same(client, user):
    def attempt(email):
        answer = client.post(reverse("account_login"), {"login": email, "password": "not the password"})
        status, page = without_tokens(answer)
        return status, page.replace(email, "")

    assert attempt(user.email) == attempt("no@example.com")


def test_guessing_passwords_is_slowed_down_and_the_right_one_does_not_help_then(client, user):
    given = {"login": user.email, "password": "guess"}
    statuses = [client.post(reverse("account_login"), given).status_code for _ in range(12)]
    assert statuses[0] == 200
    assert not is_signed_in(client)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert not is_signed_in(client)


def test_asking_for_a_new_password_does_not_tell_who_has_an_account(client, user, mailoutbox):
    answers = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (user.email, "no@example.com")
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert without_tokens(answers[0]) == without_tokens(answers[1])
    assert [mail.to for mail in mailoutbox if "password/reset/key" in mail.body] == [[user.email]]


def test_a_new_password_is_set_by_the_mailed_link_once(client, user, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": user.email})
    path = re.search(r"http://[^/]+(/\S+)", mailoutbox[0].body)[1]
    form = client.get(path, follow=True)
    new = {"password1": "another long password", "password2": "another long password"}
    assert client.post(form.redirect_chain[-1][0], new, follow=True).status_code == 200
    user.refresh_from_db()
    assert user.check_password("another long password")
    assert "used already" in client.get(path, follow=True).content.decode()


def test_the_link_signs_in_once(client, user):
    link = sign_in_link(user=user)
    assert client.get(link).url == reverse("home")
    assert is_signed_in(client)
    client.logout()
    second = client.get(link)
    assert second.status_code == 403
    assert "make link" in second.content.decode()
    assert not is_signed_in(client)


@pytest.mark.parametrize("change", ["", "x", "é", "A" * 5000, "AAAAAAAAAAEM9ozgy8Hh_G3vCNDTQA"])
def test_a_made_up_link_is_refused(client, user, change):
    assert client.get(reverse("account_link"), {"sesame": change}).status_code == 403


def test_the_link_expires(client, user):
    link = sign_in_link(user=user)
    late = timezone.now() + timedelta(seconds=settings.SESAME_MAX_AGE + 60)
    with mock.patch("time.time", return_value=late.timestamp()):
        assert client.get(link).status_code == 403


def test_a_closed_account_cannot_sign_in_by_link(client, user):
    link = sign_in_link(user=user)
    user.is_active = False
    user.save()
    assert client.get(link).status_code == 403


def test_the_owner_signs_in_by_link_and_sets_a_password(client, db):
    someone = user_open(email="owner@localhost", owner=True)
    assert owner() == someone
    client.get(sign_in_link(user=someone))
    assert client.get(reverse("account_change_password")).url == reverse("account_set_password")
    new = {"password1": "another long password", "password2": "another long password"}
    client.post(reverse("account_set_password"), new)
    client.logout()
    given = {"login": "owner@localhost", "password": "another long password"}
    assert client.post(reverse("account_login"), given).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_the_admin_uses_the_same_sign_in(client, user):
    assert client.get("/admin/login/").url.startswith(reverse("account_login"))
    assert client.get("/admin/").status_code == 302
    client.force_login(user)
    assert client.get("/admin/login/").status_code == 403
    assert client.get("/admin/accounts/user/").status_code == 302


@pytest.mark.parametrize("name", ["user", "workspace", "token"])
def test_accounts_in_the_admin(admin_client, user, name):
    assert admin_client.get(f"/admin/accounts/{name}/").status_code == 200
    if name != "token":
        assert admin_client.get(f"/admin/accounts/{name}/add/").status_code == 200
    else:
        assert admin_client.get(f"/admin/accounts/{name}/add/").status_code == 403


PAGES = ("login", "signup", "reset_password", "reset_password_done", "inactive", "email_verification_sent", "link")
OWN_PAGES = ("logout", "email", "change_password", "reauthenticate", "tokens")


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
@pytest.mark.parametrize("name", [*PAGES, *OWN_PAGES])
def test_every_page_is_drawn_in_the_frame(client, user, name, prefix):
    if name in OWN_PAGES:
        client.force_login(user)
    answer = client.get(prefix + reverse(f"account_{name}"))
    assert answer.status_code in (200, 403)
    page = answer.content.decode()
    assert page.count("<h1") == 1
    assert 'id="main"' in page
    assert f'<html lang="{"zh-Hans" if prefix else "en"}"' in page
    assert "style=" not in page
    assert "<script>" not in page
