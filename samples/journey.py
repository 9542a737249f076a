"""The main job, step by step, through public doors only: the API and the sandbox phone.

``bin/demo`` walks it once with narration, the tests walk it on every database with disturbances. Whatever a step
returns or keeps was read back from the server or the phone; nothing is assumed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from samples.client import CHUNK_BYTES, Api, ApiError, Phone, Upload, register_sandbox_app, wait_for

SAMPLES = Path(__file__).resolve().parent
RECORDINGS = SAMPLES / "recordings"
COMPANIES = SAMPLES / "companies"
PASSWORD = "demo-password-please-change"  # noqa: S105 (the demo's, printed on screen)
PAGE = "pages/invitation/index"
CONSENT_MODALITIES = ("recording", "voice", "face")


def load_company(name: str = "sunrise") -> dict[str, Any]:
    """A sample company: people, position, answers, decision."""
    return json.loads((COMPANIES / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class MiniProgram:
    """A mini-program of the sandbox. The key is base64 without padding, 43 characters, as WeChat wants it."""

    app_id: str
    name: str
    secret: str = "sandbox-secret"  # noqa: S105 (the sandbox's)
    token: str = "sandbox-push-token"  # noqa: S105
    encoding_aes_key: str = "c2FuZGJveC1wdXNoLWtleS1vZi0zMi1ieXRlcyEhISE"


@dataclass
class Places:
    """Where the product and the sandbox answer, and the operator's credentials."""

    api_url: str
    sandbox_url: str
    operator_email: str
    operator_password: str


class Platform:
    """The operator's part: mini-programs, templates and companies."""

    def __init__(self, places: Places) -> None:
        self.places = places
        answer = Api(places.api_url).post(
            "/operator/sessions", {"email": places.operator_email, "password": places.operator_password}
        )
        self.api = Api(places.api_url, answer["access_token"])

    def register(self, program: MiniProgram, *, tenant_id: str | None = None) -> None:
        """Register a mini-program and its templates with the product and with the sandbox."""
        templates = json.loads((SAMPLES / "templates.json").read_text(encoding="utf-8"))
        self.api.put(
            f"/operator/wechat-apps/{program.app_id}",
            {
                "secret": program.secret,
                "name": program.name,
                "tenant_id": tenant_id,
                "push_token": program.token,
                "push_aes_key": program.encoding_aes_key,
            },
        )
        for template in templates:
            self.api.put(
                f"/operator/wechat-apps/{program.app_id}/templates/{template['purpose']}",
                {
                    "template_id": self._template_id(program, template["purpose"]),
                    "fields": template["mapping"],
                },
            )
        register_sandbox_app(
            self.places.sandbox_url,
            {
                "app_id": program.app_id,
                "name": program.name,
                "secret": program.secret,
                "callback_url": f"{self.places.api_url}/wechat/callbacks/{program.app_id}",
                "token": program.token,
                "encoding_aes_key": program.encoding_aes_key,
                "pages": [PAGE, "pages/report/index", "pages/survey/index"],
                "page_url_prefix": f"{self.places.api_url}/m/?person={{person}}#/",
                "templates": [
                    {
                        "template_id": self._template_id(program, template["purpose"]),
                        "title": template["title"],
                        "fields": template["fields"],
                    }
                    for template in templates
                ],
            },
        )

    def open_company(self, company: dict[str, Any], slug: str | None = None) -> tuple[str, str]:
        """Provision a tenant with its owner; (tenant id, slug)."""
        slug = slug or company["slug"]
        owner = {**company["owner"], "password": PASSWORD}
        body = {"slug": slug, "name": company["name"], "owner": owner, "policy": company["policy"]}
        return str(self.api.post("/operator/tenants", body)["id"]), slug

    @staticmethod
    def _template_id(program: MiniProgram, purpose: str) -> str:
        return f"{program.app_id}-{purpose.replace('_', '-')}"


def sign_in(places: Places, slug: str, email: str) -> Api:
    """A signed-in user of a company."""
    answer = Api(places.api_url).post("/sessions", {"company": slug, "email": email, "password": PASSWORD})
    return Api(places.api_url, answer["access_token"], refresh=answer["refresh_token"])


def open_recruiting(places: Places, company: dict[str, Any], slug: str) -> Api:
    """The owner signs in and makes a recruiter, who signs in."""
    owner = sign_in(places, slug, company["owner"]["email"])
    owner.post("/users", {**company["recruiter"], "role": "recruiter", "password": PASSWORD})
    return sign_in(places, slug, company["recruiter"]["email"])


