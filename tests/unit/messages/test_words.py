"""What messages say: everything a person needs, in their language and clock, fit for SMS and WeChat."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.catalogue import text
from app.core.errors import InvalidInput
from app.messages.words import Reader, compose
from config.settings import ROOT
from tests.factories import TEMPLATES
from workers.jobs.messages import template_data

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WORDS: dict[str, dict[str, Any]] = {
    "invitation": {"starts": "11月20日", "materials": ""},
    "binding_code": {"code": "123456", "linked": False},
    "reminder_day_slot": {},
    "reminder_day_end": {},
    "reminder_hour_slot": {},
    "reminder_hour_end": {},
    "result_advance": {"next_steps": "请预约复试。", "decided_by": "王芳"},
    "result_offer": {"next_steps": "请预约复试。", "decided_by": "王芳"},
    "result_reject": {"next_steps": "欢迎再次投递。", "decided_by": "王芳"},
    "result_pool": {"next_steps": "", "decided_by": "王芳"},
    "survey": {},
}
MAPPINGS = {
    template["purpose"]: template["mapping"]
    for template in json.loads((ROOT / "samples" / "templates.json").read_text(encoding="utf-8"))
}


def reader(language: str = "zh-CN", zone: str = "Asia/Shanghai", **more: str) -> Reader:
    known = {"name": "李明", "company": "晨光科技有限公司", "position": "高级用户增长经理", "token": "t" * 28}
    known |= {"link": "https://weimian.example/i/" + "t" * 28}
    return Reader(language=language, zone=zone, **(known | more))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("key", WORDS)
def test_every_message_says_who_what_when_and_where(key: str, language: str) -> None:
    content = compose(reader(language), key, time=AT, **WORDS[key])
    assert "晨光科技有限公司" in content["body"] and "高级用户增长经理" in content["body"]
    if key != "binding_code":
        assert content["sms"].endswith("/i/" + "t" * 28)
        assert "李明" in content["body"]
        assert content["page"] == "pages/invitation/index?token=" + "t" * 28
    if key.startswith("reminder"):
        assert (
            "20:00" in content["body"]
            and ("北京时间" if language == "zh-CN" else "Beijing time") in content["body"]
        )
    if key.startswith("result"):
        assert "王芳" in content["body"]
    without_link = content["sms"].replace(reader().link, "")
    assert len(without_link) <= (130 if language == "zh-CN" else 290), without_link
    assert "{" not in content["sms"] + content["title"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("key", [key for key in WORDS if key != "binding_code"])
def test_every_message_fits_its_wechat_template(key: str, language: str) -> None:
    purpose = next(purpose for purpose in TEMPLATES if key.startswith(purpose))
    content = compose(reader(language), key, time=AT, **WORDS[key])
    for mapping in (TEMPLATES[purpose][1], MAPPINGS[purpose]):
        data = template_data(mapping, content["fields"])
        assert set(data) == set(mapping.values())
        assert data.get("time3", "2026年11月22日 20:00") == "2026年11月22日 20:00"
    note = content["fields"]["note"]
    assert len(note) <= 20, f"cut on the phone: {note}"


@given(st.text(min_size=1, max_size=80).filter(str.strip), st.text(max_size=3000))
def test_any_words_of_a_company_can_be_sent(name: str, steps: str) -> None:
    content = compose(
        reader(name=name, company=name), "result_offer", time=AT, next_steps=steps, decided_by="王芳"
    )
    assert steps in content["body"]
    assert len(content["sms"]) <= 130 + 2 * len(name) + 60 + len(reader().link)
    try:
        template_data({"company": "thing1", "note": "thing2"}, content["fields"])
    except InvalidInput:
        assert not name.strip("".join(c for c in name if not c.isprintable())).strip()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_status_is_a_phrase_that_wechat_takes(language: str) -> None:
    """A template may show the status as a phrase, which is Chinese whatever the reader's language."""
    home = ROOT / "app" / "core" / "catalogue" / language / "messages.json"
    kinds = json.loads(home.read_text(encoding="utf-8"))["kinds"]
    for kind, words in kinds.items():
        assert template_data({"status": "phrase1"}, words), kind


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", ["backup_link", "delay", "extend", "voice"])
def test_an_sms_says_all_of_what_was_done_to_help(kind: str, language: str) -> None:
    """Its link and its time above all: whoever gets it as an SMS may have no other way in."""
    link = "https://weimian.example/m/#/pages/invitation/index?token=" + "b" * 28
    said = text(
        language,
        f"help.told.{kind}",
        link=link,
        minutes="30",
        hours="24",
        time="Sun 22 Nov, 20:00 (Beijing time)",
    )
    content = compose(reader(language), "help", time=AT, help=said, author="王芳")
    assert said in content["sms"]


def test_an_sms_quotes_a_long_question_in_part() -> None:
    said = text("zh-CN", "help.told.reset", question="请" * 2000)
    content = compose(reader(), "help", time=AT, help=said, author="王芳")
    assert said in content["body"] and len(content["sms"]) < 500


def test_the_clock_is_the_readers() -> None:
    new_york = reader("en", "America/New_York")
    assert new_york.clock(AT) == "Sun 22 Nov, 07:00"
    assert new_york.zone_name(AT) == "GMT-05:00"
    assert reader().clock(AT) == "11月22日（周日）20:00"
    content = compose(new_york, "reminder_hour_end", time=AT)
    assert content["fields"]["time"] == "2026-11-22T07:00:00-05:00"
    assert template_data({"time": "time1"}, content["fields"]) == {"time1": "2026年11月22日 07:00"}


def test_a_template_that_asks_for_what_we_do_not_have_is_refused() -> None:
    with pytest.raises(InvalidInput, match="template_field_invalid"):
        template_data({"salary": "amount1"}, {"note": "x"})
