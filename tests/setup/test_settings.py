"""The one table of settings: complete, used, and its errors teach."""

import ast
import subprocess
import sys

import pytest
from django.urls import reverse

from portal.settings.env import SETTINGS, Setting, read
from tests.servers import ROOT, clean_environment

NAMES = {setting.name for setting in SETTINGS}


def trees():
    for path in sorted((ROOT / "portal").glob("**/*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text())


def settings_read():
    """Every name in ``ENV["NAME"]`` and ``settings["NAME"]``, with the files that read it."""
    found = {}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                holder = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
                name = node.slice.value
                if holder in ("ENV", "settings") and isinstance(name, str) and name.isupper():
                    found.setdefault(name, set()).add(str(path))
    return found


def test_every_setting_is_used_and_every_use_is_declared():
    assert settings_read().keys() == NAMES


def test_nothing_else_reads_the_environment():
    """``environ`` and ``getenv`` appear in the table alone; a default may be set for a library elsewhere."""
    wrong = []
    for path, tree in trees():
        if path.name == "env.py" or path.match("portal/settings/test.py"):
            continue
        lines = [
            node.lineno
            for node in ast.walk(tree)
            if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"))
            and "environ.setdefault(" not in (ROOT / path).read_text().splitlines()[node.lineno - 1]
        ]
        wrong += [f"{path}:{line}" for line in lines]
    assert wrong == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_explains_itself(setting: Setting):
    assert setting.help.endswith(".")
    assert len(setting.help) > 20
    assert (setting.type in ("choice", "url")) == bool(setting.options)
    assert read({})[setting.name] == setting.default
    if setting.type == "choice":
        assert setting.default in setting.options


def test_the_docs_page_shows_the_table(client, db):
    page = client.get(reverse("docs:settings")).content.decode()
    for setting in SETTINGS:
        assert setting.name in page


RIGHT = {
    "HOST": ("0.0.0.0", "0.0.0.0"),
    "PORT": ("8080", 8080),
    "DEBUG": ("Yes", True),
    "HTTPS": ("0", False),
    "ALLOWED_HOSTS": ("a.example, b.example,", ("a.example", "b.example")),
    "DEVICE_WATTS": ("700.5", 700.5),
    "LOG_LEVEL": ("ERROR", "ERROR"),
    "DEMO_RATE": ("5/h", "5/h"),
    "DATABASE_URL": ("postgresql://u:p@h/n", "postgresql://u:p@h/n"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_given_is_read(name):
    given, expected = RIGHT[name]
    assert read({name: given})[name] == expected


WRONG = [
    ("PORT", "eighty"), ("PORT", "8000.5"), ("PORT", "-1"), ("PORT", "８０"), ("PORT", "1" * 5000), ("DEBUG", "maybe"),
    ("DEVICE_WATTS", "nan"), ("DEVICE_WATTS", "1e999"), ("DEVICE_WATTS", "-5"), ("LOG_LEVEL", "loud"),
    ("DEMO_RATE", "often"), ("DATABASE_URL", "mysql://secret@host/n"), ("REDIS_URL", "localhost:6379"),
    ("EMAIL_URL", "http://secret@mail"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given"), WRONG)
def test_an_error_names_the_setting_what_was_wanted_and_what_came(name, given):
    with pytest.raises(ValueError, match=f"^{name}: wanted ") as raised:
        read({name: given})
    secret = next(setting for setting in SETTINGS if setting.name == name).secret
    assert (given in str(raised.value)) != secret


def run(*arguments, **environment):
    command = [sys.executable, *arguments]
    given = clean_environment(SECRET_KEY="k" * 30 + "0123456789abcdefghijABCDEFGHIJ!", **environment)
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=120)


def test_the_deployment_check_finds_nothing_behind_https(tmp_path):
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", HTTPS="yes", STATE_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_reading_the_settings_writes_nothing(tmp_path):
    state = tmp_path / "state"
    done = run("-c", "import portal.settings.base", STATE_DIR=str(state))
    assert done.returncode == 0, done.stderr
    assert not state.exists()


def test_a_missing_secret_key_says_what_to_do(tmp_path):
    environment = clean_environment(STATE_DIR=str(tmp_path))
    command = [sys.executable, "-c", "import portal.settings.base"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "make install" in done.stderr


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", ("console", 25, "", False, False)),
        ("smtp://mail.example", ("smtp", 587, "", False, False)),
        ("smtp://me%40x:p%2Fw@mail.example", ("smtp", 587, "p/w", True, False)),
        ("smtps://me:pw@mail.example:4650", ("smtp", 4650, "pw", False, True)),
    ],
)
def test_mail_is_configured_by_one_address(address, expected, tmp_path):
    names = "EMAIL_BACKEND.split('.')[-2], s.EMAIL_PORT, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL"
    code = f"from django.conf import settings as s; print((s.{names}))"
    done = run("-c", code, STATE_DIR=str(tmp_path), EMAIL_URL=address, DJANGO_SETTINGS_MODULE="portal.settings.base")
    assert ast.literal_eval(done.stdout) == expected, done.stderr
