"""API tokens: shown once, kept as a hash, revoked by their owner only."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.test import APIRequestFactory

from portal.accounts.models import Token
from portal.accounts.services import MAX_TOKENS, token_make, token_revoke


def person_of(text):
    request = APIRequestFactory().get("/", headers={"Authorization": f"Token {text}"})
    return TokenAuthentication().authenticate(request)[0]


def test_a_token_is_shown_once_and_kept_as_a_hash(client, user):
    client.force_login(user)
    page = client.post(reverse("account_tokens"), {"name": "notebook", "days": "30"})
    text = re.search(r"plumb_[0-9a-f]{64}", page.content.decode())[0]
    assert "no-store" in page["Cache-Control"]
    assert text not in client.get(reverse("account_tokens")).content.decode()
    assert person_of(text) == user
    kept = Token.objects.get()
    assert text not in "".join(str(value) for value in vars(kept).values())
    assert timedelta(days=29) < kept.expiry - timezone.now() <= timedelta(days=30)


@pytest.mark.parametrize("given", [{"name": "", "days": "30"}, {"name": "x", "days": "100000"}, {"name": "x" * 61}, {}])
def test_a_form_that_is_not_right_makes_no_token(client, user, given):
    client.force_login(user)
    answer = client.post(reverse("account_tokens"), given)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not Token.objects.exists()


def test_a_revoked_or_changed_token_is_refused(client, user):
    token, text = token_make(user=user, name="a", days=30)
    assert person_of(text) == user
    for wrong in (text[:-1] + ("0" if text[-1] != "0" else "1"), text[6:], "plumb_", "x" * 10_000):
        with pytest.raises(AuthenticationFailed):
            person_of(wrong)
    client.force_login(user)
    assert client.post(reverse("account_token_revoke", args=[token.token_key])).status_code == 302
    with pytest.raises(AuthenticationFailed):
        person_of(text)


def test_an_expired_token_is_refused(user):
    _token, text = token_make(user=user, name="a", days=30)
    Token.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    with pytest.raises(AuthenticationFailed):
        person_of(text)


def test_nobody_revokes_or_sees_the_token_of_another(client, user, stranger):
    token, text = token_make(user=user, name="mine alone", days=30)
    assert not token_revoke(user=stranger, key=token.token_key)
    client.force_login(stranger)
    client.post(reverse("account_token_revoke", args=[token.token_key]))
    assert "mine alone" not in client.get(reverse("account_tokens")).content.decode()
    assert person_of(text) == user


def test_a_get_revokes_nothing_and_a_visitor_is_asked_to_sign_in(client, user):
    token, _text = token_make(user=user, name="a", days=30)
    path = reverse("account_token_revoke", args=[token.token_key])
    assert client.post(path).url.startswith(reverse("account_login"))
    client.force_login(user)
    assert client.get(path).status_code == 405
    assert Token.objects.count() == 1


def test_one_person_has_a_limited_number(user, client):
    for number in range(MAX_TOKENS):
        token_make(user=user, name=str(number), days=30)
    with pytest.raises(ValueError, match=str(MAX_TOKENS)):
        token_make(user=user, name="one more", days=30)
    client.force_login(user)
    assert client.post(reverse("account_tokens"), {"name": "x", "days": "30"}).status_code == 422
