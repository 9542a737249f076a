"""Contracts for everything that lies outside, implemented by adapters and handed in by the composition root.

Adapters raise only ``app.core.errors.OutsideError`` kinds. One contract suite runs over every implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol

from app.core.signals import Engine, FaceSignals, ModalityResult, Span, SpeechSignals

if TYPE_CHECKING:
    import numpy as np


# --- WeChat ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WeChatApp:
    """One mini-program and what is needed to act for it. ``secret`` is plain here and sealed at rest."""

    app_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class WeChatIdentity:
    """Who ``wx.login`` says is there. The session key never leaves the server."""

    app_id: str
    openid: str
    unionid: str | None = None


@dataclass(frozen=True)
class SubscribeMessage:
    """One mini-program subscribe message. ``data`` maps template fields (``thing1``) to plain values."""

    app: WeChatApp
    openid: str
    template_id: str
    page: str
    data: Mapping[str, str]
    language: str = "zh_CN"


WordsScene = Literal["profile", "comment"]
"""Where somebody's words stand: in what they say of themselves, or in what they write to somebody."""


@dataclass(frozen=True)
class WordsVerdict:
    """What WeChat thinks of somebody's words; ``review`` is that it is not sure. ``label``: its number for why."""

    suggestion: Literal["pass", "review", "risky"]
    label: int


class WeChatGateway(Protocol):
    """What we ask of WeChat."""

    def code_to_session(self, app: WeChatApp, code: str) -> WeChatIdentity:
        """Exchange a ``wx.login`` code. PermanentError ``code_invalid`` | ``user_blocked``; RetryableError."""
        ...

    def authorization_address(self, app: WeChatApp, *, back_to: str, state: str) -> str:
        """Where WeChat's own browser says who is there, and comes back to ``back_to`` with a code and ``state``."""
        ...

    def code_to_visitor(self, app: WeChatApp, code: str) -> WeChatIdentity:
        """Exchange the code of an official account's page. As ``code_to_session``; PermanentError ``snapshot_visitor``
        when WeChat only lends somebody an identity (快照页)."""
        ...

    def phone_number(self, app: WeChatApp, code: str) -> str:
        """Exchange a ``getPhoneNumber`` code for the verified number, E.164. PermanentError ``code_invalid``."""
        ...

    def send_subscribe_message(self, message: SubscribeMessage) -> str | None:
        """Send once; returns WeChat's msgid when it gives one.

        PermanentError ``no_consent`` (43101), ``template_banned``, ``template_unknown``, ``openid_mismatch``,
        ``content_refused``, ``parameter_invalid``, ``page_unknown``; RateLimited; RetryableError;
        UncertainError ``no_answer`` when the request left and no answer came.
        """
        ...

    def check_words(self, app: WeChatApp, openid: str, words: str, *, scene: WordsScene) -> WordsVerdict:
        """What WeChat thinks of words of somebody who opened the mini-program lately; within seconds.

        Asking again does no harm. PermanentError ``visit_too_old`` | ``openid_mismatch``; RateLimited; RetryableError.
        """
        ...

    def mini_program_code(self, app: WeChatApp, *, scene: str, page: str) -> bytes:
        """A PNG/JPEG mini-program code image (scene <= 32 characters)."""
        ...


class TextMessageSender(Protocol):
    """SMS to a phone (E.164)."""

    def send_text(self, phone: str, body: str, *, reference: str) -> str | None:
        """Send once; ``reference`` is our message id. Same errors as WeChat's send."""
        ...


class MailSender(Protocol):
    """E-mail to one address."""

    is_configured: bool

    def send_mail(self, address: str, subject: str, body: str, *, reference: str) -> str | None:
        """Send plain text once; ``reference`` is our attempt's id. The message's own id when there is one.

        PermanentError ``mail_refused`` (the address or the message), ``mail_sender_refused``, ``mail_login_refused``,
        ``mail_not_encrypted``, ``mail_not_configured``; RetryableError ``mail_down``, ``mail_later``; UncertainError
        ``no_answer`` when the message left and no answer came.
        """
        ...


@dataclass(frozen=True)
class RobotNews:
    """What a group is told: a title, one line for each thing, where to look, and the same for programs (``facts``)."""

    id: str
    title: str
    lines: Sequence[str]
    link: str
    link_text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RobotAddress:
    """A group robot of a team messenger, or an address that takes JSON. Whoever knows the address can write there."""

    format: Literal["wecom", "feishu", "dingtalk", "json"]
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


class GroupRobots(Protocol):
    """Tells a company's group, outside the product, that something waits (N6)."""

    def check_address(self, address: RobotAddress) -> None:
        """Whether it may be written to at all. PermanentError ``robot_address_refused``: not https, or not public."""
        ...

    def post(self, address: RobotAddress, news: RobotNews) -> None:
        """Post once; posting again does no harm beyond a second line in the group.

        PermanentError ``robot_address_refused`` (as above, or it leads elsewhere), ``robot_unknown``, ``robot_refused``
        (its signature, its words, its form); RateLimited ``robot_busy``; RetryableError ``robot_down``.
        """
        ...


