"""Recordings that go wrong, made on demand, and what has to become of each (``samples.build_corpus`` writes them)."""
