"""The report as a document: everything already in words, in one language, for one audience (R3, R5)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from app.core.signals import Document, Engine
from app.scoring.documents import Evidence
from app.scoring.rubric import Medium

Audience = Literal["hr", "candidate"]
RunKind = Literal["plain", "keywords", "specificity", "structure"]
REPORT_VERSION = 1


class Fact(Document):
    """A label and its value, both in words."""

    label: str
    value: str


class Section(Document):
    """A part of the report that others fill (decision, survey): rows of facts and perhaps a note."""

    rows: list[Fact] = Field(default_factory=list)
    note: str | None = None


class ReportHeader(Document):
    """Whose report it is. Times are aware, in the time zone they should be read in."""

    company_name: str
    position_title: str
    candidate_name: str
    interview_id: str
    finished_at: datetime | None = None
    generated_at: datetime
    position_version: int | None = Field(
        default=None, description="of the rubric it is scored by: only equal ones compare"
    )


class Notice(Document):
    """Something the reader must know before the numbers."""

    kind: Literal["ai", "sample", "partial", "abstained", "face", "recording_withdrawn"]
    text: str


class ReportContribution(Document):
    """A contribution in words with its evidence."""

    key: str
    points_hundredths: int
    points: str
    words: str
    evidence: list[Evidence]


class ReportAbstention(Document):
    """Why there is no score and what would help."""

    reason: str
    why: str
    help: str


class ReportCompetency(Document):
    """One competency explained. ``level`` is the anchor its points reach."""

    key: str
    name: str
    weight: str
    points_hundredths: int | None
    points: str | None
    baseline_hundredths: int
    baseline: str
    contributions: list[ReportContribution]
    abstention: ReportAbstention | None
    level: str | None
    average_hundredths: int | None = None
    average: str | None = None
    average_n: int | None = Field(default=None, description="over how many interviews, never fewer than 5")
    to_total_hundredths: int | None = None
    to_total: str | None = None
    from_questions: str | None = Field(default=None, description="which questions its answers are to")


class Remark(Document):
    """A strength, gap or suggestion: whose, what, and what it rests on."""

    competency: str
    text: str
    because: str | None = None
    evidence: list[Evidence] = Field(default_factory=list)


class Run(Document):
    """A stretch of a sentence that is marked in one way."""

    text: str
    kind: RunKind


class SentenceLabel(Document):
    """What a whole sentence is evidence for."""

    key: str
    text: str


class ReportSentence(Document):
    """A sentence of the transcript; no times in written answers."""

    start_ms: int | None
    end_ms: int | None
    char_start: int
    char_end: int
    runs: list[Run]
    labels: list[SentenceLabel]


class Moment(Document):
    """A stretch of a recording that a contribution points at, for a bar under the player."""

    start_ms: int
    end_ms: int
    kind: str
    text: str


class Missing(Document):
    """A modality that says nothing about an answer, and why."""

    modality: str
    label: str
    status: str
    reason: str | None
    text: str


class ReportAnswer(Document):
    """One answer: its recording, its words, what is missing of it."""

    answer_id: str
    take_id: str
    number: int
    question_id: str
    question: str
    medium: Medium
    medium_label: str
    duration_ms: int | None
    sentences: list[ReportSentence]
    no_transcript: str | None
    late: bool = Field(default=False, description="handed in after the window's end; HR only")
    missing: list[Missing]
    moments: list[Moment] = Field(default_factory=list)


class ReportWarmUp(Document):
    """The icebreaker as it was answered: shown to people, looked at by no machine (ADR 23)."""

    take_id: str
    question: str
    medium: Medium
    medium_label: str
    words: str | None = Field(default=None, description="of a written answer")


class RadarAxis(Document):
    """One axis of the chart. ``value`` and ``average`` are hundredths of 10 points."""

    label: str
    value: int | None
    average: int | None = None


class ReportTotal(Document):
    """The total, or that there is none."""

    points_hundredths: int | None
    points: str | None
    status: Literal["complete", "partial", "abstained"]
    status_text: str
    average: str | None = None
    average_n: int | None = None


class AskNext(Document):
    """A question proposed for the next conversation, from what an answer leaves open."""

    number: int = Field(description="of the question it follows up")
    competency: str
    text: str


class Tendency(Document):
    """A motive that the answers speak of, with the passages: a description, never scored (E6)."""

    label: str
    count: str
    evidence: list[Evidence]


class OtherVersion(Document):
    """A newer version of the position's rubric that the score can be compared with; it changes nothing."""

    number: int
    text: str


class Check(Document):
    """An integrity fact in words: what, how much, what it may also mean, and where to look."""

    key: str
    label: str
    value: str
    meaning: str
    places: list[Evidence]


class Checks(Document):
    """Facts that a person should judge. ``clear`` names what was looked for and not found."""

    title: str
    note: str
    facts: list[Check]
    clear: str | None = None
    not_looked_at_title: str
    not_looked_at: list[Fact]


class ReportDocument(Document):
    """A whole report."""

    version: int = REPORT_VERSION
    audience: Audience
    language: str
    header: ReportHeader
    notices: list[Notice]
    total: ReportTotal
    competencies: list[ReportCompetency]
    radar: list[RadarAxis]
    strengths: list[Remark]
    gaps: list[Remark]
    suggestions: list[Remark]
    ask_next: list[AskNext] = Field(default_factory=list)
    behaviour: list[Fact]
    tendencies: list[Tendency] = Field(default_factory=list)
    wording: list[Tendency] = Field(default_factory=list, description="passages worth a look; HR only")
    to_check: Checks | None = Field(default=None, description="facts for a person to judge; HR only")
    warm_up: ReportWarmUp | None = None
    answers: list[ReportAnswer]
    decision: Section | None = None
    survey: Section | None = None
    engines: list[Engine] = Field(default_factory=list)
    algorithm: str | None = None
    receipt_sha256: str | None = None
    receipt: Section | None = None
    explanation: list[str] = Field(default_factory=list, description="how a score is made, in short")
    newer_versions: list[OtherVersion] = Field(default_factory=list)


class FormOption(Document):
    """One choice of the decision form."""

    value: str
    label: str


class DecisionForm(Document):
    """Where the page sends a decision. ``hidden`` carries what the server asked to get back."""

    action: str
    options: list[FormOption] = Field(min_length=1)
    hidden: dict[str, str] = Field(default_factory=dict)


class PageLink(Document):
    """A link of the site around the report."""

    label: str
    href: str


class PageFrame(Document):
    """What the site puts above a report: links, a standing notice, and the outcome of what was just done."""

    links: list[PageLink] = Field(default_factory=list)
    pdf: str | None = Field(default=None, description="where the report is as a PDF")
    recordings: str | None = Field(default=None, description="below it, new addresses of each recording")
    versions: list[PageLink] = Field(default_factory=list, description="what other versions would score")
    notice: str | None = None
    message: str | None = None
    watermark: str | None = Field(default=None, description="the viewer, shown over every picture")
    judged: Section | None = Field(
        default=None, description="what people think, as far as the reader may see it"
    )
