"""Front-end libraries: pinned, complete, from no named host, and the icons that templates use are in the sprite."""

import json
import re
import tomllib
from itertools import chain
from xml.etree import ElementTree

import plotly
import pytest

from portal.launch.vendor import FILES, icon_names, npm, sprite
from tests.servers import ROOT

STATIC = ROOT / "static"


def lock():
    return json.loads((STATIC / "package-lock.json").read_text())["packages"]


def test_the_lock_pins_every_package_and_names_no_host():
    packages = lock()
    wanted = packages[""]["dependencies"] | packages[""]["devDependencies"]
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert packages[f"node_modules/{name}"]["version"] == version
        assert packages[f"node_modules/{name}"]["integrity"].startswith("sha512-")
    assert "resolved" not in (STATIC / "package-lock.json").read_text()


def test_the_lock_of_python_packages_is_exact_and_names_no_host():
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) > 80
    for line in lines:
        assert re.fullmatch(r"[a-z0-9._-]+==[0-9][0-9a-z.]*", line), line


def test_the_lock_covers_what_pyproject_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.split(r"[^a-z0-9-]", entry.lower().replace("_", "-").replace(".", "-"))[0] for entry in asked}
    locked = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines()}
    assert names <= locked, names - locked


def test_the_browser_draws_with_the_version_that_python_validates_for():
    """Plotly.py 7.1 carries plotly.js 4.1; figures checked here must mean the same there."""
    assert plotly.__version__ == "7.1.0"
    assert lock()["node_modules/plotly.js-cartesian-dist-min"]["version"] == "4.1.1"
    bundle = (STATIC / "vendor/plotly/plotly-cartesian.min.js").read_text()
    assert "plotly.js (cartesian - minified) v4.1.1" in bundle[:200]


def test_every_library_is_there_with_its_licence():
    for package, files in FILES.items():
        for place in files.values():
            folder = STATIC / "vendor" / place
            assert list(folder.iterdir()), package
            assert (STATIC / "vendor" / place.split("/")[0] / "LICENSE").stat().st_size > 100


def test_no_library_points_to_a_source_map_that_is_not_shipped():
    for path in (STATIC / "vendor").glob("**/*.js"):
        assert "sourceMappingURL" not in path.read_text()


def test_icons_used_by_templates_and_code_are_in_the_sprite():
    listed = set(icon_names(STATIC / "icons.txt"))
    used = set()
    for path in (ROOT / "templates").glob("**/*.html"):
        used |= set(re.findall(r"""{%\s*icon\s+["']([\w-]+)["']""", path.read_text()))
    for path in (ROOT / "portal").glob("**/*.py"):
        used |= set(re.findall(r"""icon=["']([\w-]+)["']""", path.read_text()))
    assert used
    assert used <= listed, f"add to static/icons.txt: {sorted(used - listed)}"
    drawing = ElementTree.fromstring((STATIC / "vendor" / "icons.svg").read_text())
    assert {symbol.get("id") for symbol in drawing} == listed


def test_an_unknown_icon_is_named(tmp_path):
    with pytest.raises(ValueError, match="no icon called 'unicorn-9'"):
        sprite(tmp_path, ["unicorn-9"])


def test_npm_is_found_without_the_system(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    command = npm()
    assert command[0].endswith("/bin/node")
    assert command[1].endswith("npm-cli.js")


def test_an_npm_that_cannot_read_the_lock_is_passed_over(monkeypatch, tmp_path):
    old = tmp_path / "npm"
    old.write_text("#!/bin/sh\necho 6.14.4\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert npm()[0] != str(old)
