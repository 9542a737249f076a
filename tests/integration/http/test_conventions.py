"""What every route has in common: guards, problems, pages of a list, idempotency, documentation."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import request

from app.core.catalogue import text
from app.core.errors import RetryableError
from app.factory import create_app
from app.http.callers import allow
from tests.factories import RUBRIC, World, ok, refused

POSITION = {"title": "销售代表", "rubric": RUBRIC}

# Answers that hold a list and are no pages, because what they list is bounded by something else.
WHOLE_LISTS = {
    "/api/v1/wechat/staff/companies": "the companies that one person works for",
    "/api/v1/drafts/templates": "the templates that come with the product",
    "/api/v1/candidate/consents": "what one person said about three modalities of one interview",
    "/api/v1/candidate/data": "one person's copy of everything, as one file",
    "/api/v1/candidate/faq": "thirty questions of the company at most, and the product's",
    "/api/v1/candidate/interview": "the questions of one rubric",
    "/api/v1/candidate/invitation": "the two reminders of one invitation",
    "/api/v1/candidate/invitations": "one person's invitations of one company",
    "/api/v1/candidate/report": "the parts of one report",
    "/api/v1/candidate/subscriptions": "the kinds of messages",
    "/api/v1/candidate/survey": "the questions of one survey",
    "/api/v1/candidate/thread": "one thread, of 500 posts at most",
    "/api/v1/faq": "thirty questions at most",
    "/api/v1/interviews/{interview_id}/appeal": "the few of one company who may review instead",
    "/api/v1/health": "the models and parts of one installation",
    "/api/v1/positions/{position_id}/members": "the colleagues of one position",
    "/api/v1/interviews/{interview_id}": "the questions of one rubric",
    "/api/v1/interviews/{interview_id}/decision-sheet": "what is missing of the answers of one interview",
    "/api/v1/interviews/{interview_id}/receipt": "the parts of one receipt",
    "/api/v1/interviews/{interview_id}/report": "the parts of one report",
    "/api/v1/interviews/{interview_id}/score-diff": "the competencies of two versions of one rubric",
    "/api/v1/interviews/{interview_id}/comments": "five hundred remarks at most",
    "/api/v1/interviews/{interview_id}/opinions": "fifty shares at most",
    "/api/v1/interviews/{interview_id}/reviews": "one review of each person, a hundred versions at most",
    "/api/v1/invitations/{invitation_id}/help": "six kinds of help, the questions of one rubric",
    "/api/v1/invitations/{invitation_id}/thread": "one thread, of 500 posts at most",
    "/api/v1/messages/{message_id}": "the attempts of one message",
    "/api/v1/shared": "the questions of one rubric",
    "/api/v1/shared/report": "the parts of one report",
    "/api/v1/survey/summary": "the questions of one survey",
    "/api/v1/wechat/me/invitations": "the companies that invited one person, each read on its own",
}


def test_every_route_says_who_may_call_it(world: World) -> None:
    open_endpoints = world.app.config["OPEN_ENDPOINTS"]
    unguarded = [
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint not in open_endpoints
        and not getattr(world.app.view_functions[rule.endpoint], "allowed_roles", ())
    ]
    assert unguarded == []


def test_a_route_without_a_guard_answers_nobody(world: World) -> None:
    world.app._got_first_request = False
    world.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    refused(world.client.get("/forgotten"), 403, "role_not_allowed")


@pytest.mark.parametrize("path", ["/api/v1/positions", "/api/v1/users", "/api/v1/candidate/interview"])
def test_without_a_credential_a_guarded_route_is_closed(world: World, path: str) -> None:
    refused(world.client.get(path), 401, "not_authenticated")
    refused(world.client.get(path, headers={"Authorization": "Bearer nonsense"}), 401, "not_authenticated")


def test_a_role_reaches_only_what_is_its(world: World) -> None:
    interviewer = world.staff(world.acme, "interviewer")
    ok(world.client.get("/api/v1/positions", headers=interviewer))
    refused(
        world.client.post("/api/v1/positions", json=POSITION, headers=interviewer), 403, "role_not_allowed"
    )
    refused(world.client.get("/api/v1/positions", headers=world.operator()), 403, "role_not_allowed")


def test_another_tenants_id_is_not_found(world: World) -> None:
    theirs = world.add_position(world.acme)
    headers = world.staff(world.globex, "recruiter")
    refused(world.client.get(f"/api/v1/positions/{theirs}", headers=headers), 404, "position_unknown")


def test_problems_speak_the_callers_language(world: World) -> None:
    chinese = refused(world.client.get("/api/v1/positions"), 401, "not_authenticated")
    english = world.client.get("/api/v1/positions", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert chinese["title"] == "请先登录"
    assert refused(english, 401, "not_authenticated")["title"] == "Please sign in"
    assert english.headers["Content-Language"] == "en"
    assert (
        refused(world.client.get("/api/v1/positions?lang=en"), 401, "not_authenticated")["title"]
        == "Please sign in"
    )


def test_invalid_input_names_its_fields(world: World) -> None:
    headers = world.staff(world.acme, "recruiter")
    rubric = {**RUBRIC, "competencies": [{**RUBRIC["competencies"][0], "weight": 9999}]}
    answer = world.client.post("/api/v1/positions", json={"title": "", "rubric": rubric}, headers=headers)
    fields = {error["field"] for error in refused(answer, 422, "invalid_input")["errors"]}
    assert "json.title" in fields
    assert any("rubric" in name for name in fields)


def test_what_lies_outside_and_is_away_is_said_with_a_time_to_try_again(world: World) -> None:
    def away() -> str:
        raise RetryableError(request.args["reason"], after_seconds=7)

    world.app._got_first_request = False
    world.app.add_url_rule("/away", "away", allow("public")(away))
    known = world.client.get("/away?reason=storage_failed&lang=en")
    assert refused(known, 503, "storage_failed")["title"] == "Storage away"
    assert known.headers["Retry-After"] == "7"
    unknown = refused(world.client.get("/away?reason=unheard_of&lang=en"), 503, "unheard_of")
    assert unknown["title"] == "Temporarily unavailable"


def test_unknown_paths_methods_and_bodies_are_problems(world: World) -> None:
    headers = world.staff(world.acme, "recruiter")
    refused(world.client.get("/api/v1/nowhere"), 404, "not_found")
    page = world.client.get("/hr/nowhere?lang=en")
    assert page.status_code == 404 and page.content_type.startswith("text/html")
    assert 'href="/hr/"' in page.text and page.headers["Cache-Control"] == "no-store"
    refused(world.client.delete("/api/v1/positions", headers=headers), 405, "method_not_allowed")
    broken = world.client.post(
        "/api/v1/positions", data=b"{not json", content_type="application/json", headers=headers
    )
    assert broken.status_code in {400, 422}
    assert broken.content_type == "application/problem+json"


def test_lists_are_paged_by_opaque_cursors(world: World) -> None:
    headers = world.staff(world.acme, "recruiter")
    made = [world.add_position(world.acme, title=f"岗位 {n}") for n in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = ok(world.client.get(f"/api/v1/positions?limit=2{cursor}", headers=headers))
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]
    refused(world.client.get("/api/v1/positions?cursor=zzz", headers=headers), 422, "cursor_invalid")
    refused(world.client.get("/api/v1/positions?limit=1000", headers=headers), 422, "invalid_input")


def test_a_repeated_post_gives_the_first_answer(either_world: World) -> None:
    world = either_world
    headers = world.staff(world.acme, "recruiter") | {"Idempotency-Key": "first"}
    first = world.client.post("/api/v1/positions", json=POSITION, headers=headers)
    again = world.client.post("/api/v1/positions", json=POSITION, headers=headers)
    assert ok(again, 201) == ok(first, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(ok(world.client.get("/api/v1/positions", headers=headers))["items"]) == 1
    other = world.client.post("/api/v1/positions", json={**POSITION, "title": "别的"}, headers=headers)
    refused(other, 422, "idempotency_key_reused")


def test_a_creating_post_may_be_repeated(world: World) -> None:
    """Either it honours Idempotency-Key, or it says to whoever reads the API why it needs none."""
    paths = ok(world.client.get("/openapi.json"))["paths"]
    creating = {
        path: item["post"]
        for path, item in paths.items()
        if "201" in item.get("post", {}).get("responses", {})
    }
    takes_a_key = {
        path
        for path, operation in creating.items()
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
    }
    explained = {path for path, operation in creating.items() if operation.get("x-repeatable")}
    assert {"/api/v1/positions", "/api/v1/candidates", "/api/v1/invitations"} <= takes_a_key
    assert not takes_a_key & explained
    assert takes_a_key | explained == set(creating)


def test_every_list_is_paged(world: World) -> None:
    spec = ok(world.client.get("/openapi.json"))

    def properties(schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return dict(schema.get("properties", {}))

    whole = set()
    for path, item in spec["paths"].items():
        content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        shown = properties(content.get("application/json", {}).get("schema", {}))
        if not any(member.get("type") == "array" for member in shown.values()):
            continue
        asked = {parameter["name"] for parameter in item["get"].get("parameters", [])}
        if not ({"items", "next_cursor"} <= set(shown) and {"limit", "cursor"} <= asked):
            whole.add(path)
    assert whole == set(WHOLE_LISTS)


def test_a_failed_post_leaves_its_key_unused(world: World) -> None:
    headers = world.staff(world.acme, "recruiter") | {"Idempotency-Key": "mended"}
    refused(world.client.post("/api/v1/positions", json={"title": ""}, headers=headers), 422, "invalid_input")
    ok(world.client.post("/api/v1/positions", json=POSITION, headers=headers), 201)


def test_two_equal_posts_at_once_create_one(either_world: World) -> None:
    world = either_world
    headers = world.staff(world.acme, "recruiter") | {"Idempotency-Key": "at once"}
    answers: list[Any] = []
    barrier = threading.Barrier(4)

    def post() -> None:
        barrier.wait()
        answers.append(world.client.post("/api/v1/positions", json=POSITION, headers=headers))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = {answer.status_code for answer in answers}
    assert codes <= {201, 409}, [answer.json for answer in answers]
    assert 201 in codes
    assert len(ok(world.client.get("/api/v1/positions", headers=headers))["items"]) == 1


def test_the_api_describes_itself(world: World) -> None:
    spec = ok(world.client.get("/openapi.json"))
    assert spec["openapi"].startswith("3.1")
    create = spec["paths"]["/api/v1/positions"]["post"]
    assert create["x-allowed-roles"] == ["owner", "recruiter"]
    assert create["security"] == [{"bearer": []}]
    assert any(parameter["name"] == "Idempotency-Key" for parameter in create["parameters"])
    described = {(path, method) for path, item in spec["paths"].items() for method in item}
    for rule in world.app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1") and "<path:" not in rule.rule:
            path = "/".join(
                "{" + part.split(":")[-1].strip("<>") + "}" if part.startswith("<") else part
                for part in rule.rule.split("/")
            )
            for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                assert (path, method.lower()) in described, (path, method)


def test_the_documentation_says_that_the_sample_models_serve(world: World) -> None:
    notice = text("en", "analysis.sample_model_notice")
    assert notice in ok(world.client.get("/openapi.json"))["info"]["description"]
    real = world.app.extensions["settings"].model_copy(update={"speech_model": "paraformer-zh"})
    assert notice not in ok(create_app(real).test_client().get("/openapi.json"))["info"]["description"]


def test_the_documentation_needs_no_other_host(world: World) -> None:
    page = world.client.get("/docs").get_data(as_text=True)
    assert "//" not in page.replace("<!doctype", "")
    assert world.client.get("/docs/assets/js/swagger-ui-bundle.js").status_code == 200
    assert world.client.get("/docs/assets/../../../../etc/passwd").status_code == 404


def test_rate_limits_answer_in_words_and_headers(world: World) -> None:
    body = {"company": "acme", "email": "nobody@acme.example", "password": "wrong password"}
    answers = [world.client.post("/api/v1/sessions", json=body) for _ in range(15)]
    assert answers[0].status_code == 401
    refused(answers[-1], 429, "too_many_requests")
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v1/interviews/李明", "interview_unknown"),
        ("GET", "/api/v1/candidates/é", "candidate_unknown"),
        ("POST", "/api/v1/segments/李/playback-tickets", "segment_unknown"),
        ("GET", "/api/v1/messages/😀", "message_unknown"),
    ],
)
def test_an_id_in_another_script_is_unknown(either_world: World, method: str, path: str, code: str) -> None:
    headers = either_world.staff(either_world.acme, "recruiter")
    refused(either_world.client.open(path, method=method, headers=headers), 404, code)


def test_names_in_another_script_find_nothing(either_world: World) -> None:
    """A company's Chinese name typed where its code belongs, and the like."""
    client, headers = either_world.client, either_world.staff(either_world.acme, "recruiter")
    body = {"company": "微面", "email": "owner@acme.example", "password": "correct horse battery"}
    refused(client.post("/api/v1/sessions", json=body), 401, "sign_in_refused")
    visit = {"app_id": "微信", "code": "x"}
    refused(client.post("/api/v1/wechat/sessions", json=visit), 404, "wechat_app_unknown")
    assert ok(client.get("/api/v1/messages?candidate_id=李", headers=headers))["items"] == []
