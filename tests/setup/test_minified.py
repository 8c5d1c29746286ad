"""Our own scripts are served without comments; sheets and libraries are served as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from portal.web.static import Storage


@pytest.mark.parametrize(
    ("name", "text", "served"),
    [
        ("js/a.js", "// a\nlet a; // b\n/** What\n * it is. */\nlet b;\n", "let a;let b;"),
        ("js/b.js", 'let a = "https://a.b";\nlet c = `// ${a}`;\n', 'let a="https://a.b";let c=`// ${a}`;'),
        ("vendor/c.js", "// licence\nlet a;\n", "// licence\nlet a;\n"),
        ("css/a.css", "/* why */\na :is(b) { top: 0; }\n", "/* why */\na :is(b) { top: 0; }\n"),
    ],
)
def test_scripts_of_our_own_are_minified(tmp_path: Path, name: str, text: str, served: str) -> None:
    storage = Storage(location=tmp_path, base_url="/static/")
    content = ContentFile(text.encode())
    content.read()  # as the manifest has done before it saves a file under its hash
    assert Path(storage.path(storage.save(name, content))).read_text() == served
