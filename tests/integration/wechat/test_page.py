"""The inbox page in a real browser: a person's messages are drawn as text, whatever they hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.integration.wechat.sandbox_client import PAGES, REMINDED, Sandbox

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ATTACK = "<img src=x onerror=a>"


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: bin/setup installs it")
def test_the_page_shows_cards_and_texts(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        app = sandbox.register_app(name="微面", page_url_prefix="http://127.0.0.1:8000/m/")
        person = sandbox.new_person(ATTACK)
        person.consent(app, 1, REMINDED)
        body = {"grant_type": "client_credential", "appid": app.app_id, "secret": app.secret}
        token = requests.post(f"{sandbox.url}/cgi-bin/stable_token", json=body, timeout=5).json()[
            "access_token"
        ]
        sent = requests.post(
            f"{sandbox.url}/cgi-bin/message/subscribe/send",
            params={"access_token": token},
            json={
                "touser": person.openid(app),
                "template_id": REMINDED,
                "page": f"{PAGES[0]}?i=1",
                "data": {"thing1": {"value": "<b>销售经理</b>"}},
            },
            timeout=5,
        )
        assert sent.json()["errcode"] == 0
        sandbox.post("sms", phone=person.phone, body=f"请打开 http://127.0.0.1/i/x {ATTACK}", reference="r")
        command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu"]
        command += [f"--user-data-dir={tmp_path}", "--virtual-time-budget=2000", "--dump-dom"]
        dom = subprocess.run(
            [*command, f"{sandbox.url}/?lang=zh-CN"], capture_output=True, text=True, timeout=60, check=True
        ).stdout
    assert "<dd>&lt;b&gt;销售经理&lt;/b&gt;</dd>" in dom
    assert "<dt>应聘岗位</dt>" in dom
    assert f'href="http://127.0.0.1:8000/m/{PAGES[0]}?i=1"' in dom
    assert 'href="http://127.0.0.1/i/x#person=' in dom  # whose phone it is opened on
    assert "2 条消息" in dom
    assert not re.search(r"<img", dom)
