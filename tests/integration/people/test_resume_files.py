"""A résumé as a file: taken by what it holds, sealed, read for drafts, opened on record, in the copy, gone at the end."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import docx
import pypdf
import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from weasyprint import HTML

from app.audits.models import AuditEntry
from app.core.clock import utcnow
from app.core.database import db
from app.core.errors import InvalidInput
from app.resumes.models import ResumeFile
from app.resumes.reading import MOST_BYTES, read_resume_file
from tenants.tenancy import tenant_scope
from tests.factories import Headers, World, ok, refused
from tests.integration.people.test_binding import invite
from tests.integration.wechat.sandbox_client import Sandbox

WORDS = "2019.07 至今 晨光贸易 销售经理，负责华东大客户，年度销售额提升 35%。"
PATH = "/api/v1/candidate/resume-file"


def pdf(words: str = WORDS, password: str | None = None) -> bytes:
    made: bytes = HTML(string=f"<p>{words}</p>").write_pdf()
    if password is None:
        return made
    writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(made)), io.BytesIO()
    writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


def word(words: str = WORDS) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("李明")
    document.add_table(rows=1, cols=1).cell(0, 0).text = words
    document.save(out)
    return out.getvalue()


def changed_zip(data: bytes, old: bytes, new: bytes, extra: dict[str, bytes] | None = None) -> bytes:
    """A packed document with words of every part replaced, and perhaps further parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for one in before.infolist():
            after.writestr(one.filename, before.read(one.filename).replace(old, new))
        for name, content in (extra or {}).items():
            after.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def mine(world: World, sandbox: Sandbox) -> tuple[Headers, dict[str, Any]]:
    invitation, person = invite(world, world.acme, sandbox.new_person())
    return world.accept(invitation, person), invitation


def send(world: World, headers: Headers, data: bytes, name: str = "简历.pdf") -> Any:
    form = {"file": (io.BytesIO(data), "x"), "name": name}
    return world.client.post(PATH, data=form, headers=headers, content_type="multipart/form-data")


def test_from_the_candidate_to_hr_and_back(world: World, mine: tuple[Headers, dict[str, Any]]) -> None:
    headers, invitation = mine
    path = f"/api/v1/candidates/{invitation['candidate']['id']}"
    recruiter = world.staff(world.acme, "recruiter")
    refused(world.client.post(f"{path}/resume-file/tickets", headers=recruiter), 404, "resume_file_unknown")
    sent = pdf()
    given = ok(send(world, headers, sent), 201)
    assert (given["name"], given["kind"], given["size"], given["readable"]) == (
        "简历.pdf",
        "pdf",
        len(sent),
        True,
    )
    assert ok(world.client.get("/api/v1/candidate/profile", headers=headers))["resume_file"] == given

    read = ok(world.client.get(f"{path}/resume", headers=recruiter))
    assert (read["text_from"], read["file"]) == ("file", given)
    assert "晨光贸易" in read["text"]
    refused(
        world.client.post(f"{path}/resume-file/tickets", headers=world.staff(world.acme, "interviewer")),
        403,
        "role_not_allowed",
    )
    opened = ok(world.client.post(f"{path}/resume-file/tickets", headers=recruiter), 201)
    address = opened["url"][opened["url"].index("/api/") :]
    fetched = world.client.get(address)
    assert fetched.data == sent and fetched.content_type == "application/pdf"
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    with time_machine.travel(utcnow() + timedelta(hours=2)):
        refused(world.client.get(address), 410, "ticket_expired")
    body = {"candidate_id": invitation["candidate"]["id"], "position_id": invitation["position_id"]}
    assert world.create("/api/v1/preassessments", body, recruiter)["status"] == "ready"

    copy = ok(world.client.get("/api/v1/candidate/data", headers=headers))["profile"]["resume_file"]
    assert copy["name"] == "简历.pdf" and "晨光贸易" in copy["text"]
    assert world.client.get(copy["address"][copy["address"].index("/api/") :]).data == sent
    with world.app.app_context(), tenant_scope(world.acme.id, read_only=True):
        [row] = db.session.scalars(select(ResumeFile)).all()
        assert b"%PDF" not in row.content and "简历".encode() not in row.about
        found = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        assert [(one.actor_kind, one.detail) for one in found if one.action == "resume.opened"] == [
            ("user", {}),
            ("candidate", {}),
        ]
        [changed] = [one for one in found if one.action == "candidate.changed_own_profile"]
        assert changed.detail == {"changed": ["resume_file"]}

    again = ok(send(world, headers, word(), "../../a\u202e\\CV.docx"), 201)  # replaces
    assert (again["name"], again["kind"]) == ("CV.docx", "docx")
    refused(world.client.get(address), 404, "resume_file_unknown")
    assert world.client.delete(PATH, headers=headers).status_code == 204
    assert world.client.delete(PATH, headers=headers).status_code == 204
    refused(world.client.get(f"{path}/resume", headers=recruiter), 404, "resume_unknown")


