"""Visiting a page and noting what a browser complains of; what is on a page and what it weighs."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Response

# The policy's violations are events of the page itself, so the listener must be there before the first script.
_LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile ?? ""}:${e.lineNumber}`));
"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_AXE = """async (options) => (await axe.run(document, options)).violations.map(
  (v) => `${v.id}: ${v.help}: ` + v.nodes.slice(0, 3).map((n) => n.target + " " + n.html.slice(0, 160)).join(" | "))"""
_SETTLED = """() => Promise.all(document.getAnimations()
  .filter((a) => Number.isFinite(a.effect.getComputedTiming().endTime))
  .map((a) => a.finished.catch(() => null))).then(() => null)"""
# What sticks out of the window, named; an element within its own scrolling box does not.
_WIDE = """() => {
  const wide = document.documentElement.scrollWidth > innerWidth;
  if (!wide) return [];
  return [...document.querySelectorAll("main *, header *")]
    .map((e) => [e, Math.round(e.getBoundingClientRect().right)])
    .filter(([, right]) => right > innerWidth + 1).slice(0, 4)
    .map(([e, right]) => `${e.tagName} ${e.className} ${right}`);
}"""


@dataclass
class Visit:
    """One page in a browser, with its complaints."""

    page: Page
    axe_source: str
    complaints: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(_LISTEN)
        self.page.on("console", self._noted)
        self.page.on("pageerror", lambda problem: self.complaints.append(f"script: {problem}"))
        self.page.on("response", lambda response: self.responses.append(response))

    def _noted(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not self._is_expected(message.text):
            self.complaints.append(f"console: {message.text}")

    def _is_expected(self, text: str) -> bool:
        # A page that is there to show a 404 is itself reported by the browser as a failed load.
        return "status of 404" in text and any(
            r.status == 404 and r.request.is_navigation_request() for r in self.responses
        )

    def goto(self, path: str) -> int:
        """Open the page and wait until it is whole: the status of the answer."""
        self.complaints.clear()
        self.responses.clear()
        response = self.page.goto(path, wait_until="load")
        assert response
        self.page.evaluate("document.fonts.ready")
        self.settle()
        return response.status

    def settle(self) -> None:
        """Wait until every chart is drawn and nothing is asked of the server."""
        self.page.wait_for_function(
            """() => [...document.querySelectorAll("[data-chart]")].every(
                 (e) => !e.offsetParent || e.querySelector(".main-svg")) && !document.querySelector(".htmx-request")"""
        )

    def violations(self) -> list[str]:
        return self.page.evaluate("window.violations")

    def axe(self, rules: Iterable[str] = (), without: Iterable[str] = ()) -> list[str]:
        """What the checker finds: by all rules of WCAG 2.2 A and AA ``without`` some, or only by ``rules``."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(self.axe_source)
        self.page.evaluate(_SETTLED)  # a colour on its way from one theme to the other has neither's contrast
        only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": RULES}
        return self.page.evaluate(_AXE, {"runOnly": only, "rules": {rule: {"enabled": False} for rule in without}})

    def sticks_out(self) -> list[str]:
        return self.page.evaluate(_WIDE)

    def weights(self) -> dict[str, int]:
        """Bytes by kind, each file as gzip -9 leaves it; typefaces are compressed already."""
        found: dict[str, int] = {}
        for response in self.responses:
            if response.status != 200 or response.request.resource_type == "eventsource":
                continue
            kind = kind_of(response)
            found[kind] = found.get(kind, 0) + len(_packed(response))
        return found


def kind_of(response: Response) -> str:
    path = urlsplit(response.url).path
    if response.request.is_navigation_request():
        return "html"
    if path.endswith(".woff2"):
        return "zh font" if "noto-sans-sc" in path else "font"
    if "noto-sans-sc" in path:
        return "zh font"
    if found := re.search(r"/vendor/(htmx|plotly|uplot)/", path):
        return found[1]
    if path.endswith(".js"):
        return "own js"
    return "own css" if path.endswith(".css") else "other"


def _packed(response: Response) -> bytes:
    body = response.body()
    return body if response.url.split("?")[0].endswith((".woff2", ".png")) else gzip.compress(body, 9)


def table(lines: list[tuple[Any, ...]]) -> str:
    """Columns of text, the first to the left and the others to the right."""
    widths = [max(len(str(line[at])) for line in lines) for at in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            str(cell).ljust(width) if at == 0 else str(cell).rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
