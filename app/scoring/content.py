"""Points for what was said (R2: it carries the score).

The room above the baseline is split over what the rubric looks at for this competency: keywords 35 parts,
STAR 40, specificity 15, structure 10; a competency without keywords or without STAR parts shares its room
among the rest, so the best score is always 10.00 (8.00 where delivery may bring the last two points).
Vague sentences take at most 1.00.

Pooling over the answers of one competency (they are read as one conversation):

- keywords and details: distinct ones over all answers;
- STAR and structure: the best single answer, because a story is told in one piece;
- vague sentences: their share of all sentences.

So a further good answer never lowers a score, and the order of answers changes nothing. Words of the rubric said back
to it and bare lists of its keywords are left out before anything is looked for (``text.recited``); motives are for
``observations`` and never count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from app.scoring.answers import Transcript
from app.scoring.documents import Contribution, Gap
from app.scoring.reader import Reader
from app.scoring.rubric import Competency
from app.scoring.shares import largest_remainder
from app.scoring.text.keywords import Claim, find_mentions
from app.scoring.text.passages import Hit
from app.scoring.text.reading import Reading
from app.scoring.text.specificity import find_details
from app.scoring.text.star import find_star
from app.scoring.text.structure import find_connectives
from app.scoring.text.vague import find_vague

PARTS = {"keywords": 35, "star": 40, "specificity": 15, "structure": 10}
ENOUGH_KEYWORDS_TENTHS = 6
"""Six tenths of the keywords are enough: a rubric lists what may be said, nobody says all of it."""
ENOUGH_DETAILS = 4
ENOUGH_CONNECTIVES = 4
MAX_VAGUE_HUNDREDTHS = 100
MAX_SHOWN = 8

Heard = tuple[Transcript, Reading]
Found = list[tuple[Transcript, Hit]]
Outcome = tuple[list[Contribution], list[Gap]]


def content_room(competency: Competency, whole: int) -> dict[str, int]:
    """Most points (hundredths) each rule can bring to this competency; they sum to ``whole``."""
    active = [
        part
        for part in PARTS
        if not (part == "keywords" and not competency.keywords)
        and not (part == "star" and not competency.star)
    ]
    return dict(zip(active, largest_remainder(whole, [PARTS[part] for part in active]), strict=True))


def enough_keywords(wanted: int) -> int:
    """How many of a competency's keywords bring all the points there are for them."""
    return max(1, (wanted * ENOUGH_KEYWORDS_TENTHS + 9) // 10)


def _first_of_each(found: Found) -> Found:
    """One place for each distinct key, in order of appearance."""
    first: dict[str, tuple[Transcript, Hit]] = {}
    for transcript, hit in found:
        first.setdefault(hit.key, (transcript, hit))
    return list(first.values())


def _contribution(key: str, points: int, found: Found, **params: int | str | list[str]) -> list[Contribution]:
    if points == 0 or not found:
        return []
    evidence = [transcript.evidence(hit.start, hit.end) for transcript, hit in found]
    return [Contribution(key=key, points_hundredths=points, evidence=evidence, params=params)]


def _keywords(competency: Competency, heard: Sequence[Heard], room: int) -> Outcome:
    found: Found = []
    other: dict[Claim, set[str]] = {"denied": set(), "not_own": set()}
    for transcript, reading in heard:
        for mention in find_mentions(reading, competency.keywords):
            if mention.claim == "claimed":
                found.append((transcript, mention.hit))
            else:
                other[mention.claim].add(mention.hit.key)
    times = Counter(hit.key for _, hit in found)
    said = [k.word for k in competency.keywords if times[k.word]]
    wanted = len(competency.keywords)
    enough = enough_keywords(wanted)
    points = room * min(len(said), enough) // enough
    params: dict[str, int | str | list[str]] = {
        "words": [f"{word} ×{times[word]}" if times[word] > 1 else word for word in said[:MAX_SHOWN]],
        "count": len(said),
        "wanted": wanted,
    }
    gaps = _keyword_gaps(
        [k.word for k in competency.keywords if not times[k.word]], other, len(said) < enough
    )
    return _contribution("keywords", points, found, **params), gaps


def _keyword_gaps(unsaid: Sequence[str], other: Mapping[Claim, set[str]], too_few: bool) -> list[Gap]:
    """What was not said at all, where more was wanted; what was said not to be so; what was told of others or wished."""
    denied = [word for word in unsaid if word in other["denied"]]
    not_own = [word for word in unsaid if word in other["not_own"] - other["denied"]]
    missing = [word for word in unsaid if word not in denied and word not in not_own] if too_few else []
    named = {"keywords": missing, "keywords_denied": denied, "keywords_not_own": not_own}
    return [Gap(key=key, params={"words": words[:MAX_SHOWN]}) for key, words in named.items() if words]


def _star(competency: Competency, heard: Sequence[Heard], room: int) -> Outcome:
    shares = dict(zip(competency.star, largest_remainder(room, [1] * len(competency.star)), strict=True))
    stories = [(t, [hit for hit in find_star(reading) if hit.key in shares]) for t, reading in heard]
    # max() keeps the first of equals, and transcripts come in the rubric's order.
    story, hits = max(
        stories, key=lambda s: sum(shares[part] for part in {hit.key for hit in s[1]} if part in shares)
    )
    contributions: list[Contribution] = []
    gaps: list[Gap] = []
    for part, points in shares.items():
        found = [(story, hit) for hit in hits if hit.key == part]
        contributions += _contribution(f"star_{part}", points, found)
        if not found:
            gaps.append(Gap(key=f"star_{part}"))
    return contributions, gaps


def _specificity(heard: Sequence[Heard], room: int) -> Outcome:
    found = _first_of_each([(t, hit) for t, reading in heard for hit in find_details(reading)])
    points = room * min(len(found), ENOUGH_DETAILS) // ENOUGH_DETAILS
    words = [t.text[hit.start : hit.end] for t, hit in found][:MAX_SHOWN]
    gaps = [Gap(key="specificity", params={"count": len(found)})] if len(found) < ENOUGH_DETAILS else []
    return _contribution("specificity", points, found, words=words, count=len(found)), gaps


def _structure(heard: Sequence[Heard], room: int) -> Outcome:
    each = [_first_of_each([(t, hit) for hit in find_connectives(reading)]) for t, reading in heard]
    best = max(each, key=len)
    points = room * min(len(best), ENOUGH_CONNECTIVES) // ENOUGH_CONNECTIVES
    words = [t.text[hit.start : hit.end] for t, hit in best][:MAX_SHOWN]
    gaps = [Gap(key="structure", params={"count": len(best)})] if len(best) < ENOUGH_CONNECTIVES // 2 else []
    return _contribution("structure", points, best, words=words, count=len(best)), gaps


def _vague(heard: Sequence[Heard]) -> Outcome:
    """Half of the sentences vague, or more, takes the whole point."""
    found = [(t, hit) for t, reading in heard for hit in find_vague(reading)]
    sentences = sum(len(reading.sentences) for _, reading in heard)
    points = -(MAX_VAGUE_HUNDREDTHS * min(2 * len(found), sentences) // max(1, sentences))
    gaps = [Gap(key="vague", params={"count": len(found)})] if points else []
    return _contribution("vague", points, found, count=len(found), sentences=sentences), gaps


def _recited(heard: Sequence[Heard]) -> Outcome:
    """Brings and takes nothing; it is said, so that nobody wonders why words found no points."""
    count = sum(len(reading.left_out) for _, reading in heard)
    return [], [Gap(key="recited", params={"count": count})] if count else []


def content_contributions(
    competency: Competency, transcripts: Sequence[Transcript], whole: int, reader: Reader
) -> Outcome:
    """Contributions (at most ``whole``, at least -1.00 in sum) and gaps of a competency's answers.

    ``transcripts`` come in the rubric's order and there is at least one; ``reader`` knows the rubric.
    """
    room = content_room(competency, whole)
    heard = [(transcript, reader.read(transcript)) for transcript in transcripts]
    outcomes: list[Outcome] = []
    if "keywords" in room:
        outcomes.append(_keywords(competency, heard, room["keywords"]))
    if "star" in room:
        outcomes.append(_star(competency, heard, room["star"]))
    outcomes += [_specificity(heard, room["specificity"]), _structure(heard, room["structure"])]
    outcomes += [_vague(heard), _recited(heard)]
    return [c for made, _ in outcomes for c in made], [g for _, gaps in outcomes for g in gaps]
