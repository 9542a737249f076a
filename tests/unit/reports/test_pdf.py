"""The PDF: whole, in both languages, the same bytes again, and safe with whatever people type."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from app.core.catalogue import languages, text
from app.core.errors import Conflict, Unavailable
from app.reports.render import pdf, render_report_pdf, report_file_name
from app.reports.render.documents import Run
from app.scoring.sentences import format_points
from tests.unit.reports.test_report import FULL, HEADER, report
from tests.unit.scoring.builders import STORY, spoken, written

try:
    import weasyprint
except OSError:  # the library is there, Pango is not
    pytest.skip("Pango is not installed: bin/setup installs it", allow_module_level=True)

assert weasyprint.VERSION


def words_of(made: bytes) -> str:
    """The text of every page without blanks: a line may break between any two Chinese characters."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(made)).pages)


def told(language: str, key: str, **params: Any) -> str:
    return "".join(text(language, f"report.{key}", **params).split())


@pytest.mark.parametrize("audience", ["hr", "candidate"])
@pytest.mark.parametrize("language", languages())
def test_every_score_and_its_reasons_are_in_the_pdf(language: str, audience: Any) -> None:
    document = report(language=language, audience=audience)
    made = render_report_pdf(document, reader="王芳")
    found = words_of(made)
    assert made.startswith(b"%PDF-") and len(made) < 400_000
    assert f"{document.total.points}" in found and HEADER.candidate_name in found
    for competency in document.competencies:
        assert format_points(competency.points_hundredths or 0) in found
        for contribution in competency.contributions:
            assert contribution.points in found
            assert "".join(contribution.words.split()) in found
    for sentence in document.answers[0].sentences:
        assert "".join(run.text for run in sentence.runs).replace(" ", "") in found
    for heading in ("competencies", "explanation", "answers", f"suggestions_{audience}"):
        assert told(language, f"headings.{heading}") in found
    assert ("sha256" in found.lower()) is (audience == "hr" and document.receipt is not None)


def test_the_reader_and_the_date_stand_on_every_page() -> None:
    made = render_report_pdf(report([spoken("difficulty", STORY * 12), FULL[1]]), reader="王芳 <wang>")
    pages = PdfReader(io.BytesIO(made)).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        words = "".join(page.extract_text().split())
        assert "王芳<wang>" in words and "2026-11-21" in words and f"{number}/{len(pages)}" in words


def test_the_same_report_gives_the_same_bytes() -> None:
    first = render_report_pdf(report(), reader="王芳")
    assert render_report_pdf(report(), reader="王芳") == first
    later = report().model_copy(
        update={"header": HEADER.model_copy(update={"generated_at": HEADER.generated_at.replace(minute=32)})}
    )
    assert render_report_pdf(later, reader="王芳") != first
    information = PdfReader(io.BytesIO(first)).metadata
    assert information is not None and "ai-generated" in str(information.get("/Keywords"))


HOSTILE = (
    "\"'><script>x</script><img src='http://127.0.0.1:1/x'>}</style><style>@import url(file:///etc/passwd);"
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words=st.text(min_size=1, max_size=60))
@example(words=HOSTILE)
@example(words="👩‍💻🎉🇨🇳 emoji")
@example(words="مرحبا بالعالم שלום עולם")
@example(words="a" * 4000)
@example(words="长" * 4000)
@example(words="\x00\x07\x0b\ud7ff\ufffe\u202e\u2028")
@example(words="ก็ ๏ नमस्ते ᠮᠣᠩᠭᠣᠯ Ｚ̷͓̞̪͔͍")
def test_no_words_break_the_pdf(words: str) -> None:
    header = HEADER.model_copy(update={"candidate_name": words[:80], "position_title": words[:80]})
    document = report(
        [written("difficulty", words), written("team", STORY + words)],
        header=header,
        decision={"rows": [{"label": words[:200], "value": words}], "note": words},
    )
    made = render_report_pdf(document, reader=words[:80])
    assert PdfReader(io.BytesIO(made)).pages


def test_a_busy_printer_and_a_missing_library_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "WAIT_SECONDS", 0.05)
    with pdf._one_at_a_time, pytest.raises(Unavailable) as busy:
        render_report_pdf(report(), reader="x")
    assert busy.value.code == "pdf_busy"

    def absent(name: str, *how: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return original(name, *how)

    original = __import__
    monkeypatch.setattr("builtins.__import__", absent)
    with pytest.raises(Unavailable) as missing:
        render_report_pdf(report(), reader="x")
    assert missing.value.code == "pdf_unavailable"


@pytest.mark.full
def test_twice_the_speech_takes_about_twice_as_long_to_print() -> None:
    """Half an hour of speech is about 7,000 characters."""

    def seconds(stories: int) -> float:
        document = report([spoken("difficulty", STORY * stories), spoken("team", STORY * stories)])
        began = time.process_time()
        assert len(render_report_pdf(document, reader="x")) < 2_000_000
        return time.process_time() - began

    seconds(1)  # fonts and templates are loaded once
    assert seconds(74) < 4 * seconds(37)


def test_what_is_too_long_for_paper_says_so() -> None:
    document = report()
    answer = document.answers[0]
    line = answer.sentences[0].model_copy(update={"runs": [Run(text="很长。" * 21_000, kind="plain")]})
    endless = document.model_copy(update={"answers": [answer.model_copy(update={"sentences": [line]})]})
    with pytest.raises(Conflict) as refused:
        render_report_pdf(endless, reader="x")
    assert refused.value.code == "pdf_too_long" and refused.value.params["length"] == 63_000


def test_the_files_name_names_nobody() -> None:
    name = report_file_name(report())
    assert name == "report-0199f2c4-zh-CN.pdf" and HEADER.candidate_name not in name
