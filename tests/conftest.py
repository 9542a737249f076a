"""What every test shares."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No deadline: an example that shares two cores with a database server may take its time.
_ANY_SPEED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
settings.register_profile("quick", max_examples=60, **_ANY_SPEED)
settings.register_profile("full", max_examples=1000, **_ANY_SPEED)
settings.load_profile("quick")
