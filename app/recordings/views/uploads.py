"""Resumable uploads: tus 1.0 with creation, checksum, termination and expiration."""

from __future__ import annotations

from functools import partial

from apiflask import APIBlueprint
from flask import Response, g, request

from app.core.context import settings
from app.core.errors import Conflict, NotFound, RetryableError
from app.http.callers import allow, caller
from app.http.idempotency import repeatable
from app.http.problems import problem
from app.interviews.service import require_recording_consent
from app.invitations.access import current_invitation
from app.recordings import queries, service, tus, uploads
from app.recordings.body import RequestBody
from app.recordings.errors import UploadRefused, refused_at
from app.recordings.uploads import Hold, Upload
from tenants.tenancy import tenant_scope, tenant_transaction

_DRAIN_BYTES = 16 * 1024 * 1024
_STORE_STATUS = {"disk_full": 507, "append_conflict": 409}
_STORE_CODE = {"append_conflict": "upload_offset_mismatch"}
blueprint = APIBlueprint("uploads", __name__, url_prefix="/api/v1/uploads", tag="Uploads")


@blueprint.before_request
def _take_body() -> None:
    g.upload_body = RequestBody(request.environ)


@blueprint.after_request
def _finish(response: Response) -> Response:
    """Every answer speaks tus, and no body stays unread."""
    response.headers["Tus-Resumable"] = tus.VERSION
    response.headers.setdefault("Cache-Control", "no-store")
    if "upload_body" in g:
        g.upload_body.drain(_DRAIN_BYTES)
    return response


@blueprint.errorhandler(UploadRefused)
def _refused(error: UploadRefused) -> Response:
    response = problem(error.code, error.status, params=error.params)
    response.headers.update(error.headers)
    return response


@blueprint.route("", methods=["OPTIONS"], provide_automatic_options=False)
@allow("public")
@blueprint.doc(summary="What this tus server can do", responses=[204])
def describe() -> Response:
    """Version, extensions, the largest size and the checksum algorithms (tus)."""
    return Response(status=204, headers=tus.capabilities(settings().upload_max_bytes))


@blueprint.route("", methods=["POST"], provide_automatic_options=False)
@allow("candidate", transaction=False)
@repeatable("the same take, number, length and type is the same upload")
@blueprint.doc(summary="Begin the upload of a segment (tus creation)", responses=[201, 409, 413, 415])
def create_upload() -> Response:
    """Headers: Upload-Length; Upload-Metadata with take_id, number, starts_at_ms and filetype.

    Repeating it for the same take, number, length and type answers with the same Location.
    """
    tus.check_version(request.headers)
    wanted = tus.parse_creation(request.headers, settings().upload_max_bytes)
    with tenant_transaction(_tenant_id()):
        invitation = current_invitation(late=True)
        take = queries.find_owned_take(wanted.take_id, invitation.id)
        if take is None:
            raise NotFound("take_unknown")
        require_recording_consent(invitation)
        segment = service.create_segment(
            take,
            number=wanted.number,
            starts_at_ms=wanted.starts_at_ms,
            content_type=wanted.content_type,
            length=wanted.length,
        )
        headers = {
            "Location": f"{blueprint.url_prefix}/{segment.id}",
            "Upload-Expires": tus.expiry(segment.expires_at),
        }
    return Response(status=201, headers=headers)


@blueprint.route("/<upload_id>", methods=["HEAD"])
@allow("candidate", transaction=False)
def show_upload(upload_id: str) -> Response:
    """How far an upload is (tus): Upload-Offset and Upload-Length."""
    tus.check_version(request.headers)
    upload = _find(upload_id)
    # A server that died between the last byte and its verification left this to whoever asks next.
    offset = uploads.settle(upload)
    response = _progress(upload, offset, 200)
    response.headers["Upload-Length"] = str(upload.length)
    return response


