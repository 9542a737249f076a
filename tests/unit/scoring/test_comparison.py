"""Averages: right, and never of fewer than five scores."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.scoring.comparison import LEAST_COMPARED, Average, compare

KEYS = ("a", "b", "c")
points = st.none() | st.integers(0, 1000)
scores = st.lists(
    st.tuples(points, st.dictionaries(st.sampled_from(KEYS), points)),
    max_size=12,
)


def is_fair(average: Average | None, values: list[int]) -> bool:
    if len(values) < 5:
        return average is None
    mean = Fraction(sum(values), len(values))
    return (
        average is not None and average.n == len(values) and abs(average.hundredths - mean) <= Fraction(1, 2)
    )


@given(scores)
def test_an_average_is_exact_to_half_a_hundredth_and_never_of_fewer_than_five(
    rows: list[tuple[int | None, dict[str, int | None]]],
) -> None:
    found = compare(rows)
    assert LEAST_COMPARED == 5
    assert is_fair(found.total, [total for total, _ in rows if total is not None])
    for key in KEYS:
        values = [value for _, by_key in rows if (value := by_key.get(key)) is not None]
        assert is_fair(found.competencies.get(key), values)


@given(scores, st.randoms(use_true_random=False))
def test_the_order_changes_nothing(
    rows: list[tuple[int | None, dict[str, int | None]]], random: object
) -> None:
    shuffled = rows[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert compare(shuffled) == compare(rows)
