"""Signals: facts measured in one take, with no opinion and no rubric.

Workers produce these documents, one per modality; ``app/scoring`` reads them. All times are integer milliseconds on
the take's timeline (segments joined, gaps explicit). ``chars`` offsets index ``SpeechSignals.text``.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Modality = Literal["media", "speech", "delivery", "text", "face", "integrity"]
MODALITIES: tuple[Modality, ...] = ("media", "speech", "delivery", "text", "face", "integrity")
Status = Literal["done", "abstained", "skipped", "failed"]


class Document(BaseModel):
    """Base of every stored document: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Engine(Document):
    """What measured a signal: enough to measure it again (A7)."""

    name: str
    version: str
    model: str = ""
    model_version: str = Field(
        default="", description="sha256 of the model files, first 16 hex digits, or a release"
    )
    parameters: dict[str, Any] = Field(default_factory=dict)


class Span(Document):
    """A half-open range of milliseconds on the take's timeline."""

    start_ms: int
    end_ms: int


class Token(Span):
    """One spoken character (Chinese) or word (Latin letters), without punctuation."""

    text: str
    confidence: float | None = Field(
        ge=0, le=1, description="posterior of the token; None: the model tells none"
    )
    char_start: int
    char_end: int


class Sentence(Span):
    """One punctuated sentence; ``char_start:char_end`` slices the transcript's text."""

    text: str
    char_start: int
    char_end: int
    confidence: float | None = Field(ge=0, le=1, description="mean of its tokens; None: unknown")
    uncertain: bool | None = Field(
        default=None, description="true: heard too badly to be a ground for a score"
    )


class MediaSignals(Document):
    """What the recording is."""

    container: str
    duration_ms: int
    video_codec: str | None = None
    audio_codec: str | None = None
    width: int | None = None
    height: int | None = None
    rotation: int = 0
    frames_per_second: float | None = None
    peak_dbfs: float | None = None
    rms_dbfs: float | None = None
    dark_ratio: float | None = Field(default=None, description="share of sampled frames that are black")
    gaps: list[Span] = Field(default_factory=list, description="no recording here (lost between segments)")
    still_ratio: float | None = Field(
        default=None, description="share of sampled frames equal to the one before"
    )
    lost_ms: int | None = Field(
        default=None, description="sound missing at an end or damaged, where it is noticeable"
    )
    lost_segments: int | None = Field(default=None, description="uploaded segments that could not be read")


class SpeechSignals(Document):
    """The transcript (A2)."""

    text: str = Field(description="punctuated transcript")
    tokens: list[Token]
    sentences: list[Sentence]
    speech: list[Span] = Field(description="where somebody speaks, by voice activity detection")
    mean_confidence: float | None = Field(
        ge=0, le=1, description="None: unknown, so nothing that rests on the words is scored"
    )
    sample_model: bool = Field(description="the small sample model made this: never for a real candidate")


class Filler(Span):
    """A filled pause such as 嗯 or 那个."""

    text: str


class DeliverySignals(Document):
    """How it was said (A3). Only communication-like competencies may look at it (R2)."""

    answer_ms: int = Field(description="length of the take")
    speaking_ms: int = Field(description="from first to last token, net of pauses")
    thinking_ms: int = Field(description="silence before the first token")
    characters_per_minute: float = Field(description="tokens per minute of speaking_ms")
    pause_threshold_ms: int
    pauses: list[Span] = Field(description="silences between tokens of at least the threshold")
    fillers: list[Filler]
    pitch_median_hz: float | None = None
    pitch_sd_semitones: float | None = None
    energy_sd_db: float | None = None


class Word(Document):
    """One segmented word of the transcript."""

    text: str
    char_start: int
    char_end: int


class SentenceTone(Document):
    """SnowNLP's sentiment of one sentence, 0 negative to 1 positive: a description, never scored."""

    sentence: int
    positive: float = Field(ge=0, le=1)


class TextSignals(Document):
    """What the words are, before any rubric looks at them (A4)."""

    words: list[Word]
    tones: list[SentenceTone]
    relevance: float | None = Field(default=None, ge=0, le=1, description="lexical closeness to the question")


class Expression(Document):
    """Share of sampled frames by the highest expression class, as DeepFace names them: a description of pixels."""

    label: str
    share: float = Field(ge=0, le=1)


class FaceSignals(Document):
    """What is seen (A5): facts, never called emotions; weight zero unless the tenant says otherwise."""

    sampled_frames: int
    frames_per_second: float
    face_present: float = Field(ge=0, le=1, description="share of sampled frames with at least one face")
    several_faces: list[Span]
    smiles: list[Span]
    frowns: list[Span]
    expressions: list[Expression]
    finer_frames: int | None = Field(default=None, description="frames looked at between the sampled ones")
    absent: list[Span] | None = Field(default=None, description="no face for at least three seconds")
    most_faces: int | None = Field(default=None, description="the most faces seen at once")
    looking_away: list[Span] | None = Field(
        default=None, description="head turned from the person's own median; None: too little seen"
    )
    movement: float | None = Field(default=None, description="travel of the face, face widths a second")


class IntegritySignals(Document):
    """What a person may want to look at (A6): facts with harmless causes as well, never scored.

    None: not looked at; ``not_looked_at`` says why, as a reason by field (words in catalogue/*/integrity.json).
    """

    gaps: list[Span] = Field(description="no recording here: it was interrupted")
    left_page: list[Span] | None = Field(
        default=None, description="the client says the page was out of sight"
    )
    nobody: list[Span] | None = Field(
        default=None, description="no face in the picture for three seconds or more"
    )
    several_faces: list[Span] | None = None
    most_faces: int | None = None
    still_face: list[Span] | None = Field(
        default=None, description="somebody speaks while no lip or lid of the face in the picture moves"
    )
    other_voice: list[Span] | None = Field(
        default=None, description="a voice unlike the take's main one, by pitch and spectrum"
    )
    even_speech: list[Span] | None = Field(
        default=None, description="no filler, no hesitation and one pace for twenty seconds or more"
    )
    not_looked_at: dict[str, str] = Field(default_factory=dict)


SIGNAL_TYPES: dict[Modality, type[Document]] = {
    "media": MediaSignals,
    "speech": SpeechSignals,
    "delivery": DeliverySignals,
    "text": TextSignals,
    "face": FaceSignals,
    "integrity": IntegritySignals,
}


class ModalityResult(Document):
    """The outcome of one modality of one take: signals, or a named reason why there are none.

    ``done`` with a reason: measured, and there was nothing to measure (``no_face``).
    """

    modality: Modality
    status: Status
    reason: str | None = Field(
        default=None, description="stable snake_case word, words in catalogue/*/analysis.json"
    )
    engine: Engine
    signals: dict[str, Any] | None = None

    def document(self) -> Any:
        """The signals as their typed document, or None."""
        return None if self.signals is None else SIGNAL_TYPES[self.modality].model_validate(self.signals)