@blueprint.patch("/<upload_id>")
@allow("candidate", transaction=False)
@blueprint.doc(
    summary="Send the next bytes of a segment (tus)", responses=[204, 400, 409, 413, 415, 423, 460, 507]
)
def continue_upload(upload_id: str) -> Response:
    """Headers: Upload-Offset, Content-Length, optionally Upload-Checksum; the body is the bytes.

    The offset advances by whole chunks of 256 KiB and the end. When the connection breaks, whole chunks are kept.
    """
    tus.check_version(request.headers)
    offset, checksum = tus.parse_offset(request.headers), tus.parse_checksum(request.headers)
    body: RequestBody = g.upload_body
    if body.declared is None:
        raise UploadRefused("upload_content_length_missing", 411)
    with tenant_scope(_tenant_id(), read_only=True):
        upload = uploads.find_upload_here(_tenant_id(), upload_id, caller().invitation_id)
        if not upload.is_complete and not upload.take_is_open:
            raise Conflict("take_closed")
        require_recording_consent(current_invitation(even_closed=True))
    if upload.is_complete or uploads.offset_of(upload) == upload.length:
        _check_body(upload, offset, upload.length, body.declared)
        return _progress(upload, uploads.settle(upload), 204)
    with uploads.hold(upload, at_once=False) as held:
        _check_body(upload, offset, uploads.offset_of(upload), body.declared)
        receive = partial(_receive_checked, checksum=checksum) if checksum else _receive
        reached = receive(held, offset, body)
    return _progress(upload, uploads.settle(upload) if reached == upload.length else reached, 204)


@blueprint.delete("/<upload_id>")
@allow("candidate", transaction=False)
@blueprint.doc(summary="Give up an unfinished upload (tus termination)", responses=[204, 409, 423])
def terminate_upload(upload_id: str) -> Response:
    """Its bytes are removed. A complete recording stays: 409."""
    tus.check_version(request.headers)
    upload = _find(upload_id)
    if upload.is_complete or not uploads.remove(upload, service.TERMINATED):
        raise Conflict("upload_is_complete")
    return Response(status=204)


@blueprint.post("/<upload_id>")
@allow("candidate", transaction=False)
@blueprint.doc(summary="PATCH, DELETE or HEAD for clients that cannot send them", responses=[200, 204, 405])
def override_method(upload_id: str) -> Response:
    """The header X-HTTP-Method-Override names the method (WeChat's wx.request has no PATCH)."""
    views = {"PATCH": continue_upload, "DELETE": terminate_upload, "HEAD": show_upload}
    view = views.get(request.headers.get("X-HTTP-Method-Override", "").upper())
    if view is None:
        raise UploadRefused("method_not_allowed", 405, headers={"Allow": "HEAD, PATCH, DELETE"})
    return view.__wrapped__(upload_id)  # type: ignore[attr-defined]


def _tenant_id() -> str:
    tenant_id = caller().tenant_id
    assert tenant_id is not None
    return tenant_id


def _find(upload_id: str) -> Upload:
    return uploads.find_upload(_tenant_id(), upload_id, caller().invitation_id)


def _check_body(upload: Upload, offset: int, present: int, declared: int) -> None:
    """Refuse what begins elsewhere, is too long, or too short ever to advance."""
    if offset != present:
        raise refused_at("upload_offset_mismatch", 409, uploads.durable_offset(upload))
    if declared > upload.length - offset:
        raise refused_at("upload_body_too_long", 413, uploads.durable_offset(upload))
    least = tus.least_body(offset, upload.length)
    if declared < least:
        raise refused_at("upload_chunk_too_small", 400, uploads.durable_offset(upload), bytes=least)


def _receive(held: Hold, offset: int, body: RequestBody) -> int:
    try:
        return uploads.receive(held, offset, body.read_exactly)
    except RetryableError as error:
        if error.reason == "append_conflict":
            reached = uploads.durable_offset(held.upload)
        else:
            reached = offset if held.offset is None else held.offset
        code = _STORE_CODE.get(error.reason, error.reason)
        raise refused_at(code, _STORE_STATUS.get(error.reason, 503), reached) from error


def _receive_checked(held: Hold, offset: int, body: RequestBody, checksum: tus.Checksum) -> int:
    """Nothing of a body is kept before the whole of it is verified, so it has to fit into memory."""
    if (body.declared or 0) > tus.CHECKSUM_MAX_BYTES:
        limit = tus.CHECKSUM_MAX_BYTES
        raise refused_at("upload_checksum_too_large", 413, offset, megabytes=limit >> 20)
    whole = body.read_exactly(body.declared or 0)
    if len(whole) != body.declared or not checksum.matches(whole):
        raise refused_at("upload_checksum_mismatch", 460, offset)
    return _receive(held, offset, RequestBody.of(whole))


def _progress(upload: Upload, offset: int, status: int) -> Response:
    response = Response(status=status, headers={"Upload-Offset": str(offset)})
    if offset < upload.length:
        response.headers["Upload-Expires"] = tus.expiry(upload.expires_at)
    return response
