"""How it was said: pauses, rate, fillers, pitch and loudness (A3). Numbers about sound, no judgement."""

from __future__ import annotations

import bisect
import itertools
from typing import TYPE_CHECKING

from app.core.signals import DeliverySignals, Engine, Filler, Span, SpeechSignals, Token
from workers.analysis.compiled import librosa

if TYPE_CHECKING:
    import numpy as np

SAMPLE_RATE = 16_000
PAUSE_MS = 500
"""Shorter silences belong to fluent Mandarin (breath and phrase boundaries)."""

BREAK_MS = 300
"""A silence that sets a word off from its neighbour, as a comma does: longer than any inside a fluent phrase."""

HESITATIONS = frozenset("嗯呃唔")
"""Always filled pauses."""

PHRASES = ("怎么说呢", "就是说", "然后呢", "那个", "这个", "就是", "额")
"""Filled pauses only when set off: on both sides nothing, a punctuation mark, a silence of BREAK_MS or a hesitation. So
那个 counts in "那个，当时…" and not in "那个项目" or "我负责那个", 就是 not in "我的优点就是…", 就是说 not in "也就是说"."""

JOINING = ("然后",)
"""Joins steps of a story, with or without a comma: a filled pause only where the speaker stops after it for PAUSE_MS or goes
on with a hesitation."""

DOUBLED = ("那个", "这个", "就是", "然后")
"""Said twice in a row, all but the last are filled pauses: "那个那个项目"."""

LOWEST_HZ, HIGHEST_HZ = 65.0, 400.0
FRAME, HOP = 1024, 320
HOP_MS = 1000 * HOP // SAMPLE_RATE
BLOCK_FRAMES = 500
"""Pitch is measured ten seconds at a time: librosa needs about 40 KB a frame meanwhile."""

VOICED_BELOW_LOUD_DB = 20.0
"""Frames within this of the loud ones (95th percentile) count as voice; quieter ones are room and consonants."""


def engine() -> Engine:
    """What measures it: our arithmetic over the tokens, librosa's YIN for pitch (de Cheveigné & Kawahara 2002)."""
    return Engine(
        name="delivery",
        version="1",
        model="yin",
        parameters={
            "pause_ms": PAUSE_MS,
            "pitch_hz": [LOWEST_HZ, HIGHEST_HZ],
            "frame": FRAME,
            "hop": HOP,
            "voiced_below_loud_db": VOICED_BELOW_LOUD_DB,
            "hesitations": "".join(sorted(HESITATIONS)),
            "phrases": list(PHRASES),
            "joining": list(JOINING),
            "doubled": list(DOUBLED),
            "break_ms": BREAK_MS,
        },
    )


def measure(speech: SpeechSignals, audio: np.ndarray, *, answer_ms: int, gaps: list[Span]) -> DeliverySignals:
    """Delivery of one take. ``audio`` is float32 mono 16 kHz on the same timeline; gaps are nobody's silence."""
    tokens = speech.tokens
    gaps = sorted(gaps, key=lambda gap: gap.start_ms)
    silences = [
        Span(start_ms=a.end_ms, end_ms=b.start_ms)
        for a, b in itertools.pairwise(tokens)
        if b.start_ms - a.end_ms >= PAUSE_MS
    ]
    pauses = [span for span in silences if not _inside(span, gaps)]
    lead = Span(start_ms=0, end_ms=tokens[0].start_ms if tokens else answer_ms)
    whole = (
        Span(start_ms=tokens[0].start_ms, end_ms=tokens[-1].end_ms) if tokens else Span(start_ms=0, end_ms=0)
    )
    # Beside a gap a silence is nobody's pause, for nobody knows how long it was; it is no speaking either.
    silent = [ms for ms in (_net_ms(span, gaps) for span in silences) if ms >= PAUSE_MS]
    speaking_ms = max(0, _net_ms(whole, gaps) - sum(silent))
    median, spread, energy = _voice(audio, tokens)
    return DeliverySignals(
        answer_ms=answer_ms,
        speaking_ms=speaking_ms,
        thinking_ms=_net_ms(lead, gaps),
        characters_per_minute=round(len(tokens) * 60_000 / speaking_ms, 1) if speaking_ms else 0.0,
        pause_threshold_ms=PAUSE_MS,
        pauses=pauses,
        fillers=find_fillers(speech),
        pitch_median_hz=median,
        pitch_sd_semitones=spread,
        energy_sd_db=energy,
    )


def find_fillers(speech: SpeechSignals) -> list[Filler]:
    """Filled pauses in time order, none inside another; see HESITATIONS, PHRASES, JOINING and DOUBLED for the rules."""
    found: list[Filler] = []
    tokens, at = speech.tokens, 0
    while at < len(tokens):
        count = 1 if tokens[at].text in HESITATIONS else _phrase_at(speech, at)
        if count:
            first, last = tokens[at], tokens[at + count - 1]
            text = "".join(token.text for token in tokens[at : at + count])
            found.append(Filler(start_ms=first.start_ms, end_ms=last.end_ms, text=text))
        at += max(count, 1)
    return found


