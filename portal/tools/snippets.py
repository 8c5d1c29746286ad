"""The same calculation from a shell, from Python and from the command line, filled with the current inputs."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from portal.derive.query import typed


@dataclass(frozen=True, slots=True)
class Snippet:
    """``id`` names its tab."""

    id: str
    title: str
    text: str


def snippets(slug: str, url: str, inputs: Any, *, draws: int, seed: int) -> list[Snippet]:
    """How to call ``url`` (the address of ``simulate``) and the command for ``inputs``."""
    given = typed(inputs)
    body = json.dumps(given, ensure_ascii=False)
    address = f"{url}?draws={draws}&seed={seed}"
    curl = f"curl -s {shlex.quote(address)} \\\n  -H 'Content-Type: application/json' \\\n  -d {shlex.quote(body)}"
    python = (
        "import json\nfrom urllib.request import Request, urlopen\n\n"
        f"inputs = {_literal(given)}\n"
        f"request = Request({address!r}, json.dumps(inputs).encode(), {{'Content-Type': 'application/json'}})\n"
        "result = json.load(urlopen(request))\n"
        "print(result['answer'])"
    )
    command = (
        f"python manage.py calculate {slug} --simulate --draws {draws} --seed {seed} \\\n  --json {shlex.quote(body)}"
    )
    return [Snippet("curl", "curl", curl), Snippet("python", "Python", python), Snippet("cli", "CLI", command)]


def _literal(given: dict[str, Any]) -> str:
    if not given:
        return "{}"
    return "{\n" + "".join(f"    {name!r}: {value!r},\n" for name, value in given.items()) + "}"