@dataclass(frozen=True)
class ChatMessage:
    """One message of a conversation with a language model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Completion:
    """What a language model answered. ``model`` is the name the server gives, else the one that was asked."""

    text: str
    model: str


class LanguageModel(Protocol):
    """Writes drafts that a person edits and approves; it never scores (F3, F4, P4)."""

    is_configured: bool

    def complete(self, messages: Sequence[ChatMessage]) -> Completion:
        """One JSON answer. Asking again does no harm.

        RetryableError ``language_model_down`` (away, slow, broken off, 5xx, not understandable); RateLimited
        ``language_model_busy``; PermanentError ``language_model_off`` (none is configured), ``language_model_refused``
        (the key, the name or the request), ``language_model_too_long`` (the answer passed the limit).
        """
        ...


# --- Recordings -----------------------------------------------------------------------------------------------


class RecordingStore(Protocol):
    """Opaque, append-only objects of sealed chunks. Knows no plaintext and no keys."""

    def append(self, key: str, position: int, data: bytes) -> None:
        """Write whole sealed chunks at ``position``. They are there for every reader, and durable once ``sync`` returned.

        Part of a chunk beyond ``position`` was left by an append that never finished and is overwritten. A whole one
        was written by somebody else, and bytes missing before ``position`` mean the caller is mistaken: both are
        RetryableError ``append_conflict`` and change nothing. Also RetryableError ``disk_full``, ``storage_failed``.
        """
        ...

    def sync(self, key: str, kept: int) -> None:
        """Make everything appended so far durable; no error when there is nothing.

        ``kept`` are the bytes known to be durable: should the disk refuse, all after them is dropped, because nobody
        can tell what of it is there. RetryableError ``disk_full``, ``storage_failed``.
        """
        ...

    def read(self, key: str, start: int, length: int) -> bytes:
        """Up to ``length`` sealed bytes from ``start``. PermanentError ``recording_missing``."""
        ...

    def size(self, key: str) -> int:
        """Sealed bytes, 0 when the object does not exist. Call ``sync`` before anybody relies on them."""
        ...

    def truncate(self, key: str, size: int) -> None:
        """Drop the end of a damaged object; afterwards it has at most ``size`` bytes, and keeps its beginning."""
        ...

    def delete(self, key: str) -> None:
        """Remove it for good; no error when it is not there."""
        ...


# --- Analysis -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """One sampled video frame: uint8 RGB (height, width, 3), upright."""

    at_ms: int
    image: np.ndarray


@dataclass(frozen=True)
class SegmentSource:
    """One uploaded segment of a take.

    ``open`` gives a seekable binary reader of the plaintext (decrypting as it goes; nothing touches the disk);
    ``starts_at_ms`` is its place on the take's timeline by the client's clock.
    """

    number: int
    starts_at_ms: int
    size: int
    content_type: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class TakeSource:
    """All an analysis may know of a take. It knows no rubric, no candidate, no tenant."""

    segments: list[SegmentSource]
    medium: Literal["video", "voice", "text"]
    question_text: str
    wanted: frozenset[str] = field(default_factory=lambda: frozenset({"media", "speech", "delivery", "text"}))
    written_text: str | None = None
    max_seconds: int | None = None  # what the question allows; the machine's own limit counts all the same
    hotwords: tuple[
        str, ...
    ] = ()  # words that may well be said, for a recogniser that can listen harder for them
    left_page: tuple[Span, ...] | None = None  # when the client was out of sight; None: it did not say


class Transcriber(Protocol):
    """Speech to text with times and confidence (A2)."""

    engine: Engine

    def transcribe(self, audio: np.ndarray, hotwords: tuple[str, ...] = ()) -> SpeechSignals:
        """``audio`` is float32 mono at 16 kHz. Silence gives empty text. PermanentError ``model_unavailable``.

        ``hotwords`` bias a model that supports it, and change nothing in one that does not.
        """
        ...


class FaceReader(Protocol):
    """Facial facts (A5)."""

    engine: Engine

    def read_faces(self, frames: Iterable[Frame]) -> FaceSignals:
        """Frames in time order; which of them are looked at is the reader's choice."""
        ...


class TakeAnalyser(Protocol):
    """Turns a take into signals, one result per wanted modality, as each becomes ready."""

    def warm_up(self) -> None:
        """Load every model once; the first analysis then costs no load. PermanentError ``model_unavailable``."""
        ...

    def analyse(self, take: TakeSource, *, skip: frozenset[str] = frozenset()) -> Iterator[ModalityResult]:
        """Results as they come, ``media`` first; modalities in ``skip`` are already stored and not yielded.

        A recording that cannot be used yields ``media`` with status ``failed`` and a named reason
        (``not_a_recording``, ``no_audio``, ``silent``, ``too_short``, ``too_long``, ``decoder_crashed``) and nothing
        after it. RetryableError when this machine, not the recording, is at fault.
        """
        ...


# --- All of them ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ports:
    """The adapters of this process, chosen once by the composition root."""

    wechat: WeChatGateway
    text_messages: TextMessageSender
    mails: MailSender
    recordings: RecordingStore
    language_model: LanguageModel
    robots: GroupRobots
