"""The demo's working day, in full: everybody ends up in the state that their row names."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples.day import Day, load_day
from samples.demo import OPERATOR_EMAIL, SHARED
from samples.journey import PASSWORD, Journey, Places, Platform, load_company, open_recruiting, sign_in
from workers.supervisor import Stack

STATUS = {
    "王一": "sent",
    "陈二": "bound",
    "张三": "started",
    "赵四": "started",
    "何十一": "started",
    "林十四": "declined",
}


def test_the_day_names_everybody_once() -> None:
    people = load_day()["people"]
    assert len(people) >= 12
    assert len({one["phone"] for one in people}) == len({one["name"] for one in people}) == len(people)
    assert all(one["name"].endswith("（样例）") for one in people), "nobody takes them for real people"


@pytest.mark.full
@pytest.mark.stack
@pytest.mark.models
def test_a_working_day_fills_in(tmp_path: Path) -> None:
    environment = {"PROFILE": "embedded", "DATA_DIR": str(tmp_path)}
    environment |= {"OPERATOR_EMAIL": OPERATOR_EMAIL, "OPERATOR_PASSWORD": PASSWORD}
    with Stack(environment, with_sandbox=True) as stack:
        places = Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)
        platform, company = Platform(places), load_company()
        platform.register(SHARED)
        _, slug = platform.open_company(company)
        first = Journey(places, SHARED, open_recruiting(places, company, slug), company, company["candidate"])
        first.create_position()
        day = Day(first, slug, lambda _line: None)
        people = {one.name.removesuffix("（样例）"): one.journey for one in day.fill()}
        hr = first.hr
        invitations = {one["id"]: one["status"] for one in hr.get("/invitations?limit=100")["items"]}
        for name, status in STATUS.items():
            assert invitations[people[name].seen["invitation"]["id"]] == status, name

        reports = {name: people[name].await_report() for name in ("冯九", "孙六", "吴七", "郑八", "刘五")}
        points = {name: one["total"]["points"] for name, one in reports.items()}
        assert float(points["孙六"]) > float(points["吴七"])
        assert points["郑八"] is None, "nobody can score what was not understood"
        decided = {
            name: hr.get(f"/interviews/{people[name].interview_id}")["status"] for name in ("许十二", "杨十")
        }
        assert set(decided.values()) == {"decided"}
        (appeal,) = hr.get("/appeals")["items"]
        assert appeal["interview_id"] == people["许十二"].interview_id
        (share,) = hr.get(f"/interviews/{people['马十三'].interview_id}/shares")["items"]
        assert (share["status"], share["link"]) == ("sent", day.share_link)
        (thread,) = hr.get("/threads?status=waiting")["items"]
        assert thread["invitation_id"] == people["何十一"].seen["invitation"]["id"]
        assert hr.get(f"/candidates/{people['黄十五'].seen['candidate_id']}")["name"] is None
        near = people["赵四"].seen["invitation"]["id"]
        (ending,) = hr.get("/alerts?kind=invitation")["items"]
        assert ending["invitation_id"] == near, "the company hears of a deadline that is near already"
        interviewer = sign_in(places, slug, "interviewer@sunrise.example")
        assert [one["title"] for one in interviewer.get("/positions")["items"]] == ["社群运营专员"]
