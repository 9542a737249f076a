"""Whole-number division that loses nothing."""

from __future__ import annotations

from collections.abc import Sequence


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` >= 0 in proportion to ``weights`` >= 0 into integers that sum exactly to it.

    Hare-Niemeyer: everyone gets the floor of the exact share, what is left goes one by one to the largest
    remainders, earlier places first among equals. ValueError when no weight is positive.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0 or total < 0:
        raise ValueError("needs a total >= 0 and weights >= 0 with a positive sum")
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def round_half_up(numerator: int, denominator: int) -> int:
    """The nearest integer to a fraction of non-negative integers, halves upwards."""
    return (2 * numerator + denominator) // (2 * denominator)
