"""A candidate who was invited and opened the invitation in WeChat, with the sandbox's phone in hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import requests
import time_machine

from app.ports import WeChatIdentity
from tenants.wechat.ledger import remaining_consents
from tests.factories import APP, TEMPLATES, Headers, World, ok
from tests.integration.wechat.sandbox_client import Sandbox, Someone

DELIVER = "deliver_message"


@dataclass
class Invited:
    """One candidate's invitation in one company, and the person who received it."""

    world: World
    sandbox: Sandbox
    person: Someone
    invitation: dict[str, Any]
    me: Headers

    @property
    def hr(self) -> Headers:
        """A recruiter of the company."""
        return self.world.staff(self.world.acme, "recruiter")

    def allow(self, purpose: str, times: int = 1) -> None:
        """The person taps "allow" and the mini-program reports it."""
        template_id = TEMPLATES[purpose][0]
        for number in range(times):
            answer = self.person.act("subscriptions", APP, template_ids=[template_id], accept=True)
            body = {"results": {template_id: answer[template_id]}, "request_id": f"{purpose}-{number}"}
            ok(self.world.client.put("/api/v1/candidate/subscriptions", json=body, headers=self.me))

    def remaining(self, purpose: str) -> int:
        """What our ledger says may still be sent."""
        with self.world.app.app_context():
            identity = WeChatIdentity(APP.app_id, self.person.openid(APP))
            return remaining_consents(identity).get(TEMPLATES[purpose][0], 0)

    def book(self, slot: datetime) -> None:
        """The candidate books a slot."""
        body = {"slot_at": slot.isoformat()}
        ok(self.world.client.put("/api/v1/candidate/slot", json=body, headers=self.me))

    def messages(self, kind: str, language: str = "zh-CN") -> list[dict[str, Any]]:
        """This invitation's messages of a kind as HR sees them, oldest first; without the rescheduled ones."""
        path = f"/api/v1/messages?limit=100&invitation_id={self.invitation['id']}"
        answer = ok(self.world.client.get(path, headers={**self.hr, "Accept-Language": language}))
        found = [message for message in reversed(answer["items"]) if message["kind"] == kind]
        return [m for m in found if not (m["reason"] and m["reason"]["code"] == "rescheduled")]

    def received(self, channel: str, words: str = "") -> list[dict[str, Any]]:
        """What arrived on the phone by a channel, holding these words."""
        return [m for m in self.person.inbox() if m["channel"] == channel and words in str(m)]

    def deliver(self, moment: datetime) -> None:
        """Let time come to ``moment`` and do what is due, and what becomes due by that."""
        with time_machine.travel(moment):
            for _ in range(4):
                self.world.perform(DELIVER)


@pytest.fixture
def invited(either_world: World, sandbox: Sandbox) -> Iterator[Invited]:
    """Invited for five days, bound; the invitation and the way in have been delivered."""
    sandbox_faults_gone(sandbox)
    person = sandbox.new_person()
    company = either_world.acme
    candidate, position = (
        either_world.add_candidate(company, person.phone),
        either_world.add_position(company),
    )
    invitation = either_world.invite(company, candidate, position, hours=120)
    either_world.perform(DELIVER)
    me = either_world.accept(invitation, person)
    yield Invited(either_world, sandbox, person, invitation, me)
    sandbox_faults_gone(sandbox)


def sandbox_faults_gone(sandbox: Sandbox) -> None:
    """No scripted fault is left for the next test."""
    requests.delete(f"{sandbox.url}/sandbox/faults", timeout=5).raise_for_status()
