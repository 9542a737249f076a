"""How it was said: pauses, rate, fillers, pitch and loudness (A3). Numbers about sound, no judgement."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from app.core.signals import DeliverySignals, Engine, Filler, Span, SpeechSignals, Token

if TYPE_CHECKING:
    import numpy as np

SAMPLE_RATE = 16_000
PAUSE_MS = 500
"""Shorter silences belong to fluent Mandarin (breath and phrase boundaries)."""

HESITATIONS = frozenset("嗯呃唔")
"""Always filled pauses."""

PHRASES = ("怎么说呢", "就是说", "然后呢", "那个", "这个", "额")
"""Filled pauses only when set off: nothing but punctuation or a hesitation on both sides."""

LOWEST_HZ, HIGHEST_HZ = 65.0, 400.0
FRAME, HOP = 1024, 320
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
        },
    )


def rehearse() -> None:
    """Measure half a second of a tone, so that the first real take does not wait for compilation."""
    import numpy as np

    tone = 0.3 * np.sin(2 * np.pi * 180 * np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE)
    whole = Token(start_ms=0, end_ms=500, text="嗯", confidence=1.0, char_start=0, char_end=1)
    _voice(tone.astype(np.float32), [whole])


def measure(speech: SpeechSignals, audio: np.ndarray, *, answer_ms: int, gaps: list[Span]) -> DeliverySignals:
    """Delivery of one take. ``audio`` is float32 mono 16 kHz on the same timeline; gaps are nobody's silence."""
    tokens = speech.tokens
    silences = [Span(start_ms=a.end_ms, end_ms=b.start_ms) for a, b in itertools.pairwise(tokens)]
    pauses = [span for span in silences if _net_ms(span, gaps) >= PAUSE_MS and not _overlaps(span, gaps)]
    lead = Span(start_ms=0, end_ms=tokens[0].start_ms if tokens else answer_ms)
    whole = (
        Span(start_ms=tokens[0].start_ms, end_ms=tokens[-1].end_ms) if tokens else Span(start_ms=0, end_ms=0)
    )
    speaking_ms = max(0, _net_ms(whole, gaps) - sum(span.end_ms - span.start_ms for span in pauses))
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
    """Filled pauses in time order. A phrase such as 那个 counts when it stands alone, not as in 那个项目."""
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
    """How many tokens the set-off phrase starting here has; 0 for none."""
    tokens = speech.tokens
    for phrase in PHRASES:
        part = tokens[at : at + len(phrase)]
        if "".join(token.text for token in part) != phrase or len(part) != len(phrase):
            continue
        after = at + len(phrase)
        if _set_off(speech.text, tokens, at - 1, at) and _set_off(speech.text, tokens, after - 1, after):
            return len(phrase)
    return 0


def _set_off(text: str, tokens: list[Token], left: int, right: int) -> bool:
    """Whether something other than words lies between two neighbouring tokens, or one of them is a hesitation."""
    if left < 0 or right >= len(tokens):
        return True
    if tokens[left].text in HESITATIONS or tokens[right].text in HESITATIONS:
        return True
    return bool(text[tokens[left].char_end : tokens[right].char_start].strip())


def _overlaps(span: Span, gaps: list[Span]) -> bool:
    return any(gap.start_ms < span.end_ms and span.start_ms < gap.end_ms for gap in gaps)


def _net_ms(span: Span, gaps: list[Span]) -> int:
    """The length of a span without what lies in gaps."""
    lost = sum(max(0, min(span.end_ms, gap.end_ms) - max(span.start_ms, gap.start_ms)) for gap in gaps)
    return max(0, span.end_ms - span.start_ms - lost)


def _voice(audio: np.ndarray, tokens: list[Token]) -> tuple[float | None, float | None, float | None]:
    """Median pitch (Hz), its standard deviation (semitones) and that of loudness (dB) where somebody speaks."""
    import librosa
    import numpy as np

    if len(audio) < FRAME or not tokens:
        return None, None, None
    pitch = librosa.yin(
        audio, fmin=LOWEST_HZ, fmax=HIGHEST_HZ, sr=SAMPLE_RATE, frame_length=FRAME, hop_length=HOP
    )
    rms = librosa.feature.rms(y=audio, frame_length=FRAME, hop_length=HOP)[0]
    loudness = 20 * np.log10(np.maximum(rms, 1e-6))
    times = np.arange(len(pitch)) * HOP * 1000 / SAMPLE_RATE
    spoken = np.zeros(len(pitch), bool)
    for token in tokens:
        spoken |= (times >= token.start_ms) & (times < token.end_ms)
    if not spoken.any():
        return None, None, None
    voiced = spoken & (loudness[: len(pitch)] >= np.quantile(loudness[spoken], 0.95) - VOICED_BELOW_LOUD_DB)
    heard = pitch[voiced & (pitch > LOWEST_HZ * 1.02) & (pitch < HIGHEST_HZ * 0.98)]
    energy = round(float(np.std(loudness[voiced])), 2) if voiced.any() else None
    if len(heard) < 3:
        return None, None, energy
    median = float(np.median(heard))
    return round(median, 1), round(float(np.std(12 * np.log2(heard / median))), 2), energy
