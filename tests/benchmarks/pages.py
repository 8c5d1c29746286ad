"""How quick and how heavy pages are: from a slider's move to the painted charts, a recompute on the server, first
paint, and kilobytes by page.

``pytest -s -m benchmark tests/benchmarks/pages.py``
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

import httpx
import pytest

from tests.pages.conftest import *  # noqa: F403  its fixtures fill the portal
from tests.pages.conftest import Filled
from tests.pages.test_every_page import path_of
from tests.pages.test_weights import KINDS, PAGES
from tests.pages.visits import Visit, table
from tests.servers import Server

pytestmark = pytest.mark.benchmark
RUNWAY = "/tools/runway/"
MOVES = 60
REQUESTS = 40

# From the event of the slider to the frame after the charts were drawn from the answer to it.
_MOVE = """(position) => new Promise((done) => {
  const slider = document.querySelector('input[type="range"][data-for="f_cash"]');
  const began = performance.now();
  document.addEventListener("charts-painted", () => requestAnimationFrame(() =>
    setTimeout(() => done(performance.now() - began))), { once: true });
  slider.value = position;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""
# A drag as a hand does it, an event a frame, and how many of its values were painted.
_DRAG = """async () => {
  const slider = document.querySelector('input[type="range"][data-for="f_cash"]');
  let painted = 0;
  const count = () => (painted += 1);
  document.addEventListener("charts-painted", count);
  for (let at = 0; at < 60; at++) {
    slider.value = 300 + at * 6;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  slider.dispatchEvent(new Event("change", { bubbles: true }));
  await new Promise((done) => setTimeout(done, 800));
  document.removeEventListener("charts-painted", count);
  return painted;
}"""
_PAINTS = """() => Object.fromEntries(performance.getEntriesByType("paint").map((e) => [e.name, e.startTime]))"""


def spread(milliseconds: Sequence[float]) -> tuple[str, str]:
    """Median and 95th percentile."""
    ordered = sorted(milliseconds)
    return f"{statistics.median(ordered):.0f}", f"{ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]:.0f}"


def test_slider_to_paint(visit: Callable[..., Visit], portal_server: Server) -> None:
    portal_server.until_ready()
    seen = visit(viewport={"width": 1440, "height": 1000})
    seen.goto(RUNWAY)
    runway = seen.page
    for at in range(5):
        runway.evaluate(_MOVE, 400 + at)
    times = []
    for at in range(MOVES):
        times.append(runway.evaluate(_MOVE, 300 + 7 * at))
        runway.wait_for_timeout(150)
    p50, p95 = spread(times)
    print(f"\nslider to painted charts, {MOVES} moves of 2,000 draws: p50 {p50} ms, p95 {p95} ms")
    print(f"a drag of 60 frames painted the charts {runway.evaluate(_DRAG)} times")


def test_recompute_on_the_server(portal_server: Server) -> None:
    portal_server.until_ready()
    with httpx.Client(base_url=portal_server.url, headers={"HX-Request": "true"}, timeout=30) as client:
        for draws in (2_000, 10_000):
            whole, inside = [], []
            for at in range(REQUESTS + 5):
                began = time.perf_counter()
                answer = client.get(
                    f"{RUNWAY}results", params={"cash": str(3_000_000 + 1000 * at), "draws": str(draws)}
                )
                answer.raise_for_status()
                whole.append((time.perf_counter() - began) * 1000)
                inside += [float(part.split("dur=")[1]) for part in answer.headers.get_list("Server-Timing", True)][:1]
            told = f", of it in the model p50 {spread(inside[5:])[0]} ms" if inside else ""
            p50, p95 = spread(whole[5:])
            print(f"\nrecompute of {draws:,} draws, whole request: p50 {p50} ms, p95 {p95} ms{told}")


def test_first_paint_and_weight(visit: Callable[..., Visit], filled: Filled) -> None:
    lines: list[tuple[str, ...]] = [("page", *KINDS, "together", "first paint, ms")]
    for name, (pattern, owner) in PAGES.items():
        seen = visit(owner=owner)
        seen.goto(path_of(pattern, filled))
        found = seen.weights()
        paint = seen.page.evaluate(_PAINTS).get("first-contentful-paint", 0.0)
        kinds = (f"{found.get(kind, 0) / 1000:.1f}" for kind in KINDS)
        lines.append((name, *kinds, f"{sum(found.values()) / 1000:.1f}", f"{paint:.0f}"))
    print(f"\nkB, gzip -9; each page in a new browser profile\n{table(lines)}")
