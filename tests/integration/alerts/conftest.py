"""Interviews for alerts and the board: the makers of the results' tests."""

from __future__ import annotations

from tests.integration.results.conftest import either_results, results

__all__ = ["either_results", "results"]
