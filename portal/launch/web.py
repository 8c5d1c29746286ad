"""The web server: ``python -m portal.launch.web``, one uvicorn process on HOST and PORT."""

from __future__ import annotations

import uvicorn

from portal.settings import env


def main() -> None:
    settings = env.read()
    uvicorn.run(
        "portal.asgi:application",
        host=settings["HOST"],
        port=settings["PORT"],
        log_config=None,  # Django's LOGGING serves every process
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=3,  # seconds; event streams end only when they are cut
    )


if __name__ == "__main__":
    main()
