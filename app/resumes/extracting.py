"""Reads the words of one résumé file: a process of its own, because the file is a stranger's (ADR 30).

The file comes on standard input, ``{"kind", "text"}`` or ``{"fault"}`` goes to standard output. It runs as a script with no
environment: no key is in reach, and memory, time and written files are limited before a byte is looked at. fault: type (no
PDF and no DOCX) | locked (a password) | unreadable.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
import pypdf

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 8
MOST_PAGES = 50
MOST_UNPACKED = 100 * 1024 * 1024
MOST_CHARACTERS = 20_000
_PDF_MARK, _PDF_MARK_WITHIN = b"%PDF-", 1024
_ZIP_MARK = b"PK\x03\x04"
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Old Word documents, and new ones with a password."""

_WORD_WITHOUT_MACROS = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


class Fault(Exception):
    """The file is none that can be kept."""


def read_file(sent: bytes) -> dict[str, str]:
    """The kind of the file by its content, and its words. Raises Fault."""
    if _PDF_MARK in sent[:_PDF_MARK_WITHIN]:
        return {"kind": "pdf", "text": tidy(pdf_words(sent))}
    if sent.startswith(_ZIP_MARK):
        return {"kind": "docx", "text": tidy(docx_words(sent))}
    raise Fault(
        "locked" if sent.startswith(_OLE_MARK) and "EncryptedPackage".encode("utf-16-le") in sent else "type"
    )


def pdf_words(sent: bytes) -> Iterator[str]:
    """The text of the first pages; none where they are pictures."""
    document = pypdf.PdfReader(io.BytesIO(sent))
    if document.is_encrypted and not document.decrypt(""):
        raise Fault("locked")
    if not document.pages:
        raise Fault("unreadable")
    for page in document.pages[:MOST_PAGES]:
        yield page.extract_text()


def docx_words(sent: bytes) -> Iterator[str]:
    """Every paragraph, those of tables and of drawn boxes too, each once."""
    with zipfile.ZipFile(io.BytesIO(sent)) as packed:
        names = set(packed.namelist())
        if not {"[Content_Types].xml", "word/document.xml"} <= names:
            raise Fault("type")
        if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
            raise Fault("unreadable")
        if _WORD_WITHOUT_MACROS not in packed.read("[Content_Types].xml"):
            raise Fault("type")
    body: Any = docx.Document(io.BytesIO(sent)).element.body
    for paragraph in body.iter(f"{_W}p"):
        if next(paragraph.iterancestors(_FALLBACK), None) is None:
            yield "".join(_runs(paragraph))


def _runs(paragraph: Any) -> Iterator[str]:
    """The words of a paragraph without those of a box drawn inside it, which is a paragraph too."""
    for part in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br"):
        if next(part.iterancestors(f"{_W}p")) is paragraph:
            yield (part.text or "") if part.tag == f"{_W}t" else " " if part.tag == f"{_W}tab" else "\n"


def tidy(pieces: Iterator[str]) -> str:
    """The lines that say something, no more than a résumé may have."""
    kept: list[str] = []
    room = MOST_CHARACTERS
    for piece in pieces:
        for line in piece.replace("\x00", "").splitlines():
            words = " ".join(line.split()).encode("utf-8", "ignore").decode()
            if words and room > 0:
                kept.append(words[:room])
                room -= len(words) + 1
    return "\n".join(kept)


def main() -> None:
    """One file in, one answer out."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    try:
        answer = read_file(sys.stdin.buffer.read())
    except Fault as fault:
        answer = {"fault": str(fault)}
    except Exception:  # every kind of error, by what is broken in it
        answer = {"fault": "unreadable"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
