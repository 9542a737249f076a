"""Routes of résumés: the candidate's file, and what the company reads of it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.candidates.service import find_resume, get_candidate
from app.core.errors import InvalidInput, NotFound
from app.http.actors import actor
from app.http.callers import allow, caller
from app.http.files import download_response
from app.http.idempotency import repeatable
from app.http.limits import limiter, person_key
from app.invitations.access import current_invitation
from app.resumes import reading, service
from app.resumes.schemas import FileAddressOut, ResumeFileOut, ResumeOut
from app.resumes.showing import shown_file
from tenants.tenancy import tenant_scope, tenant_transaction

blueprint = APIBlueprint("resumes", __name__, url_prefix="/api/v1", tag="Résumés")
_FORM_BYTES = 64 * 1024
_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@blueprint.post("/candidate/resume-file")
@allow("candidate", transaction=False)  # reading the file takes a moment
@repeatable("the same file again replaces itself")
@limiter.limit("10/minute", key_func=person_key)
@blueprint.output(ResumeFileOut, status_code=201)
def give_resume_file() -> ResumeFileOut:
    """Give a résumé (multipart, ``file``: PDF or DOCX, ``name``); it replaces the one before, and the company sees it."""
    name, sent = _sent_file()
    with tenant_scope(caller().tenant_id or "", read_only=True):
        current_invitation(even_closed=True)
    read = reading.read_resume_file(sent)
    with tenant_transaction(caller().tenant_id or ""):
        current_invitation(even_closed=True)
        return shown_file(service.give_file(actor(), caller().subject, name, sent, read))


@blueprint.delete("/candidate/resume-file")
@allow("candidate")
@blueprint.output({}, status_code=204)
def take_resume_file_back() -> str:
    """Take the file back: the company has it no more."""
    current_invitation(even_closed=True)
    service.take_file_back(actor(), caller().subject)
    return ""


@blueprint.get("/candidates/<candidate_id>/resume")
@allow("owner", "recruiter", on_record=True)
@blueprint.output(ResumeOut)
def get_resume(candidate_id: str) -> ResumeOut:
    """The résumé that the candidate gave; reading its words is audited. 404 ``resume_unknown`` when they gave none."""
    candidate = get_candidate(candidate_id)
    read, given = service.read_resume(actor(), candidate.id), service.find_file(candidate.id)
    if read is None and given is None:
        raise NotFound("resume_unknown")
    typed = find_resume(candidate.id) is not None
    return ResumeOut(
        text=read.text if read else "",
        text_from=None if read is None else "candidate" if typed else "file",
        file=None if given is None else shown_file(given),
        updated_at=max(one for one in (read and read.updated_at, given and given.given_at) if one),
    )


@blueprint.post("/candidates/<candidate_id>/resume-file/tickets")
@allow("owner", "recruiter")
@repeatable("each ticket is an audited permission of a few minutes")
@blueprint.output(FileAddressOut, status_code=201)
def open_resume_file(candidate_id: str) -> FileAddressOut:
    """A short-lived address of the file; that it was opened is recorded in the audit log."""
    opened = service.open_file(actor(), get_candidate(candidate_id).id)
    return FileAddressOut.model_validate(opened, from_attributes=True)


@blueprint.get("/resume-files/<ticket>")
@allow("public")
@blueprint.doc(summary="A résumé file", responses=[200, 404, 410])
def fetch_resume_file(ticket: str) -> Response:
    """The file, to be saved. The ticket is the credential, for minutes."""
    tenant_id, file_id = service.read_file_ticket(ticket)
    with tenant_scope(tenant_id, read_only=True):
        given, content = service.file_bytes(file_id)
    return download_response(content, given.name, _TYPES[given.kind])


def _sent_file() -> tuple[str, bytes]:
    """Name and bytes of a multipart form, no longer than a résumé may be. Raises InvalidInput ``resume_file_missing``."""
    request.max_content_length = reading.MOST_BYTES + _FORM_BYTES
    try:
        sent, name = request.files.get("file"), request.form.get("name", "")
    except RequestEntityTooLarge as error:
        raise InvalidInput("resume_file_too_large", megabytes=reading.MOST_BYTES >> 20) from error
    if sent is None:
        raise InvalidInput("resume_file_missing")
    return name or sent.filename or "", sent.stream.read(reading.MOST_BYTES + 1)
