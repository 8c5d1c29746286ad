"""Server time of one recompute of the runway page: ``python -m tests.benchmarks.recompute``.

A whole request through all middleware, without network and browser: reading the form, drawing, charts with their
tables, HTML. ``draft`` is what a drag asks for (2,000 draws), ``full`` what follows when it is let go of (10,000), with
every formula. Each request moves one input, so the draws of that input are new. Wall and processor time, medians.
"""

from __future__ import annotations

import gzip
import os
import statistics
import time

RUNS = 40


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
    import django

    django.setup()
    from django.test import Client

    client = Client(SERVER_NAME="localhost", headers={"HX-Request": "true"})
    page = client.get("/tools/runway/", headers={"HX-Request": ""})
    print(f"page: {len(page.content):,} bytes, {len(gzip.compress(page.content)):,} compressed")
    for name, draws in (("draft", 2_000), ("full", 10_000)):
        walls, processors, size = [], [], 0
        for run in range(RUNS):
            query = {"cash": "5M", "growth": f"{5 + run / 50}%~12%", "draws": str(draws)}
            wall, processor = time.perf_counter(), time.process_time()
            response = client.get("/tools/runway/results", query)
            walls.append(time.perf_counter() - wall)
            processors.append(time.process_time() - processor)
            assert response.status_code == 200
            size = len(gzip.compress(response.content))
        wall, processor = (statistics.median(times) * 1000 for times in (walls[5:], processors[5:]))
        print(f"{name}: {draws:,} draws, {wall:.0f} ms wall, {processor:.0f} ms processor, {size:,} bytes compressed")


if __name__ == "__main__":
    main()
