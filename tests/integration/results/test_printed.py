"""Reports on paper through their doors: who gets them, what stands in them, what is audited."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from app.audits.models import AuditEntry
from app.core.database import db
from app.core.errors import Unavailable
from app.policies.models import Policy
from app.reports.render import pdf
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import ok, refused
from tests.integration.results.conftest import Finished, Results
from tests.integration.results.test_pages import signed_in

try:
    pdf._library()
except Unavailable:
    pytest.skip("Pango is not installed: bin/setup installs it", allow_module_level=True)


def words_of(answer: Any) -> str:
    assert (answer.status_code, answer.content_type) == (200, "application/pdf"), answer.get_data()[:300]
    pages = PdfReader(io.BytesIO(answer.get_data())).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def printed(finished: Finished) -> list[tuple[str, str]]:
    """(kind of viewer, audience) of every print of this interview's report."""
    with finished.world.app.app_context(), tenant_scope(finished.company.id):
        entries = db.session.scalars(
            select(AuditEntry).where(
                AuditEntry.action == "report.viewed", AuditEntry.entity_id == finished.id
            )
        )
        return [
            (entry.actor_kind, entry.detail["audience"]) for entry in entries if entry.detail["form"] == "pdf"
        ]


def test_hr_and_the_candidate_print_what_they_may_read(results: Results) -> None:
    position = results.position()
    finished = [results.scored(results.interview(position)) for _ in range(5)][-1]
    world = results.world
    path = f"/api/v1/interviews/{finished.id}/report.pdf"
    headers = world.colleague(world.acme, "interviewer")
    name = ok(world.client.get("/api/v1/me", headers=headers))["name"]
    report = ok(world.client.get(f"/api/v1/interviews/{finished.id}/report", headers=headers))
    answer = world.client.get(f"{path}?lang=en", headers=headers)
    words = words_of(answer)
    assert "Wherethepointscomefrom" in words or "Whereeverypointcomesfrom" in words
    assert report["total"]["points"] in words and "(n=5)" in words and f"For{name.replace(' ', '')}" in words
    assert answer.headers["Cache-Control"] == "no-store"
    assert "filename=" in answer.headers["Content-Disposition"] and "李明" not in str(answer.headers)
    own = words_of(world.client.get("/api/v1/candidate/report.pdf?lang=zh-CN", headers=finished.candidate()))
    assert report["total"]["points"] in own and "供李明阅读" in own
    assert "岗位平均" not in own and "n=5" not in own and report["receipt_sha256"] not in own
    assert printed(finished) == [("user", "hr"), ("candidate", "candidate")]


def test_nobody_prints_what_they_may_not_read(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    world = results.world
    path = f"/api/v1/interviews/{finished.id}/report.pdf"
    refused(world.client.get(path), 401, "not_authenticated")
    refused(world.client.get(path, headers=finished.candidate()), 403, "role_not_allowed")
    refused(world.client.get(path, headers=world.staff(world.globex, "owner")), 404, "interview_unknown")
    with world.app.app_context(), tenant_transaction(finished.company.id):
        db.session.execute(update(Policy).values(candidate_sees_report=False))
    refused(
        world.client.get("/api/v1/candidate/report.pdf", headers=finished.candidate()),
        403,
        "report_not_shared",
    )
    unscored = results.interview(results.position())
    answer = world.client.get(
        f"/api/v1/interviews/{unscored.id}/report.pdf", headers=world.staff(world.acme, "owner")
    )
    refused(answer, 409, "report_not_ready")
    assert printed(finished) == printed(unscored) == []


def test_the_page_has_a_button_and_a_server_without_pango_says_so(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = results.scored(results.interview(results.position()))
    client = signed_in(results.world)
    page = client.get(f"/hr/interviews/{finished.id}").get_data(as_text=True)
    link = f"/hr/interviews/{finished.id}/report.pdf"
    assert f'href="{link}"' in page
    assert client.get(link).get_data().startswith(b"%PDF-")

    def absent() -> Any:
        raise Unavailable("pdf_unavailable")

    monkeypatch.setattr(pdf, "_library", absent)
    shown = client.get(link)
    assert (shown.status_code, "Pango" in shown.get_data(as_text=True)) == (503, True)
    answer = results.world.client.get(
        f"/api/v1{link[3:]}", headers=results.world.colleague(results.world.acme, "lead")
    )
    assert "libpango" in refused(answer, 503, "pdf_unavailable")["next"]
