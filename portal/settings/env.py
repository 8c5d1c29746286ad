"""Every setting that an operator can give by environment, once: name, type, default, help.

``portal.settings.base`` reads the values through ``read``; ``/docs/settings`` and a test show the same table.
Reading has no side effects: nothing is created, probed or guessed here.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    name: str
    type: Literal["text", "flag", "integer", "number", "list", "path", "url", "rate", "choice"]
    default: Any
    help: str
    secret: bool = False
    options: tuple[str, ...] = ()  # of a choice its values, of a url what may stand before "://"


SETTINGS: tuple[Setting, ...] = (
    Setting(name="HOST", type="text", default="127.0.0.1", help="Address on which the web server listens."),
    Setting(name="PORT", type="integer", default=8000, help="Port on which the web server listens."),
    Setting(
        name="STATE_DIR",
        type="path",
        default=".state",
        help="Folder of everything that is written at run time: database, uploads, artifacts, logs. Relative to the "
        "project unless absolute.",
    ),
    Setting(
        name="DATABASE_URL",
        type="url",
        options=("postgresql", "postgres", "sqlite"),
        default="",
        secret=True,
        help="A database, such as postgresql://user:password@host/name. Empty: SQLite in the state folder.",
    ),
    Setting(
        name="REDIS_URL",
        type="url",
        options=("redis", "rediss"),
        default="",
        secret=True,
        help="Redis or Valkey, such as redis://host:6379/0. Empty: `make start` runs a Valkey of its own on loopback.",
    ),
    Setting(
        name="SECRET_KEY",
        type="text",
        default="",
        secret=True,
        help="Key that signs sessions and links. Empty: the one that `make install` wrote into the state folder.",
    ),
    Setting(name="DEBUG", type="flag", default=False, help="Show tracebacks in the browser. Never on a public host."),
    Setting(
        name="ALLOWED_HOSTS",
        type="list",
        default=("localhost", "127.0.0.1", "[::1]"),
        help="Host names, separated by commas, under which the portal answers.",
    ),
    Setting(
        name="CSRF_TRUSTED_ORIGINS",
        type="list",
        default=(),
        help="Origins behind a proxy that may send forms, such as https://plan.example.com.",
    ),
    Setting(
        name="HTTPS",
        type="flag",
        default=False,
        help="The portal is reached by https only: cookies are marked secure and HSTS is sent.",
    ),
    Setting(name="SIGN_UP", type="flag", default=True, help="Visitors may open an account of their own."),
    Setting(name="MAX_UPLOAD_MB", type="integer", default=64, help="Largest upload, in megabytes."),
    Setting(name="UPLOAD_HOURS", type="integer", default=24, help="Uploads that no job uses are removed then."),
    Setting(
        name="DEMO_RATE",
        type="rate",
        default="20/m",
        help="How many demo runs one visitor may start: a count per s, m, h or d.",
    ),
    Setting(
        name="API_RATE",
        type="rate",
        default="120/m",
        help="How many calculations by the API one visitor may ask for: a count per s, m, h or d.",
    ),
    Setting(
        name="DEVICE_USD_PER_HOUR",
        type="number",
        default=0.10,
        help="What an hour of this machine's device costs, for the dollars of jobs. The default is a common price of "
        "a two-core cloud machine; set your own.",
    ),
    Setting(
        name="DEVICE_WATTS",
        type="number",
        default=65.0,
        help="Power that this machine's device draws under load, for the kWh of jobs. Set your own.",
    ),
    Setting(
        name="WORKER_QUEUES",
        type="list",
        default=("cpu",),
        help="Device classes whose jobs this machine's worker takes: cpu, cuda.",
    ),
    Setting(name="HUB_ENABLED", type="flag", default=False, help="Demos may load checkpoints from a model hub."),
    Setting(
        name="CIFAR10",
        type="text",
        default="",
        help="Where cifar-10-binary.tar.gz of the CIFAR-10 images lies; image models can then be trained on it.",
    ),
    Setting(
        name="HUB_MODELS",
        type="list",
        default=(),
        help="Checkpoints that may be loaded, as repository@revision with a full commit hash, separated by commas.",
    ),
    Setting(name="EMAIL_URL", type="url", options=("smtp", "smtps"), default="", secret=True,
            help="SMTP server for password mails, such as smtp://user:password@host:587. Empty: mails go to the log."),
    Setting(name="EMAIL_FROM", type="text", default="plumbline@localhost", help="Address from which mails are sent."),
    Setting(name="LOG_LEVEL", type="choice", options=("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO",
            help="What is written to the logs: this and what is worse."),
)  # fmt: skip


def read(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The value of every setting.

    Raises:
        ValueError: naming the setting, what was wanted and what came.
    """
    return {s.name: _read(s, environment.get(s.name, "")) for s in SETTINGS}


def _read(setting: Setting, given: str) -> Any:
    if given == "":
        return setting.default
    try:
        return _PARSERS[setting.type](given, setting)
    except ValueError as problem:
        shown = "a value that is kept secret" if setting.secret else repr(given)
        wanted = _WANTED[setting.type].format(options=" or ".join(setting.options))
        raise ValueError(f"{setting.name}: wanted {wanted}, got {shown}") from problem


def _flag(given: str, setting: Setting) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    return words[_member(given.lower(), tuple(words))]


def _integer(given: str, setting: Setting) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", given):
        raise ValueError(given)
    return int(given)


def _number(given: str, setting: Setting) -> float:
    value = float(given)
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(given)
    return value


def _url(given: str, setting: Setting) -> str:
    _member(given.split("://")[0], setting.options)
    return given


def _rate(given: str, setting: Setting) -> str:
    if not re.fullmatch(r"[0-9]+/[smhd]", given):
        raise ValueError(given)
    return given


def _member(given: str, allowed: tuple[str, ...]) -> str:
    if given not in allowed:
        raise ValueError(given)
    return given


_PARSERS: dict[str, Callable[[str, Setting], Any]] = {
    "text": lambda given, _: given,
    "path": lambda given, _: given,
    "flag": _flag,
    "integer": _integer,
    "number": _number,
    "list": lambda given, _: tuple(part.strip() for part in given.split(",") if part.strip()),
    "url": _url,
    "rate": _rate,
    "choice": lambda given, setting: _member(given, setting.options),
}
_WANTED = {
    "text": "text", "path": "a path", "flag": "yes or no", "integer": "a whole number", "number": "a number",
    "list": "values separated by commas", "url": "an address that begins with {options} and ://",
    "rate": "a count per s, m, h or d such as 20/m", "choice": "{options}",
}  # fmt: skip
