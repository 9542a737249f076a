"""Every page on a desktop and on a phone, in both languages: nothing sticks out, nothing is refused by the policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from app.core.database import db
from app.core.ids import new_id
from app.messages.models import Message
from tenants.tenancy import tenant_transaction
from tests.e2e.pages.conftest import Site, Visitor
from tests.factories import PASSWORD
from tests.integration.results.conftest import RUBRIC, Results, told
from tests.unit.scoring import builders

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}


@pytest.fixture
def story(results: Results, site: Site) -> dict[str, str]:
    """A company in the middle of its work: interviews in every state, an open invitation."""
    world = site.world
    position = results.position()
    decided = results.scored(results.interview(position, name="王芳"))
    third = results.scored(results.interview(position, name="Alexandra Featherstonehaugh-Cholmondeley"))
    mixed = results.scored(
        results.interview(position, name="李明"),
        {
            "difficulty": told(builders.STORY),
            "team": [builders.media(), builders.speech(builders.THIN, confidence=0.3)],
        },
    )
    world.client.post(
        f"/api/v1/interviews/{decided.id}/decision",
        json={"outcome": "advance", "reason": "案例具体，数据清楚"},
        headers=world.staff(world.acme, "recruiter"),
    )
    unscored = results.interview(position, name="孙丽")
    world.client.post(
        f"/api/v1/interviews/{unscored.id}/decision",
        json={"outcome": "pool", "reason": "现场已经聊过"},
        headers=world.staff(world.acme, "recruiter"),
    )
    revised = {**RUBRIC, "competencies": [{**c, "weight": 5000} for c in RUBRIC["competencies"]]}
    path = f"/api/v1/positions/{position}/rubric"
    world.client.put(path, json={"rubric": revised}, headers=world.staff(world.acme, "recruiter"))
    context = {
        "question_id": "team",
        "network": "4g",
        "device": "iPhone 12 · iOS 18.1 · WeChat 8.0.50",
        "error": "upload_stalled",
    }
    problem = {"body": "录到一半网络断了，还能继续吗？\n我在地铁上。", "context": context}
    for made in (mixed, third):
        world.client.post("/api/v1/candidate/thread", json=problem, headers=made.candidate())
    appeal = {"reason": "第二题录音有杂音，识别的内容和我说的不一样，请人工复核。"}
    for made in (decided, third):
        world.client.post("/api/v1/candidate/appeal", json=appeal, headers=made.candidate())
    withdrawn = results.scored(results.interview(position, name="刘洋"))
    refusal = {"modality": "recording", "granted": False, "text_version": "1"}
    world.client.post("/api/v1/candidate/consents", json=refusal, headers=withdrawn.candidate())
    pending = results.interview(position, name="赵强")
    results.interview(position, name="陈晨", status="in_progress")
    invitation = world.invite(
        world.acme,
        world.add_candidate(world.acme, name="周舟"),
        world.add_position(world.acme, "高级客户经理（华东）"),
        materials="请准备10分钟的项目PPT。\n并带上一个失败的案例。",
    )
    with world.app.app_context(), tenant_transaction(world.acme.id):
        for message in db.session.scalars(select(Message).where(Message.invitation_id == invitation["id"])):
            message.status, message.reason = "uncertain", "no_answer"
    return {
        "decided": decided.id,
        "scored": mixed.id,
        "third": third.id,
        "pending": pending.id,
        "unscored": unscored.id,
        "withdrawn": withdrawn.id,
        "token": invitation["token"],
        "position": position,
    }


@pytest.mark.parametrize(
    ("size", "language", "scheme"),
    [
        ("desktop", "zh-CN", "light"),
        ("phone", "en", "dark"),  # the longest words on the narrowest page
        *(
            pytest.param(*look, marks=pytest.mark.full)
            for look in (
                ("desktop", "en", "light"),
                ("desktop", "zh-CN", "dark"),
                ("phone", "zh-CN", "light"),
                ("phone", "en", "light"),
            )
        ),
    ],
)
def test_pages_fit(
    chromium: Browser, site: Site, story: dict[str, str], language: str, size: str, scheme: str
) -> None:
    visitor = Visitor(chromium, site, viewport=SIZES[size], locale=language, color_scheme=scheme)
    name = f"{size}-{language}-{scheme}"
    seen = {
        "front": "/",
        "invitation": f"/i/{story['token']}",
        "unknown": f"/i/{'x' * 28}",
        "sign-in": "/hr/sign-in",
    }
    for page, path in seen.items():
        visitor.page.goto(path)
        assert visitor.fits(), (page, name)
        visitor.shoot(f"{page}-{name}")
    visitor.sign_in(site.world.acme.owner_email, "wrong password")
    visitor.page.wait_for_selector(".refusal")
    visitor.shoot(f"refused-{name}")
    visitor.complaints.clear()
    visitor.sign_in(site.world.acme.owner_email, PASSWORD)
    visitor.page.wait_for_url("**/hr/")
    for page, path in {
        "list": "/hr/",
        "none": "/hr/?status=finished",
        "pending": f"/hr/interviews/{story['pending']}",
        "scored": f"/hr/interviews/{story['scored']}",
        "decided": f"/hr/interviews/{story['decided']}?decided=1",
        "unscored": f"/hr/interviews/{story['unscored']}",
        "withdrawn": f"/hr/interviews/{story['withdrawn']}",
        "versions": f"/hr/interviews/{story['scored']}/score-diff?version=2",
        "waiting": "/hr/waiting",
        "positions": "/hr/positions",
        "position": f"/hr/positions/{story['position']}",
        "people": f"/hr/positions/{story['position']}/people",
        "phone": "/hr/phone",
        "faq": "/hr/faq",
        "settings": "/hr/settings",
        "password": "/hr/password",
        "colleagues": "/hr/colleagues",
        "missing": f"/hr/interviews/{new_id()}",
    }.items():
        visitor.page.goto(path)
        assert visitor.fits(), (page, name)
        visitor.shoot(f"{page}-{name}")
    assert not [c for c in visitor.complaints if not re.search("status of 40[14]", c)]
    visitor.close()
