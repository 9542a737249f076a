"""What candidates write passes WeChat's own check before the company gets it (P4), where WeChat knows them.

Only a text that WeChat calls risky is refused. When it is not sure, or nobody answers, the text is taken: a candidate in
need is never silenced by an outage or a doubt, and the company that reads it is the one it was written to. Either is noted
in the audit log, by reason and number, never by words.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.audits.service import Actor, record
from app.core.context import ports
from app.core.errors import InvalidInput, NotFound, OutsideError
from app.ports import WeChatApp, WordsScene, WordsVerdict
from tenants.tenancy import tenant_transaction
from tenants.wechat.apps import MINI_PROGRAM, get_app
from tenants.wechat.identities import get_identity


def check_words(
    actor: Actor,
    words: Sequence[str],
    *,
    tenant_id: str,
    invitation_id: str,
    identity_id: str,
    scene: WordsScene = "comment",
) -> None:
    """Ask WeChat about words that are about to be kept; no transaction may be open.

    Raises InvalidInput ``words_refused``.
    """
    said = "\n".join(part.strip() for part in words if part.strip())
    known = _known(identity_id)
    if not said or known is None:
        return
    app, openid = known
    try:
        verdict = ports().wechat.check_words(app, openid, said, scene=scene)
    except OutsideError as error:
        note, detail = "words.not_checked", {"reason": error.reason}
    else:
        if verdict.suggestion == "pass":
            return
        note, detail = _note(verdict), {"label": str(verdict.label)}
    with tenant_transaction(tenant_id):
        record(actor, note, "invitation", invitation_id, **detail)
    if note == "words.refused":
        raise InvalidInput("words_refused")


def _note(verdict: WordsVerdict) -> str:
    return "words.refused" if verdict.suggestion == "risky" else "words.doubtful"


def _known(identity_id: str) -> tuple[WeChatApp, str] | None:
    """Whom WeChat knows by which app; it is asked about people of mini-programs only."""
    try:
        identity = get_identity(identity_id)
        app = get_app(identity.app_id)
    except NotFound:
        return None
    return (app.app, identity.openid) if app.kind == MINI_PROGRAM else None
