"""Playing a recording: tickets, and byte ranges decrypted as they are asked for."""

from __future__ import annotations

from typing import BinaryIO, cast

from apiflask import APIBlueprint
from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from app.core.context import ports, settings
from app.core.encryption import CHUNK_BYTES, ChunkCipher
from app.core.errors import Gone, NotFound
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.http.idempotency import repeatable
from app.http.problems import language, problem
from app.recordings import playback, queries, renditions, service
from app.recordings.models import Rendition, Segment
from app.recordings.reader import SealedReader
from app.recordings.schemas import PlaybackIn, PlaybackOut, TicketOut
from app.recordings.showing import shown_playback
from app.recordings.tickets import Pass, read_ticket
from tenants.tenancy import tenant_scope

blueprint = APIBlueprint("media", __name__, url_prefix="/api/v1", tag="Recordings")


@blueprint.post("/segments/<segment_id>/playback-tickets")
@allow(*STAFF, "candidate")
@repeatable("each ticket is an audited permission of a few minutes")
@blueprint.output(TicketOut, status_code=201)
def issue_ticket(segment_id: str) -> TicketOut:
    """A short-lived address to play one segment; the viewing is recorded in the audit log."""
    who = caller()
    if who.role == "candidate" and queries.find_owned_segment(segment_id, who.invitation_id) is None:
        raise NotFound("segment_unknown")
    ticket = service.issue_ticket(actor(), segment_id)
    return TicketOut(url=settings().public_base_url.rstrip("/") + ticket.path, expires_at=ticket.expires_at)


@blueprint.post("/takes/<take_id>/playback-tickets")
@allow(*STAFF, "candidate")
@repeatable("each ticket is an audited permission of a few minutes")
@blueprint.input(PlaybackIn)
@blueprint.output(PlaybackOut, status_code=201)
def open_take_playback(take_id: str, json_data: PlaybackIn) -> PlaybackOut:
    """Short-lived addresses to watch a whole take; the view is audited, its renewal as the same view going on."""
    who = caller()
    if who.role == "candidate" and queries.find_owned_take(take_id, who.invitation_id) is None:
        raise NotFound("take_unknown")
    return shown_playback(playback.open_playback(actor(), take_id, renews=json_data.renews), language())


@blueprint.get("/media/<ticket>")
@allow("public")
@blueprint.doc(summary="The recording, whole or by ranges", responses=[200, 206, 304, 404, 410, 416])
def play(ticket: str) -> Response:
    """The plaintext of a segment or a rendition. The ticket is the credential; Range and its conditions are honoured."""
    allowed = read_ticket(ticket)
    with tenant_scope(allowed.tenant_id, read_only=True):
        file, cipher = _file(allowed)
        content_type, etag, length = file.content_type, file.sha256 or file.id, file.length
        reader = SealedReader(ports().recordings, file.store_key, cipher, length)
    response = Response(
        FileWrapper(cast(BinaryIO, reader), CHUNK_BYTES), content_type=content_type, direct_passthrough=True
    )
    response.content_length = length
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=length)
    except RequestedRangeNotSatisfiable:
        refusal = problem("range_not_satisfiable", 416)
        refusal.headers["Content-Range"] = f"bytes */{length}"
        return refusal
    return response


def _file(allowed: Pass) -> tuple[Segment | Rendition, ChunkCipher]:
    """What a ticket opens. Raises Gone ``candidate_erased`` when the file is no more."""
    if allowed.kind == "segment":
        segment = queries.get_segment(allowed.file_id)
        return segment, service.segment_cipher(segment)
    rendition = queries.get_rendition(allowed.file_id)
    if rendition.status != renditions.READY:
        raise Gone("candidate_erased")
    return rendition, renditions.rendition_cipher(rendition)
