"""HR drafts a position in a browser: paste, read, edit, approve; and reads a résumé beside an interview."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.architecture.source import ROOT
from tests.e2e.pages.conftest import Site, Visitor
from tests.factories import PASSWORD, ok
from tests.integration.results.conftest import Results

DESCRIPTIONS = ROOT / "tests" / "data" / "job_descriptions"
RESUME = """某某 男 1992年出生 未婚 电话 13812345678
工作经历
2018.07-至今 杭州某科技公司 后端开发工程师
负责订单中心的微服务改造，使用Spring Cloud拆分为12个服务，接口响应时间降低60%
2014.07-2018.06 某软件公司 Java开发
教育背景
2010.09-2014.06 某某大学 计算机科学与技术 本科
技能：精通Java、Redis"""


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Visitor:
    site.world.staff(site.world.acme, "recruiter")
    visitor = Visitor(chromium, site, viewport={"width": 1280, "height": 900})
    visitor.sign_in("recruiter@acme.example", PASSWORD)
    visitor.page.wait_for_url("**/hr/")
    return visitor


def shoot_everywhere(visitor: Visitor, name: str) -> None:
    """Both widths, both languages; nothing scrolls sideways."""
    page, here = visitor.page, visitor.page.url
    for language in ("en", "zh-CN"):
        page.goto(f"{here}{'&' if '?' in here else '?'}lang={language}")
        for width in (375, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert visitor.fits(), (name, language, width)
            visitor.shoot(f"{name}-{language}-{width}")
    page.goto(here)


def test_hr_pastes_a_description_edits_and_approves(visitor: Visitor, site: Site) -> None:
    page = visitor.page
    page.get_by_role("link", name="岗位", exact=True).click()
    page.get_by_role("link", name="新建岗位").click()
    shoot_everywhere(visitor, "position-new")
    page.fill("[name=text]", "…")
    page.get_by_role("button", name="生成草稿").click()
    expect(page.get_by_role("alert")).to_contain_text("没有可读的文字")
    page.fill("[name=text]", (DESCRIPTIONS / "zh-java.txt").read_text(encoding="utf-8"))
    page.get_by_role("button", name="生成草稿").click()
    expect(page.locator(".ai")).to_have_text("由系统按规则自动生成，未经人工确认")
    expect(page.locator(".flagged")).to_contain_text("985/211")
    shoot_everywhere(visitor, "draft")
    expect(page.locator("[name=title]")).to_have_value("高级Java开发工程师")
    page.fill("[name=c0-weight]", "50")
    expect(page.locator("[data-total]")).to_contain_text("115%")
    page.fill("[name=q0-text]", "请讲一个您自己最满意的系统。")
    page.get_by_role("button", name="批准并创建岗位").click()
    expect(page.get_by_role("alert")).to_contain_text("权重合计为 115%")
    visitor.shoot("draft-problem")
    expect(page.locator("[name=q0-text]")).to_have_value("请讲一个您自己最满意的系统。")
    page.get_by_role("button", name="按比例凑成 100%").click()
    expect(page.get_by_role("status")).to_have_text("已保存。")
    page.get_by_role("button", name="批准并创建岗位").click()
    expect(page.get_by_role("status")).to_contain_text("岗位已创建")
    shoot_everywhere(visitor, "positions")
    headers = site.world.staff(site.world.acme, "recruiter")
    (made,) = ok(site.world.client.get("/api/v1/positions", headers=headers))["items"]
    rubric: dict[str, Any] = made["rubric"]
    assert rubric["questions"][0]["text"] == "请讲一个您自己最满意的系统。"
    assert sum(one["weight"] for one in rubric["competencies"]) == 10_000
    assert "985" not in made["description"]
    assert [text for text in visitor.complaints if "422" not in text] == []


def test_hr_reads_a_resume_beside_an_interview(visitor: Visitor, results: Results) -> None:
    world, page = results.world, visitor.page
    headers = world.staff(world.acme, "recruiter")
    text = (DESCRIPTIONS / "zh-java.txt").read_text(encoding="utf-8")
    draft = world.create("/api/v1/drafts", {"text": text}, headers)
    position = world.create(f"/api/v1/drafts/{draft['id']}/approval", {}, headers)["position_id"]
    finished = results.interview(position, name="李明")
    page.goto(f"/hr/interviews/{finished.id}")
    page.get_by_role("link", name="简历预评估").click()
    shoot_everywhere(visitor, "resume")
    page.fill("[name=resume]", RESUME)
    page.get_by_role("button", name="对照岗位").click()
    expect(page.locator("[name=question-0]")).to_contain_text("微服务项目中遇到的最大挑战")
    expect(page.locator("main")).not_to_contain_text("未婚")
    shoot_everywhere(visitor, "preassessment")
    page.fill("[name=question-1]", "")
    page.get_by_role("button", name="确认这些问题").click()
    expect(page.locator(".ai.approved")).to_contain_text("recruiter 李")
    assert visitor.complaints == []
