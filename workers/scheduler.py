"""The scheduler process: ``python -m workers.scheduler`` runs the ticks of ``workers.schedule``."""

from __future__ import annotations

from app.factory import create_app
from workers.schedule import ticking
from workers.stopping import stop_asked


def main() -> None:
    """Tick until SIGTERM or SIGINT."""
    asked = stop_asked()
    with ticking(create_app()):
        asked.wait()


if __name__ == "__main__":
    main()
