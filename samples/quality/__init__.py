"""Measures of how true signals and scores are. ``bin/bench quality`` runs them all."""
