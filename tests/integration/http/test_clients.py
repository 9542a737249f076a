"""The candidate's pages at /m/: what is kept by browsers, what they may load, and what is said when they are not built."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from app.clients import files, views
from app.clients.spec import client_spec
from tests.factories import World


@pytest.fixture
def built(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    build = tmp_path / "h5"
    (build / "assets").mkdir(parents=True)
    (build / "index.html").write_text("<!doctype html><title>x</title>")
    (build / "assets" / "index-abc.js").write_text("export const a = 1")
    (build / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(b"export const a = 1"))
    (tmp_path / "secret.txt").write_text("secret")
    for module in (files, views):
        monkeypatch.setattr(module, "BUILD", build)
    return world


def test_the_page_is_asked_for_each_time_and_loads_nothing_from_elsewhere(built: World) -> None:
    answer = built.client.get("/m/?person=1")
    assert answer.status_code == 200 and answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "no-cache" and answer.headers["ETag"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    again = built.client.get("/m/", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_scripts_are_kept_for_good_and_sent_small(built: World) -> None:
    plain = built.client.get("/m/assets/index-abc.js")
    small = built.client.get("/m/assets/index-abc.js", headers={"Accept-Encoding": "gzip, br"})
    refused = built.client.get("/m/assets/index-abc.js", headers={"Accept-Encoding": "gzip;q=0"})
    assert "immutable" in plain.headers["Cache-Control"]
    assert plain.mimetype == small.mimetype == "text/javascript"
    assert gzip.decompress(small.data) == plain.data == refused.data
    assert small.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert small.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "name",
    [
        "../../secret.txt",
        "..%2f..%2fsecret.txt",
        "missing.js",
        "%2e%2e/%2e%2e/secret.txt",
        "%00.js",
        "a" * 300,
    ],
)
def test_nothing_outside_the_build_is_served(built: World, name: str) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        answer = built.client.get(f"/m/assets/{name}", headers=headers)
        assert answer.status_code == 404
        assert b"secret" not in answer.data


def test_a_page_that_is_not_built_says_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (files, views):
        monkeypatch.setattr(module, "BUILD", tmp_path)
    for language, words in (("en", "not built"), ("zh-CN", "尚未构建")):
        answer = world.client.get("/m/", headers={"Accept-Language": language})
        assert answer.status_code == 503
        assert words in answer.get_data(as_text=True)


def test_only_outside_production_is_the_sandbox_named(built: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = built.app.extensions["settings"].wechat_api_base_url
    assert built.client.get("/m/config.json").json == {"sandbox": sandbox, "sample": True}
    assert sandbox in built.client.get("/m/").headers["Content-Security-Policy"]
    production = built.app.extensions["settings"].model_copy(update={"profile": "production"})
    monkeypatch.setitem(built.app.extensions, "settings", production)
    assert built.client.get("/m/config.json").json["sandbox"] is None
    assert sandbox not in built.client.get("/m/").headers["Content-Security-Policy"]


def test_the_probe_cannot_be_compressed_or_kept(built: World) -> None:
    first, second = (built.client.get("/m/probe") for _ in range(2))
    assert len(first.data) == 256 * 1024 and first.data != second.data
    assert first.headers["Cache-Control"] == "no-store"


def test_the_clients_types_come_from_what_candidates_and_hr_use(world: World) -> None:
    with world.app.app_context():
        spec = client_spec(world.app.spec)  # type: ignore[arg-type]
    assert "/api/v1/candidate/interview" in spec["paths"] and "/api/v1/positions" in spec["paths"]
    assert not [path for path in spec["paths"] if path.startswith("/api/v1/operator")]
    assert "PositionIn" in spec["components"]["schemas"]
    assert "TenantIn" not in spec["components"]["schemas"]


def test_a_post_that_means_patch_is_one_and_nothing_else_changes_its_method(world: World) -> None:
    owner = world.staff(world.acme, "owner")
    meant = {**owner, "X-HTTP-Method-Override": "patch"}
    changed = world.client.post("/api/v1/policy", json={"answer_within_hours": 30}, headers=meant)
    assert changed.status_code == 200, changed.json
    deletes = {**owner, "X-HTTP-Method-Override": "DELETE"}
    assert world.client.post("/api/v1/sessions", json={}, headers=deletes).status_code == 422
    assert world.client.get("/api/v1/policy", headers=meant).status_code == 200
