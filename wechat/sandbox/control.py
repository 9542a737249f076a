"""Our side of the stand-in: registering apps, acting as people, reading inboxes, scripting faults."""

from __future__ import annotations

import secrets
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any, NoReturn

import requests
from flask import Blueprint, Response, abort, jsonify, request

from wechat.sandbox import rules
from wechat.sandbox.faults import Fault, Faults, meet
from wechat.sandbox.mail import MailServer
from wechat.sandbox.push import Pusher, signature
from wechat.sandbox.state import App, Person, SandboxState
from wechat.sandbox.tokens import TokenIssuer

TEMPLATES_PER_POPUP = 5


class ControlApi:
    """The ``/sandbox`` routes over one state."""

    def __init__(
        self,
        state: SandboxState,
        tokens: TokenIssuer,
        faults: Faults,
        pusher: Pusher,
        sms_token: str,
        *,
        mails: MailServer | None = None,
    ) -> None:
        self._state, self._tokens, self._faults, self._pusher = state, tokens, faults, pusher
        self._sms_token, self._mails = sms_token, mails

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("control", __name__, url_prefix="/sandbox")
        for rule, method, view in (
            ("/health", "GET", self.health),
            ("/apps", "POST", self.put_app),
            ("/apps", "GET", self.list_apps),
            ("/apps/<app_id>/verify", "POST", self.verify_callback),
            ("/apps/<app_id>/calls", "GET", self.calls),
            ("/apps/<app_id>/tokens/revoke", "POST", self.revoke_tokens),
            ("/people", "POST", self.put_person),
            ("/people", "GET", self.list_people),
            ("/people/<person_id>/login", "POST", self.login),
            ("/people/<person_id>/phone-code", "POST", self.phone_code),
            ("/people/<person_id>/subscriptions", "POST", self.subscribe),
            ("/people/<person_id>/subscriptions", "GET", self.subscriptions),
            ("/people/<person_id>/unsubscribe", "POST", self.unsubscribe),
            ("/people/<person_id>/inbox", "GET", self.inbox),
            ("/inboxes", "GET", self.inboxes),
            ("/messages", "GET", self.messages),
            ("/sms", "POST", self.sms),
            ("/events", "GET", self.events),
            ("/faults", "POST", self.add_fault),
            ("/faults", "GET", self.list_faults),
            ("/faults", "DELETE", self.clear_faults),
            ("/reset", "POST", self.reset),
        ):
            routes.add_url_rule(rule, f"{view.__name__}", view, methods=[method])
        routes.after_request(_readable)
        return routes

    # --- Apps ---

    def health(self) -> Response:
        """Ready to serve; where mail is taken."""
        port = self._mails.port if self._mails else None
        return jsonify(ok=True, tokens_issued=self._tokens.issued, mail_port=port)

    def put_app(self) -> tuple[Response, int]:
        """Register an app, or replace its registration."""
        body = _body("app_id", "secret")
        templates = {}
        for template in body.pop("templates", []):
            bad = [name for name in template.get("fields", {}) if rules.type_of(name) is None]
            if bad or not template.get("template_id"):
                _refuse(f"template {template.get('template_id')}: bad fields {bad}")
            templates[template["template_id"]] = {
                "title": template.get("title", ""),
                "fields": dict(template["fields"]),
            }
        known = {field.name for field in fields(App)}
        unknown = set(body) - known
        if unknown:
            _refuse(f"unknown members {sorted(unknown)}")
        app = App(**body, templates=templates)
        if app.callback_url and (len(app.encoding_aes_key) != 43 or not app.token):
            _refuse("a callback_url needs a token and an encoding_aes_key of 43 characters")
        self._state.put_app(app)
        return jsonify(app_id=app.app_id, templates=sorted(templates)), 201

    def list_apps(self) -> Response:
        """Every app, without its secrets."""
        hidden = ("secret", "token", "encoding_aes_key")
        return jsonify(
            [{k: v for k, v in asdict(app).items() if k not in hidden} for app in self._state.apps.values()]
        )

    def verify_callback(self, app_id: str) -> Response:
        """Do what the WeChat console does on saving a callback URL: GET it and compare the echo."""
        app = self._app(app_id)
        echo, timestamp, nonce = secrets.token_hex(8), str(int(datetime.now(UTC).timestamp())), "sandbox"
        query = {"echostr": echo, "timestamp": timestamp, "nonce": nonce}
        query["signature"] = signature(app.token, timestamp, nonce)
        try:
            answer = requests.get(app.callback_url, params=query, timeout=5, allow_redirects=False)
        except requests.RequestException:
            return jsonify(ok=False, detail="no answer")
        return jsonify(ok=answer.status_code == 200 and answer.text == echo, detail=str(answer.status_code))

    def calls(self, app_id: str) -> Response:
        """How often the app called each operation, refused and faulted calls included."""
        with self._state.lock:
            return jsonify({op: n for (of, op), n in self._state.calls.items() if of == app_id})

    def revoke_tokens(self, app_id: str) -> Response:
        """Refuse every access token of the app from now on."""
        return jsonify(revoked=self._tokens.revoke(app_id))

    # --- People ---

    def put_person(self) -> tuple[Response, int]:
        """A person with a name and phone, perhaps an e-mail address; the same phone is the same person."""
        body = _body("name", "phone")
        person, made = self._state.put_person(
            str(body["name"]), str(body["phone"]), str(body.get("email", ""))
        )
        return jsonify(self._described(person)), 201 if made else 200

    def list_people(self) -> Response:
        """Everybody."""
        with self._state.lock:
            return jsonify([self._described(person) for person in self._state.people.values()])

    def login(self, person_id: str) -> Response:
        """What ``wx.login`` gives."""
        return jsonify(code=self._new_code("login", person_id))

    def phone_code(self, person_id: str) -> Response:
        """What the ``getPhoneNumber`` button gives."""
        return jsonify(code=self._new_code("phone", person_id))

    def _new_code(self, kind: str, person_id: str) -> str:
        app = self._app(_body("app_id")["app_id"])
        return self._state.new_code(kind, app.app_id, self._person(person_id).id)

    def subscribe(self, person_id: str) -> tuple[Response, int]:
        """What ``wx.requestSubscribeMessage`` gives; consents are counted and the popup event is pushed."""
        body = _body("app_id", "template_ids", "accept")
        person, app = self._person(person_id), self._app(body["app_id"])
        wanted = body["template_ids"]
        if not isinstance(wanted, list) or not wanted:
            return _popup_error(10001, "TmplIds can't be empty")
        if len(wanted) > TEMPLATES_PER_POPUP:
            return _popup_error(20003, "Templates count out of max bounds")
        if any(template_id not in app.templates for template_id in wanted):
            return _popup_error(20001, "No template data return, verify the template id exist")
        result = {tid: self._answer(app, tid, body["accept"]) for tid in dict.fromkeys(wanted)}
        openid = person.openid(app.app_id)
        with self._state.lock:
            for template_id, status in result.items():
                if status == "accept":
                    self._state.change_consent(app.app_id, openid, template_id, 1)
                elif status == "ban":
                    self._state.banned.add((app.app_id, template_id))
        items = [
            {"TemplateId": template_id, "SubscribeStatusString": status, "PopupScene": "0"}
            for template_id, status in result.items()
            if status in ("accept", "reject")
        ]
        self._pusher.push(app, openid, "subscribe_msg_popup_event", items)
        return jsonify({"errMsg": "requestSubscribeMessage:ok", **result}), 200

    def _answer(self, app: App, template_id: str, accept: Any) -> str:
        if (app.app_id, template_id) in self._state.banned:
            return "ban"
        if isinstance(accept, dict):
            chosen = accept.get(template_id, "reject")
            if chosen not in ("accept", "reject", "ban", "filter"):
                _refuse(f"accept: {chosen} is not accept, reject, ban or filter")
            return str(chosen)
        return "accept" if accept is True else "reject"

    def subscriptions(self, person_id: str) -> Response:
        """How many sends each template of an app may still make."""
        app = self._app(request.args.get("app_id", ""))
        openid = self._person(person_id).openid(app.app_id)
        return jsonify({tid: self._state.consent(app.app_id, openid, tid) for tid in app.templates})

    def unsubscribe(self, person_id: str) -> Response:
        """Refuse templates in WeChat's settings: consents are gone and the change event is pushed."""
        body = _body("app_id", "template_ids")
        person, app = self._person(person_id), self._app(body["app_id"])
        openid = person.openid(app.app_id)
        for template_id in body["template_ids"]:
            left = self._state.consent(app.app_id, openid, template_id)
            self._state.change_consent(app.app_id, openid, template_id, -left)
        items = [{"TemplateId": t, "SubscribeStatusString": "reject"} for t in body["template_ids"]]
        self._pusher.push(app, openid, "subscribe_msg_change_event", items)
        return jsonify(ok=True)

    # --- Messages ---

    def inbox(self, person_id: str) -> Response:
        """A person's messages, oldest first."""
        return jsonify(self._state.inbox(self._person(person_id).id))

    def inboxes(self) -> Response:
        """Everybody with their latest messages, for the page; ``changes`` tells whether anything is new."""
        changes = self._state.changes
        if request.args.get("changes") == str(changes):
            return jsonify(changes=changes, people=None)
        with self._state.lock:
            people = [
                {**self._described(person), "messages": self._state.inbox(person.id)[-50:]}
                for person in self._state.people.values()
            ]
        newest = sorted(people, key=lambda p: p["messages"][-1]["received_at"] if p["messages"] else "")
        return jsonify(changes=changes, people=newest[::-1])

    def messages(self) -> Response:
        """Every message, or those of one openid, phone, template or channel."""
        wanted = {k: v for k, v in request.args.items() if k in ("openid", "phone", "template_id", "channel")}
        with self._state.lock:
            found = [m for m in self._state.messages if all(m.get(k) == v for k, v in wanted.items())]
        return jsonify(found)

    def sms(self) -> Response:
        """The SMS gateway's stand-in. A scripted number is answered as an HTTP status."""
        if self._sms_token and request.headers.get("Authorization") != f"Bearer {self._sms_token}":
            return _problem(401, "not authorised")
        body = _body("phone", "body", "reference")

        def deliver() -> Response:
            person, _ = self._state.put_person("", str(body["phone"]))
            message_id = secrets.token_hex(8)
            message = {"id": message_id, "channel": "sms", "phone": person.phone, "message_id": message_id}
            message |= {"body": str(body["body"]), "reference": str(body["reference"])}
            message["received_at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._state.add_message(person.id, message)
            return jsonify(message_id=message_id)

        fault = self._faults.take("sms", "", "")
        if fault is not None and isinstance(fault.fault, int):
            return _problem(fault.fault if 400 <= fault.fault < 600 else 503, "scripted")
        return meet(fault, deliver)

    # --- Faults and events ---

    def events(self) -> Response:
        """Every event pushed, with attempts and outcome."""
        return jsonify([delivery.described() for delivery in self._pusher.log])

    def add_fault(self) -> tuple[Response, int]:
        """Script a fault."""
        body = _body("operation", "fault")
        known = {field.name for field in fields(Fault)}
        try:
            self._faults.add(Fault(**{k: v for k, v in body.items() if k in known}))
        except (ValueError, TypeError) as error:
            _refuse(str(error))
        return jsonify(self._faults.listed()), 201

    def list_faults(self) -> Response:
        """The script that is left."""
        return jsonify(self._faults.listed())

    def clear_faults(self) -> Response:
        """Drop the script."""
        self._faults.clear()
        return jsonify([])

    def reset(self) -> Response:
        """Forget everything."""
        self._state.clear()
        self._tokens.clear()
        self._faults.clear()
        self._pusher.clear()
        return jsonify(ok=True)

    # --- Helpers ---

    def _described(self, person: Person) -> dict[str, Any]:
        openids = {app_id: person.openid(app_id) for app_id in self._state.apps}
        return {**asdict(person), "openids": openids}

    def _person(self, person_id: str) -> Person:
        person = self._state.people.get(person_id)
        return person if person is not None else abort(404)

    def _app(self, app_id: str) -> App:
        app = self._state.apps.get(app_id)
        return app if app is not None else abort(404)


def _readable(response: Response) -> Response:
    """A page of the product, served from another port, acts as a person's WeChat: its browser must let it read."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _body(*required: str) -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    missing = [name for name in required if not isinstance(body, dict) or name not in body]
    if not isinstance(body, dict) or missing:
        _refuse(f"missing {', '.join(missing)}")
    return body


def _problem(status: int, detail: str) -> Response:
    response = jsonify(error=detail)
    response.status_code = status
    return response


def _refuse(detail: str) -> NoReturn:
    abort(_problem(400, detail))


def _popup_error(code: int, message: str) -> tuple[Response, int]:
    return jsonify(errCode=code, errMsg=f"requestSubscribeMessage:fail {message}"), 400
