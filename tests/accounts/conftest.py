import pytest
from django.core.cache import cache

from portal.accounts.models import User
from portal.accounts.services import user_open

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_attempts_before() -> None:
    cache.clear()


@pytest.fixture
def user(db: None) -> User:
    return user_open(email="ada@example.com", password=PASSWORD)


@pytest.fixture
def stranger(db: None) -> User:
    return user_open(email="eve@example.com", password=PASSWORD)