@dataclass
class Journey:
    """One candidate's way through one interview. ``hr`` is a signed-in recruiter."""

    places: Places
    program: MiniProgram
    hr: Api
    company: dict[str, Any]
    candidate_profile: dict[str, Any]
    say: Callable[[str], None] = lambda _line: None
    seen: dict[str, Any] = field(default_factory=dict)
    phone: Phone = field(init=False)
    me: Api = field(init=False)

    # --- HR ---------------------------------------------------------------------------------------------------

    def create_position(self, rubric: dict[str, Any] | None = None) -> str:
        """A position with its weighted competencies and questions."""
        wanted = self.company["position"]
        body = {**wanted, "rubric": rubric or wanted["rubric"]}
        self.seen["position_id"] = str(self.hr.post("/positions", body)["id"])
        return str(self.seen["position_id"])

    def invite(self, position_id: str, window_ends_at: datetime) -> dict[str, Any]:
        """Add the candidate and invite them until ``window_ends_at``."""
        number = self.candidate_profile["phone"]
        name, email = self.candidate_profile["name"], self.candidate_profile.get("email", "")
        self.phone = Phone.of(self.places.sandbox_url, name, number, self.program.app_id, email)
        candidate = self.hr.post("/candidates", self.candidate_profile)
        invitation = self.hr.post(
            "/invitations",
            {
                "candidate_id": candidate["id"],
                "position_id": position_id,
                "window_starts_at": iso(datetime.now(UTC) - timedelta(minutes=1)),
                "window_ends_at": iso(window_ends_at),
                "materials": self.company["materials"],
            },
        )
        self.seen |= {"candidate_id": candidate["id"], "invitation": invitation}
        return invitation

    def reschedule(self, window_ends_at: datetime) -> None:
        """Move the end of the window; reminders move with it."""
        self.hr.patch(
            f"/invitations/{self.seen['invitation']['id']}", {"window_ends_at": iso(window_ends_at)}
        )

    # --- the candidate -----------------------------------------------------------------------------------------

    def open_link(self) -> None:
        """Read the invitation on the phone, log in with WeChat, prove the invited phone, become the candidate."""
        token = self.seen["invitation"]["token"]
        wait_for(
            "the invitation on the phone", lambda: [m for m in self.phone.inbox() if token in json.dumps(m)]
        )
        visitor = Api(self.places.api_url).post(
            "/wechat/sessions", {"app_id": self.program.app_id, "code": self.phone.login_code()}
        )
        api = Api(self.places.api_url, visitor["access_token"])
        self.seen["link"] = api.get(f"/invitation-links/{token}")
        before = len(self._codes())
        api.post(f"/invitation-links/{token}/codes")
        code = wait_for("the code on the phone", lambda: self._codes()[before:])[-1]
        session = api.post(f"/invitation-links/{token}/bindings", {"code": code})
        self.me = Api(self.places.api_url, session["access_token"])

    def _codes(self) -> list[str]:
        bodies = [m.get("body", "") for m in self.phone.inbox() if m["channel"] == "sms"]
        return [found for body in bodies for found in re.findall(r"(?<!\d)\d{6}(?!\d)", body)]

    def consent(self, modalities: tuple[str, ...] = CONSENT_MODALITIES) -> None:
        """Give or refuse each consent separately."""
        version = self.seen["link"]["privacy"]["text_version"]
        for modality in CONSENT_MODALITIES:
            granted = modality in modalities
            body = {"modality": modality, "granted": granted, "text_version": version}
            self.me.post("/candidate/consents", body)

    def subscribe(self, times: int = 1) -> int:
        """Tap "allow" for every template; how many messages WeChat may now send."""
        offered = self.me.get("/candidate/subscriptions")
        template_ids = [template["template_id"] for template in offered["templates"]]
        for attempt in range(times):
            results = self.phone.subscribe(template_ids)
            request_id = f"{self.seen['invitation']['id']}-{attempt}"
            self.me.put("/candidate/subscriptions", {"results": results, "request_id": request_id})

        def counted() -> int | None:
            left = self.me.get("/candidate/subscriptions")["remaining"]
            return sum(left.values()) if all(left[one] >= times for one in template_ids) else None

        return wait_for("the consents in the ledger", counted)

    def start(self) -> dict[str, Any]:
        """Begin the interview; its questions."""
        self.seen["interview"] = self.me.post("/candidate/interview")
        return self.seen["interview"]

    def answer(
        self,
        question_id: str,
        file: Path,
        *,
        medium: str | None = None,
        disturb: Callable[[], None] | None = None,
    ) -> str:
        """Record, upload and submit one answer. ``disturb`` happens in the middle, after a dropped connection."""
        medium = medium or ("voice" if file.suffix in {".m4a", ".mp3", ".wav", ".aac", ".amr"} else "video")
        take = self.me.post(f"/candidate/answers/{question_id}/takes", {"medium": medium})
        upload = Upload(self.me, file, take_id=take["id"])
        if disturb is not None:
            upload.send_and_drop(min(upload.length - 1, CHUNK_BYTES + CHUNK_BYTES // 3))
            disturb()
            self._survive(upload)
        upload.send()
        self.me.post(f"/candidate/takes/{take['id']}/submit")
        return str(take["id"])

    def _survive(self, upload: Upload) -> None:
        """Wait until the server answers again and say where the upload resumes."""

        def back() -> list[int] | None:
            try:
                return [upload.offset()]
            except (OSError, ApiError):
                return None

        offset = wait_for("the server after its restart", back)[0]
        self.say(f"  resumed at byte {offset} of {upload.length}")

    def write(self, question_id: str, text: str) -> str:
        """Answer in writing."""
        take = self.me.post(f"/candidate/answers/{question_id}/takes", {"medium": "text", "text": text})
        self.me.post(f"/candidate/takes/{take['id']}/submit")
        return str(take["id"])

    def finish(self) -> None:
        """All questions are answered."""
        self.me.post("/candidate/interview/finish")

    def answer_survey(self) -> dict[str, Any]:
        """Fill in the satisfaction survey and read it back."""
        survey = self.me.get("/candidate/survey")
        answers: dict[str, Any] = {}
        for question in survey["questions"]:
            first_choice = [option["key"] for option in question["options"] or []][-1:]
            given = {"scale": 5, "choice": first_choice, "text": "流程清楚，说明很细。"}
            answers[question["key"]] = given[question["kind"]]
        self.me.post("/candidate/survey", {"answers": answers})
        return self.me.get("/candidate/survey/response")

    # --- results -----------------------------------------------------------------------------------------------

    @property
    def interview_id(self) -> str:
        """The interview's id."""
        return str(self.seen["interview"]["id"])

    def await_report(self, seconds: float = 120) -> dict[str, Any]:
        """HR's report as soon as it is ready."""

        def ready() -> dict[str, Any] | None:
            try:
                return self.hr.get(f"/interviews/{self.interview_id}/report")
            except ApiError as error:
                if error.code != "report_not_ready":
                    raise
                return None

        return wait_for("the report", ready, seconds)

    def decide(self) -> dict[str, Any]:
        """A named person decides, with a reason; read back."""
        self.hr.post(f"/interviews/{self.interview_id}/decision", self.company["decision"])
        return self.hr.get(f"/interviews/{self.interview_id}/decision")

    def await_message(self, kind: str, seconds: float = 60) -> dict[str, Any]:
        """A message of this kind that left us: as HR sees it, once the phone has it too."""

        def sent() -> dict[str, Any] | None:
            found = [m for m in self.messages() if m["kind"] == kind and m["status"] in ("sent", "delivered")]
            return found[-1] if found else None

        return wait_for(f"the {kind} message", sent, seconds)

    def messages(self) -> list[dict[str, Any]]:
        """Every message of this invitation, as HR sees them."""
        return self.hr.get(f"/messages?invitation_id={self.seen['invitation']['id']}&limit=100")["items"]


def iso(moment: datetime) -> str:
    """UTC with offset."""
    return moment.astimezone(UTC).isoformat()


def character_error_rate(got: str, wanted: str) -> float:
    """Levenshtein distance of the spoken characters (no punctuation, no spaces) over the wanted length."""
    got, wanted = (re.sub(r"[\W_]+", "", words) for words in (got, wanted))
    row = list(range(len(wanted) + 1))
    for i, a in enumerate(got, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(wanted, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1] / max(1, len(wanted))


def check_sums(report: dict[str, Any]) -> None:
    """Every score is its baseline plus its contributions, exactly. AssertionError otherwise."""
    parts = 0
    for competency in report["competencies"]:
        if competency["points_hundredths"] is not None:
            made = competency["baseline_hundredths"] + sum(
                c["points_hundredths"] for c in competency["contributions"]
            )
            assert made == competency["points_hundredths"], competency
        parts += competency["to_total_hundredths"] or 0
    if report["total"]["points_hundredths"] is not None:
        assert parts == report["total"]["points_hundredths"], report["total"]
