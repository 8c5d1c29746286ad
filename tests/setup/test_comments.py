"""Served sheets and scripts of our own come without comments, and with everything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from portal.web.static import Storage

OWN = Path(__file__).parents[2] / "static" / "own"


@pytest.fixture
def stored(tmp_path):
    def save(name: str, text: str) -> str:
        storage = Storage(location=tmp_path, base_url="/static/")
        content = ContentFile(text.encode())
        content.read()  # as the manifest has done before it saves a file under its hash
        return Path(storage.path(storage.save(name, content))).read_text()

    return save


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("css/a.css", "/* why\n   so */\na { top: 0; } /* here */\nb { top: 1; }\n", "a { top: 0; }b { top: 1; }\n"),
        ("js/a.js", "// a\nlet a; // kept\n  // inner\n/** What\n * it is. */\nlet b;\n", "let a; // kept\nlet b;\n"),
        ("js/b.js", 'let a = "https://a.b";\nlet c = `/** */`;\n', 'let a = "https://a.b";\nlet c = `/** */`;\n'),
        ("vendor/c.js", "// licence\nlet a;\n", "// licence\nlet a;\n"),
        ("img/d.svg", "<!-- /* */ -->", "<!-- /* */ -->"),
    ],
)  # fmt: skip
def test_comments_are_left_out(stored, name, text, left):
    assert stored(name, text) == left


@pytest.mark.parametrize("path", sorted(OWN.glob("js/*.js")), ids=lambda path: path.name)
def test_only_lines_of_comments_are_missing_from_our_scripts(stored, path):
    kept = iter(path.read_text().splitlines())
    missing = []
    for line in stored(f"js/{path.name}", path.read_text()).splitlines():
        assert not line.lstrip().startswith(("//", "/**"))
        for original in kept:
            if original == line:
                break
            missing.append(original.strip())
    assert all(line.startswith(("//", "/*", "*")) for line in missing), missing