def test_what_was_typed_comes_first(world: World, mine: tuple[Headers, dict[str, Any]]) -> None:
    headers, invitation = mine
    ok(send(world, headers, word()), 201)
    profile = ok(world.client.get("/api/v1/candidate/profile", headers=headers))
    body = {part: profile[part] for part in ("name", "email", "language", "time_zone")}
    ok(world.client.put("/api/v1/candidate/profile", json=body | {"resume": "我自己写的"}, headers=headers))
    path = f"/api/v1/candidates/{invitation['candidate']['id']}/resume"
    read = ok(world.client.get(path, headers=world.staff(world.acme, "recruiter")))
    assert (read["text"], read["text_from"], read["file"]["kind"]) == ("我自己写的", "candidate", "docx")


def test_it_goes_with_the_candidate(world: World, mine: tuple[Headers, dict[str, Any]]) -> None:
    headers, invitation = mine
    ok(send(world, headers, pdf()), 201)
    path = f"/api/v1/candidates/{invitation['candidate']['id']}"
    opened = ok(
        world.client.post(f"{path}/resume-file/tickets", headers=world.staff(world.acme, "recruiter")), 201
    )
    ok(world.client.put(f"{path}/erasure", headers=world.staff(world.acme, "owner")))
    with world.app.app_context(), tenant_scope(world.acme.id, read_only=True):
        assert db.session.scalars(select(ResumeFile)).all() == []
    assert world.client.get(opened["url"][opened["url"].index("/api/") :]).status_code == 404


def test_each_bad_file_is_told_by_name(world: World, mine: tuple[Headers, dict[str, Any]]) -> None:
    headers, _ = mine
    macros = changed_zip(word(), b"document.main+xml", b"document.macroEnabled.main+xml")
    for data, code in (
        (b"", "resume_file_type"),
        (b"\x89PNG\r\n\x1a\n", "resume_file_type"),
        (macros, "resume_file_type"),
        (pdf()[:200], "resume_file_unreadable"),
        (pdf(password="1234"), "resume_file_locked"),
        (b"%PDF-1.7" + b" " * MOST_BYTES, "resume_file_too_large"),
    ):
        refused(send(world, headers, data), 422, code)
    none = world.client.post(PATH, headers=headers, content_type="multipart/form-data")
    refused(none, 422, "resume_file_missing")
    assert ok(world.client.get("/api/v1/candidate/profile", headers=headers))["resume_file"] is None


def test_tables_and_boxes_are_read_once() -> None:
    box = (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<mc:Choice><w:p><w:r><w:t>BOX</w:t></w:r></w:p></mc:Choice>"
        "<mc:Fallback><w:p><w:r><w:t>BOX</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:r>"
    )
    drawn = changed_zip(word(), "<w:t>李明</w:t></w:r>".encode(), f"<w:t>李明</w:t></w:r>{box}".encode())
    assert read_resume_file(drawn).text.splitlines() == ["李明", "BOX", WORDS]


def test_a_scan_is_kept_without_words() -> None:
    assert read_resume_file(pdf("")).text == ""


def test_a_bomb_is_not_unpacked() -> None:
    bomb = changed_zip(word(), b"", b"", {"word/media/zeros.bin": b"\0" * (101 * 1024 * 1024)})
    with pytest.raises(InvalidInput) as refusal:
        read_resume_file(bomb)
    assert refusal.value.code == "resume_file_unreadable"


@settings(max_examples=6, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 3000), st.booleans())
def test_damaged_files_never_break_it(noise: bytes, at: int, packed: bool) -> None:
    whole = word() if packed else pdf()
    try:
        read_resume_file(whole[:at] + noise + whole[at + len(noise) :])
    except InvalidInput as refusal:
        assert refusal.code.startswith("resume_file_")
