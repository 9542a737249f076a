"""The page in a real browser, under the policy it is served with: evidence seeks, styles and script are allowed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.reports.render import render_report_html
from tests.unit.reports.test_report import report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
RECORDING = Path(__file__).parents[3] / "samples" / "recordings" / "growth.mp4"
POLICY = "default-src 'none'; style-src 'nonce-N'; script-src 'nonce-N'; media-src file:"
PROBE = """<script nonce="N">
setTimeout(function () {
  var chip = document.querySelector('.transcript li:nth-child(2) [data-take]');
  chip.click();
  setTimeout(function () {
    var player = document.querySelector('video');
    document.title = 'asked ' + chip.dataset.ms + ' at ' + Math.round(player.currentTime * 1000)
      + ' ground ' + getComputedStyle(document.body).backgroundColor
      + ' wide ' + (document.documentElement.scrollWidth - window.innerWidth);
  }, 1000);
}, 1000);
</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_click_on_evidence_seeks_the_recording(tmp_path: Path) -> None:
    shown = render_report_html(report(), media_urls={"take-answer-difficulty": RECORDING.as_uri()}, nonce="N")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    target = tmp_path / "report.html"
    target.write_text(shown.replace("<head>", "<head>" + policy).replace("</body>", PROBE), encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--allow-file-access-from-files",
            "--autoplay-policy=no-user-gesture-required",
            "--virtual-time-budget=8000",
            "--window-size=500,900",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            target.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    title = re.search(r"<title>asked (\d+) at (\d+) ground (\S+ \S+ \S+) wide (-?\d+)</title>", done.stdout)
    assert title is not None, done.stderr[-2000:]
    asked, reached, ground, wide = title.groups()
    assert int(asked) > 1000 and int(asked) <= int(reached) <= int(asked) + 2000
    assert ground == "rgb(245, 246, 247)", "the inline style was allowed"
    assert int(wide) <= 0, "nothing sticks out sideways on a phone"
