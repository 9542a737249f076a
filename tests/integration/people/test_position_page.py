"""The web page of a position: what it asks is read there, and who recruits invites somebody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.audits.models import AuditEntry
from app.core.catalogue import languages, text
from app.core.clock import utcnow
from app.invitations.models import Invitation
from tests.factories import RUBRIC, World
from tests.integration.answering import rows
from tests.integration.results.test_pages import cookie, signed_in

PHONE = "13900007777"


def form(client: FlaskClient, **change: str) -> dict[str, str]:
    now = utcnow()
    return {
        "csrf_token": cookie(client, "csrf_access_token"),
        "name": "欧阳 娜娜",
        "phone": PHONE,
        "email": "",
        "window_starts_at": f"{now + timedelta(hours=8):%Y-%m-%dT%H:%M}",
        "window_ends_at": f"{now + timedelta(hours=56):%Y-%m-%dT%H:%M}",
        "materials": "请准备<作品集>",
        **change,
    }


def test_somebody_is_invited_on_the_page(world: World) -> None:
    position = world.add_position(world.acme)
    client, page = signed_in(world), f"/hr/positions/{position}"
    assert page in client.get("/hr/positions").get_data(as_text=True)
    assert text("zh-CN", "positions.nobody") in client.get(page).get_data(as_text=True)
    done = client.post(f"{page}/invitations", data=form(client))
    (invitation,) = rows(world, world.acme, Invitation, Invitation.position_id == position)
    assert (done.status_code, done.location) == (303, f"{page}?invited={invitation.id}#invited")
    assert invitation.window_ends_at - invitation.window_starts_at == timedelta(hours=48)
    assert abs(invitation.window_starts_at - utcnow()) < timedelta(
        minutes=2
    )  # written on the company's clock
    shown = client.get(done.location).get_data(as_text=True)
    for words in ("欧阳 娜娜", text("zh-CN", "positions.sent"), text("zh-CN", "positions.states.sent")):
        assert words in shown
    assert PHONE not in shown and invitation.token in shown
    actions = {entry.action for entry in rows(world, world.acme, AuditEntry)}
    assert {"candidate.added", "invitation.sent"} <= actions

    again = client.post(f"{page}/invitations", data=form(client, materials="请带上电脑"))
    shown = again.get_data(as_text=True)
    assert again.status_code == 409
    assert text("zh-CN", "errors.invitation_exists.title") in shown and "请带上电脑" in shown


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "positions.wrong.name"),
        ({"email": "nobody"}, "positions.wrong.email"),
        ({"window_ends_at": "soon"}, "positions.wrong.window_ends_at"),
        ({"phone": "12"}, "errors.phone_invalid.title"),
        ({"window_ends_at": "2020-01-01T10:00"}, "errors.window_order.title"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(world: World, change: dict[str, str], words: str) -> None:
    position, client = world.add_position(world.acme), signed_in(world)
    answer = client.post(f"/hr/positions/{position}/invitations", data=form(client, **change))
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert text("zh-CN", words) in shown and "请准备&lt;作品集&gt;" in shown
    assert rows(world, world.acme, Invitation) == []
    assert not [one for one in rows(world, world.acme, AuditEntry) if one.action == "candidate.added"]


@pytest.mark.parametrize("language", languages())
def test_whoever_sees_the_position_reads_it_and_only_recruiters_invite(world: World, language: str) -> None:
    position = world.add_position(world.acme)
    invited = world.invite(world.acme, world.add_candidate(world.acme), position)
    page = f"/hr/positions/{position}"
    owner = signed_in(world, "owner")
    shown = owner.get(f"{page}?lang={language}").get_data(as_text=True)
    assert invited["token"] in shown and text(language, "positions.form.submit") in shown
    lead = signed_in(world, "lead")
    shown = lead.get(f"{page}?lang={language}").get_data(as_text=True)
    assert RUBRIC["questions"][0]["text"] in shown
    assert invited["token"] not in shown and text(language, "positions.form.submit") not in shown
    refused = lead.post(f"{page}/invitations", data=form(lead))
    assert refused.status_code == 403
    assert len(rows(world, world.acme, Invitation)) == 1