def _phrase_at(speech: SpeechSignals, at: int) -> int:
    """How many tokens the filled pause starting here has; 0 for none."""
    for phrase in (*PHRASES, *JOINING):
        after = at + len(phrase)
        if not _says(speech.tokens, at, phrase):
            continue
        if phrase in DOUBLED and _says(speech.tokens, after, phrase):
            return len(phrase)
        if phrase in JOINING:
            counts = _breaks_off(speech.tokens, after)
        else:
            counts = _set_off(speech, at - 1, at) and _set_off(speech, after - 1, after)
        if counts:
            return len(phrase)
    return 0


def _says(tokens: list[Token], at: int, phrase: str) -> bool:
    """Whether these very characters stand here, one a token."""
    part = tokens[at : at + len(phrase)]
    return len(part) == len(phrase) and all(
        token.text == mark for token, mark in zip(part, phrase, strict=True)
    )


def _breaks_off(tokens: list[Token], after: int) -> bool:
    """Whether the speaker stops, or hesitates, before the token ``after``."""
    if after >= len(tokens):
        return True
    silence_ms = tokens[after].start_ms - tokens[after - 1].end_ms
    return silence_ms >= PAUSE_MS or tokens[after].text in HESITATIONS


def _set_off(speech: SpeechSignals, left: int, right: int) -> bool:
    """Whether something other than words lies between two neighbouring tokens, or one of them is a hesitation."""
    tokens = speech.tokens
    if left < 0 or right >= len(tokens):
        return True
    if tokens[left].text in HESITATIONS or tokens[right].text in HESITATIONS:
        return True
    if tokens[right].start_ms - tokens[left].end_ms >= BREAK_MS:
        return True
    return bool(speech.text[tokens[left].char_end : tokens[right].char_start].strip())


def _inside(span: Span, gaps: list[Span]) -> list[Span]:
    """The gaps (in order) that a span touches."""
    first = bisect.bisect_right(gaps, span.start_ms, key=lambda gap: gap.end_ms)
    return list(itertools.takewhile(lambda gap: gap.start_ms < span.end_ms, gaps[first:]))


def _net_ms(span: Span, gaps: list[Span]) -> int:
    """The length of a span without what lies in gaps."""
    lost = sum(min(span.end_ms, gap.end_ms) - max(span.start_ms, gap.start_ms) for gap in _inside(span, gaps))
    return max(0, span.end_ms - span.start_ms - lost)


def _voice(audio: np.ndarray, tokens: list[Token]) -> tuple[float | None, float | None, float | None]:
    """Median pitch (Hz), its standard deviation (semitones) and that of loudness (dB) where somebody speaks."""
    import numpy as np

    spoken = _spoken_frames(len(audio), tokens)
    if len(audio) < FRAME or not spoken.any():
        return None, None, None
    pitch, loudness = _pitch_and_loudness(audio, spoken)
    voiced = loudness >= np.quantile(loudness, 0.95) - VOICED_BELOW_LOUD_DB
    heard = pitch[voiced & (pitch > LOWEST_HZ * 1.02) & (pitch < HIGHEST_HZ * 0.98)]
    energy = round(float(np.std(loudness[voiced])), 2) if voiced.any() else None
    if len(heard) < 3:
        return None, None, energy
    median = float(np.median(heard))
    return round(median, 1), round(float(np.std(12 * np.log2(heard / median))), 2), energy


def _spoken_frames(samples: int, tokens: list[Token]) -> np.ndarray:
    """Which frames (HOP apart, the first at 0 ms) lie inside a token."""
    import numpy as np

    count = 1 + samples // HOP
    changes = np.zeros(count + 1, np.int32)
    for token in tokens:
        changes[min(-(-token.start_ms // HOP_MS), count)] += 1
        changes[min(-(-token.end_ms // HOP_MS), count)] -= 1
    return np.cumsum(changes[:count]) > 0


def _pitch_and_loudness(audio: np.ndarray, spoken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pitch (Hz, YIN) and loudness (dB) of the spoken frames, block by block, as over the whole at once."""
    import numpy as np

    library = librosa()
    pitches, loudnesses = [], []
    for first in range(0, len(spoken), BLOCK_FRAMES):
        wanted = spoken[first : first + BLOCK_FRAMES]
        if not wanted.any():
            continue
        start, end = first * HOP - FRAME // 2, (first + len(wanted) - 1) * HOP + FRAME // 2
        block = audio[max(start, 0) : end]
        block = np.pad(block, (max(-start, 0), end - max(start, 0) - len(block)))
        pitches.append(
            library.yin(
                block,
                fmin=LOWEST_HZ,
                fmax=HIGHEST_HZ,
                sr=SAMPLE_RATE,
                frame_length=FRAME,
                hop_length=HOP,
                center=False,
            )[wanted]
        )
        rms = library.feature.rms(y=block, frame_length=FRAME, hop_length=HOP, center=False)[0]
        loudnesses.append(20 * np.log10(np.maximum(rms[wanted], 1e-6)))
    return np.concatenate(pitches), np.concatenate(loudnesses)
