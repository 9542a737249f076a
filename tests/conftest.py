"""What every test shares."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No deadline: an example that shares two cores with a database server may take its time.
_ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("quick", _ANY_SPEED, max_examples=60)
settings.register_profile("full", _ANY_SPEED, max_examples=1000)
settings.load_profile("quick")
